/**
 * Brings all of an embedded store into an InfluxDB: series after series, page after page, each page confirmed before the
 * durable cursor moves on. Killed and started again it goes on where it was; a page written twice is there once. What of it
 * arrived is judged by `verify.ts`.
 */
import { randomUUID } from 'node:crypto'
import { PlumblineError } from '../../../domain/errors.ts'
import type { LatestReading, SeriesReader, SeriesWriter, StoredBlock, StoredGap } from '../../../domain/ports.ts'
import type { DeviceRecord, Identity } from '../../../domain/record.ts'
import { type Instant, instant } from '../../../domain/time.ts'
import { readFileIfThere, writeFileDurably } from '../../../runtime/atomic-file.ts'
import type { EmbeddedContents } from './embedded-contents.ts'
import { BEGINNING, blockPages, gapPages, type Page, readingPages } from './pages.ts'

export const CURSOR_FILE = 'migrate.json'
/** The identities of what is migrated: no edge node has this name (ids end neither in a dot nor hold one). */
const NODE = 'migrate.embedded'

export type MigrateOptions = {
  readonly folder: string
  /** Where to, in words; a cursor that went elsewhere is not continued. */
  readonly target: string
  readonly contents: EmbeddedContents
  readonly source: SeriesReader
  readonly writer: SeriesWriter
  /** Waits before the same page is tried again. */
  readonly pause: (ms: number) => Promise<void>
  readonly onProgress: (progress: Progress) => void
}
export type Progress = {
  readonly series: number
  readonly ofSeries: number
  readonly name: string
  /** Up to where in it. */
  readonly at: Instant | undefined
  readonly readings: number
  readonly blocks: number
  readonly gaps: number
  /** Why the last page is being tried again. */
  readonly waiting?: string
}
export type Migrated = Progress & { readonly quarantined: readonly string[] }

/** `series` are done; of the next, pages before `next`. */
type Cursor = { target: string; outbox: string; offset: number; series: number; next: string | null; counts: Counts }
type Counts = { readings: number; blocks: number; gaps: number; quarantined: number }
type Parts = { readings?: readonly LatestReading[]; blocks?: readonly StoredBlock[]; gaps?: readonly StoredGap[] }

const RETRIES = 60
const RETRY_MS = { first: 250, most: 10_000 }
const REASONS_MAX = 20

/** @throws PlumblineError STORE_UNAVAILABLE or INFLUX_CONFIG: it may be started again; USAGE: the cursor goes elsewhere. */
export async function migrate(options: MigrateOptions): Promise<Migrated> {
  const { contents, source, target, folder } = options
  const path = `${folder}/${CURSOR_FILE}`
  const cursor = await readCursor(path, target)
  const all: Array<{ name: string; pages: (from: Instant) => AsyncIterable<Page<unknown>>; parts: keyof Parts }> = [
    ...contents.channels().map((channel) => ({
      name: channel,
      pages: (from: Instant) => readingPages(source, channel, from),
      parts: 'readings' as const,
    })),
    ...contents.groups().map((group) => ({
      name: `${group.device}/${group.group}`,
      pages: (from: Instant) => blockPages(source, contents, group, from),
      parts: 'blocks' as const,
    })),
    { name: 'gaps', pages: (from) => gapPages(source, contents, from), parts: 'gaps' as const },
  ]
  const reasons: string[] = []
  const tell = (waiting?: string): Progress => {
    const name = all[cursor.series]?.name ?? 'all'
    const at = cursor.next === null ? undefined : instant(BigInt(cursor.next))
    const { readings, blocks, gaps } = cursor.counts
    const progress = { series: cursor.series, ofSeries: all.length, name, at, readings, blocks, gaps }
    options.onProgress(waiting === undefined ? progress : { ...progress, waiting })
    return progress
  }
  for (let one = all[cursor.series]; one !== undefined; one = all[cursor.series]) {
    for await (const page of one.pages(cursor.next === null ? BEGINNING : instant(BigInt(cursor.next)))) {
      const records = recordsOf(cursor, one.name, { [one.parts]: page.items })
      const refused = await appendPatiently(options, records, (why) => tell(why))
      reasons.push(...refused.slice(0, REASONS_MAX - reasons.length))
      cursor.counts.quarantined += refused.length
      cursor.counts[one.parts] += page.items.length
      cursor.offset += records.length
      cursor.next = String(page.next)
      await writeFileDurably(path, JSON.stringify(cursor))
      tell()
    }
    cursor.series++
    cursor.next = null
    await writeFileDurably(path, JSON.stringify(cursor))
  }
  return { ...tell(), quarantined: reasons }
}

async function readCursor(path: string, target: string): Promise<Cursor> {
  const text = (await readFileIfThere(path))?.toString('utf8')
  const counts = { readings: 0, blocks: 0, gaps: 0, quarantined: 0 }
  if (text === undefined) return { target, outbox: randomUUID(), offset: 1, series: 0, next: null, counts }
  let cursor: Cursor
  try {
    cursor = JSON.parse(text) as Cursor
  } catch (cause) {
    throw new PlumblineError('DATA_CORRUPT', `${path}: expected the cursor of a migration`, { cause })
  }
  if (cursor.target === target) return cursor
  throw new PlumblineError('USAGE', `${path} belongs to a migration to ${cursor.target}, not ${target}; move it away`)
}

/** One record of real and one of exercise data, with identities that are the same when the page is read again. */
function recordsOf({ outbox, offset }: Cursor, name: string, { readings, blocks, gaps }: Parts): DeviceRecord[] {
  const stream = blocks === undefined ? 'readings' : 'blocks'
  const identity = (i: number): Identity => ({ node: NODE, outbox, stream, offset: offset + i })
  const device = name.slice(0, name.indexOf('/') < 0 ? undefined : name.indexOf('/'))
  return [false, true].map((exercise, i) => {
    const own = <T extends { exercise: boolean }>(items: readonly T[] | undefined) =>
      (items ?? []).filter((item) => item.exercise === exercise).map(({ exercise: _, ...rest }) => rest)
    return {
      identity: identity(i),
      device,
      exercise,
      historical: true,
      readings: own(readings),
      blocks: own(blocks),
      gaps: own(gaps),
    }
  })
}

/** Why parts of it went to quarantine; a server that is away is waited for. */
async function appendPatiently(
  { writer, pause }: MigrateOptions,
  records: readonly DeviceRecord[],
  onWait: (why: string) => void,
): Promise<string[]> {
  for (let attempt = 1; ; attempt++)
    try {
      const outcomes = await writer.append(records)
      return outcomes.flatMap((outcome) => (outcome.kind === 'quarantined' ? [outcome.reason] : []))
    } catch (error) {
      const away = error instanceof PlumblineError && error.code === 'STORE_UNAVAILABLE'
      if (!away || attempt >= RETRIES) throw error
      onWait(error.message)
      await pause(Math.min(RETRY_MS.most, RETRY_MS.first * 2 ** Math.min(10, attempt - 1)))
    }
}
