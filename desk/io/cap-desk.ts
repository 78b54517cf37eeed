/**
 * Keeps the CAP messages: plans again whenever an alarm that makes them changed, and carries out what a person decides. Nothing
 * is shown before its entry is in the journal; while the journal is away nothing changes, and it is tried again.
 */
import type { AlarmJson, JournalEntryJson } from '../../domain/alarm.ts'
import type { CapJson } from '../../domain/api-desk.ts'
import type { Site } from '../../domain/channel.ts'
import type { Clock, Log } from '../../domain/ports.ts'
import { afterMs } from '../../runtime/clock.ts'
import type { NewEntry } from '../alarm.ts'
import { CapBook, type CapEntry, capJson, etagOf, isDraft, type Kept, messageOf } from '../cap/cap-book.ts'
import { nextRenewal, planOf, referencesOf, releaseOf, withdrawOf } from '../cap/cap-plan.ts'
import { targetOf } from '../cap/cap-target.ts'
import { capXml } from '../cap/cap-xml.ts'
import { conflict, HttpError, notFound, stale } from '../http-error.ts'
import type { AlarmDesk } from './alarm-desk.ts'
import type { Journal } from './journal.ts'
import { Turns } from './turns.ts'

/** Entries read at a start: three for each message that the book keeps, and as many again. */
const ENTRIES_READ = 12_000
const RETRY_MS = 5_000
const RENEWAL_LOOK_MS = 60_000
/** One plan makes the next one empty; more rounds than this are a bug of ours, not work. */
const ROUNDS_MAX = 20

export type CapDeskOptions = {
  readonly site: Site
  readonly clock: Clock
  readonly log: Log
  readonly alarms: () => AlarmDesk
}
export type Decision = { readonly id: string; readonly etag: string; readonly comment?: string; readonly by: string }

export class CapDesk {
  readonly book = new CapBook()
  readonly #o: CapDeskOptions
  /** Alarms that make messages, as they were met. */
  readonly #ids = new Set<string>()
  /** A person does not release what a plan is about to withdraw. */
  readonly #turns: Turns
  #planned = false
  #started = false
  #stopped = false
  #cancelRetry: (() => void) | undefined
  #cancelRenewal: (() => void) | undefined

  constructor(options: CapDeskOptions) {
    this.#o = options
    this.#turns = new Turns(options.clock)
  }

  async start(journal: Journal): Promise<void> {
    if (this.#o.site.file.cap === undefined) return
    for (const row of await journal.ofKind('cap', ENTRIES_READ)) this.book.apply(row as CapEntry)
    this.#started = true
    for (const alarm of this.#o.alarms().list()) this.alarm(alarm)
    this.#plan()
  }

  alarm({ id, limit_id }: Pick<AlarmJson, 'id' | 'limit_id'>): void {
    if (!this.#started || (!this.#ids.has(id) && targetOf(this.#o.site, limit_id) === undefined)) return
    this.#ids.add(id)
    this.#plan()
  }
  heard(entry: JournalEntryJson): void {
    if (entry.kind === 'cap') this.book.apply(entry as CapEntry)
  }

  list(): CapJson[] {
    return this.book.list().map((message) => this.#json(message))
  }
  xml(message: Kept): string {
    return capXml(messageOf(message, referencesOf(message, this.book)), this.#o.site.file.time_zone)
  }

  release(decision: Decision): Promise<CapJson> {
    return this.#decide(decision, (message, now) => {
      if (!isDraft(message)) throw conflict(`${message.id} is no draft any more`)
      return releaseOf(message, this.book, decision.by, now, decision.comment)
    })
  }

  withdraw(decision: Decision): Promise<CapJson> {
    return this.#decide(decision, (message, now) => {
      const { id, chain, withdrawn, released } = message
      if (withdrawn !== null) throw conflict(`${id} was withdrawn by ${withdrawn.by}`)
      const newest = this.book.standing(chain).at(-1)
      if (released !== null && newest === undefined) throw conflict(`${id} is cancelled or is a Cancel`)
      if (released !== null && newest?.id !== id) throw conflict(`${id} does not stand; ${newest?.id} does`)
      return withdrawOf(message, this.book, this.#o.site, decision.by, now, decision.comment)
    })
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancelRetry?.()
    this.#cancelRenewal?.()
    await this.#turns.last()
  }

  #json(message: Kept): CapJson {
    return capJson(message, referencesOf(message, this.book))
  }

  /** @throws HttpError 404, 409, 503 */
  #decide(
    { id, etag }: Decision,
    entriesOf: (message: Kept, now: ReturnType<Clock['now']>) => NewEntry[],
  ): Promise<CapJson> {
    const done = this.#turns.take(async () => {
      const message = this.book.get(id)
      if (message === undefined) throw notFound(`there is no CAP message ${id}`)
      if (etag !== etagOf(message)) throw stale(`${id} has changed since it was seen: look again`)
      const away = await this.#o.alarms().append(entriesOf(message, this.#o.clock.now()))
      if (away !== undefined)
        throw new HttpError(503, 'JOURNAL_UNAVAILABLE', `nothing was done, it cannot be journalled: ${away}`, 5)
      return this.#json(this.book.get(id)!)
    })
    done.then(() => this.#plan()).catch(() => {})
    return done
  }

  #plan(): void {
    if (this.#planned || this.#stopped) return
    this.#planned = true
    this.#turns
      .take(() => this.#carryOut())
      .catch((cause: Error) => this.#o.log.error('CAP messages could not be planned', { what: cause.message }))
  }

  async #carryOut(): Promise<void> {
    this.#planned = false
    const { site, clock, log } = this.#o
    const alarms = this.#o.alarms()
    for (let round = 0; round < ROUNDS_MAX; round++) {
      const now = [...this.#ids].flatMap((id) => alarms.book.json(id) ?? [])
      const entries = planOf({ alarms: now, book: this.book, site, now: clock.now() })
      if (entries.length === 0) return this.#awaitRenewal()
      const away = await alarms.append(entries)
      if (away === undefined) continue
      log.warn('CAP messages wait for the journal', { why: away })
      if (this.#stopped) return
      this.#cancelRetry?.()
      this.#cancelRetry = clock.at(afterMs(clock, RETRY_MS), () => this.#plan())
      return
    }
    log.error('CAP messages are planned again and again; they wait for the next alarm')
  }

  /** Looked at by the wall clock, which may be set: at least so often. One that is overdue waits for a person. */
  #awaitRenewal(): void {
    this.#cancelRenewal?.()
    this.#cancelRenewal = undefined
    const { clock } = this.#o
    const due = nextRenewal(this.book)
    if (due === undefined || this.#stopped) return
    const left_ms = Number(due - clock.now()) / 1e6
    const wait_ms = left_ms <= 0 ? RENEWAL_LOOK_MS : Math.min(left_ms, RENEWAL_LOOK_MS)
    this.#cancelRenewal = clock.at(afterMs(clock, Math.max(1, Math.ceil(wait_ms))), () => this.#plan())
  }
}
