/**
 * What stands in quarantine, read back: a reading, a block or a gap that could not be stored, or a message that could not be
 * read. Only the former can be tried again; the latter says what came, for a person to judge.
 */
import { PlumblineError } from '../domain/errors.ts'
import type { Block, Gap, Reading } from '../domain/reading.ts'
import type { SeriesKind } from '../domain/series.ts'
import { blockRefusal, gapRefusal, readingRefusal } from './check.ts'
import { SERIES_KINDS } from './files.ts'
import { axesOf } from './packed.ts'

export type DeadLetter = {
  /** `real-7`, `exercise-7`: the file and the row. */
  readonly id: string
  readonly node: string
  readonly outbox: string
  readonly stream: string
  readonly offset: number
  readonly device: string
  readonly reason: string
  /** JSON, as it was put aside. */
  readonly body: string
}
export type Retried = { readonly stored: true } | { readonly why: string }

/** The quarantine of a store, for a person. Ingest must not run where they are tried again: only one process writes a store. */
export interface DeadLetters {
  /** Up to `limit`, in order, after the one named. */
  list(limit: number, after?: string): Promise<readonly DeadLetter[]>
  find(id: string): Promise<DeadLetter | undefined>
  /** Through the same checks as any record; only where they were opened for writing. */
  retry(id: string): Promise<Retried>
  /** Takes one away that a person has discarded and that is kept elsewhere (`io/discarded.ts`); only where opened for writing. */
  drop(id: string): Promise<void>
  close(): Promise<void>
}

/** What an id says: the database and the row. @throws PlumblineError USAGE */
export function placeOf(id: string): { kind: SeriesKind; row: number } {
  const [, name, row] = /^([a-z]+)-(\d{1,15})$/.exec(id) ?? []
  const kind = SERIES_KINDS.find((one) => one === name)
  if (kind === undefined)
    throw new PlumblineError('USAGE', `expected the id of a dead letter, e.g. ${SERIES_KINDS[0]}-7, got "${id}"`)
  return { kind, row: Number(row) }
}

export type Parts = { readonly readings: Reading[]; readonly blocks: Block[]; readonly gaps: Gap[] }
/** Why it cannot even be tried, or its parts. */
export type Readable = { readonly parts: Parts } | { readonly why: string }

const INTEGERS = ['t_ns', 't0_ns', 'half_width_ns', 'from_ns', 'to_ns']

/** Numbers that JSON cannot say stand as text: integers of 64 bits, and samples as base64. */
export function parseBody(body: string): unknown {
  return JSON.parse(body, (key, value: unknown) => {
    if (INTEGERS.includes(key) && typeof value === 'string' && /^-?\d+$/.test(value)) return BigInt(value)
    if (!isObject(value) || typeof value['base64'] !== 'string') return value
    const bytes = Uint8Array.from(Buffer.from(value['base64'], 'base64'))
    if (value['type'] === 'Int16Array') return new Int16Array(bytes.buffer, 0, bytes.length >> 1)
    return value['type'] === 'Int32Array' ? new Int32Array(bytes.buffer, 0, bytes.length >> 2) : bytes
  })
}

export function readable(body: string): Readable {
  let found: unknown
  try {
    found = parseBody(body)
  } catch (error) {
    return { why: `its body is no JSON: ${(error as Error).message}` }
  }
  const parts: Parts = { readings: [], blocks: [], gaps: [] }
  if (!isObject(found)) return { why: WIRE }
  const lists = ['readings', 'blocks', 'gaps'].map((name) => (found as Record<string, unknown>)[name])
  const items = lists.every(Array.isArray) ? lists.flat() : [found]
  for (const item of items) {
    const why = isObject(item) ? sorted(item, parts) : WIRE
    if (why !== undefined) return { why }
  }
  return { parts }
}
const WIRE = 'it is a message that breaks the layout of the wire: there is nothing in it that could be stored'

/** Puts a part where it belongs; why it still cannot be stored, or `undefined`. */
function sorted(item: Record<string, unknown>, parts: Parts): string | undefined {
  if ('t0_ns' in item) {
    const block = asBlock(item)
    parts.blocks.push(block)
    return refusalOf(() => blockRefusal(block))
  }
  if ('from_ns' in item) {
    parts.gaps.push(item as Gap)
    return refusalOf(() => gapRefusal(item as Gap))
  }
  if (!('t_ns' in item)) return WIRE
  parts.readings.push(item as Reading)
  return refusalOf(() => readingRefusal(item as Reading))
}

function refusalOf(check: () => string | undefined): string | undefined {
  try {
    return check()
  } catch (error) {
    return `it cannot be read: ${(error as Error).message}`
  }
}

/** A block that was packed for the database has all its samples in one run. */
function asBlock(item: Record<string, unknown>): Block {
  const { axes, samples, n, ...rest } = item
  if (typeof axes !== 'string' || !(samples instanceof Int16Array || samples instanceof Int32Array))
    return item as unknown as Block
  const length = Number(n)
  const cut = (place: number) => samples.slice(place * length, (place + 1) * length)
  return { ...rest, axes: axesOf(axes).map((axis, place) => ({ axis, samples: cut(place) })) } as unknown as Block
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value)
