/**
 * What must survive a restart and fits in a small file: acquisition's state, the newest record of each limit, whether the
 * last run stopped cleanly, and bdSeq. It is written after the outbox was synced, so it is never ahead of what is recorded.
 */
import { join } from 'node:path'
import type { ConditionRecord } from '../../domain/condition.ts'
import { PlumblineError } from '../../domain/errors.ts'
import type { Clock, Log } from '../../domain/ports.ts'
import { type Instant, instant } from '../../domain/time.ts'
import { readFileIfThere, writeFileDurably } from '../../runtime/atomic-file.ts'
import { afterMs } from '../../runtime/clock.ts'
import type { EdgeState } from '../ports.ts'
import { type Correct, restampCondition, restampJson } from '../restamp.ts'

const SAVE_MS = 500
const INSTANTS = ['at_ns', 'onset_ns', 'returned_ns'] as const

type ConditionJson = Omit<ConditionRecord, (typeof INSTANTS)[number]> & Record<(typeof INSTANTS)[number], string | null>
type Saved = {
  clean: boolean
  /** The outbox that `conditions_offset` belongs to. */
  outbox: string
  /** Of the stream `conditions`: everything up to it is in `conditions`. */
  conditions_offset: number
  conditions: Record<string, ConditionJson>
  values: Record<string, unknown>
}

export type StateOptions = {
  readonly folder: string
  readonly clock: Clock
  readonly log: Log
  readonly outbox: { readonly id: string; readonly isNew: boolean }
  /** Brings the outbox to stable storage. */
  readonly syncOutbox: () => Promise<void>
}

export class StateFile implements EdgeState {
  readonly #options: StateOptions
  readonly #path: string
  #values: Record<string, unknown> = {}
  #conditions = new Map<string, ConditionRecord>()
  #conditionsOffset = 0
  #wasClean = true
  #saving: Promise<void> | undefined
  #again = false
  #timer: (() => void) | undefined
  #failed = false
  #closed = false

  constructor(options: StateOptions) {
    this.#options = options
    this.#path = join(options.folder, 'state.json')
  }

  /** Reads what is there and clears the clean-stop mark durably. @throws PlumblineError DATA_* */
  async open(): Promise<void> {
    const { id, isNew } = this.#options.outbox
    const text = (await readFileIfThere(this.#path))?.toString()
    if (text !== undefined) this.#adopt(parseState(text, this.#path), id)
    // Only a node that never ran may start without a state.
    this.#wasClean = text === undefined ? isNew : this.#wasClean
    await this.#write(false)
  }

  #adopt(saved: Saved, outbox: string): void {
    this.#wasClean = saved.clean
    this.#values = saved.values
    this.#conditionsOffset = saved.outbox === outbox ? saved.conditions_offset : 0
    for (const [id, json] of Object.entries(saved.conditions)) this.#conditions.set(id, fromJson(json))
  }

  get cleanStart(): boolean {
    return this.#wasClean
  }
  get conditionsOffset(): number {
    return this.#conditionsOffset
  }
  get conditions(): readonly ConditionRecord[] {
    return [...this.#conditions.values()]
  }

  get(key: string): unknown {
    return this.#values[key]
  }

  set(key: string, value: unknown): void {
    if (this.#closed) return
    this.#values[key] = value
    const { clock } = this.#options
    this.#timer ??= clock.at(afterMs(clock, SAVE_MS), () => void this.save())
  }

  /** Instants from before the time was known, put right. */
  restamp(correct: Correct): void {
    const { clock: _, ...values } = this.#values
    this.#values = { ...this.#values, ...(restampJson(values, correct) as Record<string, unknown>) }
    for (const [id, record] of this.#conditions) this.#conditions.set(id, restampCondition(record, correct))
    void this.save()
  }

  /** A record of the stream `conditions`, at once. */
  condition(record: ConditionRecord, offset: number | undefined): void {
    if (this.#closed) return
    this.#conditions.set(record.limit_id, record)
    if (offset !== undefined) this.#conditionsOffset = Math.max(this.#conditionsOffset, offset)
    void this.save()
  }

  /** A save asked for while one is under way follows it. Failures are told once; the next save tries again. */
  save(): Promise<void> {
    this.#timer?.()
    this.#timer = undefined
    if (this.#saving !== undefined) this.#again = true
    this.#saving ??= this.#saveAll().finally(() => {
      this.#saving = undefined
    })
    return this.#saving
  }

  async #saveAll(): Promise<void> {
    do {
      this.#again = false
      try {
        await this.#write(false)
        this.#failed = false
      } catch (error) {
        if (!this.#failed) this.#options.log.error('state cannot be saved', { what: (error as Error).message })
        this.#failed = true
      }
    } while (this.#again)
  }

  /** The text is taken first, then the outbox is synced: what it says is recorded by then. */
  async #write(clean: boolean): Promise<void> {
    const text = this.#text(clean)
    const release = this.#options.clock.hold()
    try {
      await this.#options.syncOutbox()
      await writeFileDurably(this.#path, text, 0o600)
    } finally {
      release()
    }
  }

  #text(clean: boolean): string {
    const conditions = Object.fromEntries([...this.#conditions].map(([id, record]) => [id, toJson(record)]))
    const saved: Saved = {
      clean,
      outbox: this.#options.outbox.id,
      conditions_offset: this.#conditionsOffset,
      conditions,
      values: this.#values,
    }
    return `${JSON.stringify(saved, null, 1)}\n`
  }

  /** The last save, with the clean-stop mark. Nothing is taken after it. */
  async close(): Promise<void> {
    this.#closed = true
    this.#timer?.()
    this.#timer = undefined
    await this.#saving
    await this.#write(true)
  }
}

const toJson = (record: ConditionRecord): ConditionJson => {
  const text = (at: Instant | null) => (at === null ? null : String(at))
  return {
    ...record,
    at_ns: text(record.at_ns),
    onset_ns: text(record.onset_ns),
    returned_ns: text(record.returned_ns),
  }
}

const fromJson = (json: ConditionJson): ConditionRecord => {
  const at = (text: string | null) => (text === null ? null : instant(BigInt(text)))
  return {
    ...json,
    at_ns: at(json.at_ns) ?? instant(0n),
    onset_ns: at(json.onset_ns),
    returned_ns: at(json.returned_ns),
  }
}

/** The state holds the occurrence counters: going on without them would give numbers that the desk already knows. */
function parseState(text: string, path: string): Saved {
  try {
    const saved = JSON.parse(text) as Partial<Saved>
    const { clean, outbox, conditions, conditions_offset, values } = saved
    const sound = typeof clean === 'boolean' && typeof outbox === 'string' && Number.isSafeInteger(conditions_offset)
    if (sound && isRecord(conditions) && isRecord(values)) return saved as Saved
  } catch {
    // Told below.
  }
  throw new PlumblineError('DATA_CORRUPT', `${path}: expected the node's state as JSON, got ${text.slice(0, 80)}`)
}

const isRecord = (value: unknown): value is object => typeof value === 'object' && value !== null
