/**
 * Tells people: what the book plans is rendered, journalled, then sent (`post.ts`), and what became of it journalled too. The
 * book is rebuilt from the journal at every start; a snapshot of it only saves the reading. What was on its way when the desk
 * ended is sent once more, marked. While the journal is away people are told all the same, and it is written down when it can be.
 */
import type { JournalEntryJson } from '../../domain/alarm.ts'
import type { DeliveryJson } from '../../domain/api-desk.ts'
import type { Site } from '../../domain/channel.ts'
import type { Clock, Log } from '../../domain/ports.ts'
import type { SiteNotices } from '../../domain/site-notices.ts'
import { instantToMs } from '../../domain/time.ts'
import { afterMs } from '../../runtime/clock.ts'
import type { NewEntry } from '../alarm.ts'
import { AnswerLinks } from '../telling/answer-links.ts'
import { deliveryEntry } from '../telling/delivery-entry.ts'
import { deliveryJson } from '../telling/delivery-json.ts'
import { type Delivery, isOpen, unansweredOf } from '../telling/incident.ts'
import type { KnownNow } from '../telling/message.ts'
import { entriesOf } from '../telling/planned.ts'
import type { Now } from '../telling/planner.ts'
import { TellingBook } from '../telling/telling-book.ts'
import type { AlarmDesk } from './alarm-desk.ts'
import type { Journal } from './journal.ts'
import { type Outcome, Post } from './post.ts'
import type { Senders } from './send/senders.ts'
import { SingleMessages } from './single-messages.ts'
import { TellingFile } from './telling-file.ts'

export type TellerOptions = {
  readonly site: Site
  readonly notices: SiteNotices
  /** The desk's own folder. */
  readonly folder: string
  readonly clock: Clock
  readonly log: Log
  readonly journal: Pick<Journal, 'entries'>
  readonly alarms: Pick<AlarmDesk, 'append' | 'add' | 'journalSeq'>
  readonly senders: Senders
  readonly known: KnownNow
}

/** A desk that ends again and again must not send the same message again and again. */
const REPEATS_MAX = 3
const LOOK_MS = 60_000
/** Plans carried out before messages are sent: one for each incident that there can be. */
const PLANS_MAX = 10_000

export class Teller {
  readonly book: TellingBook
  readonly links: AnswerLinks
  readonly #o: TellerOptions
  readonly #file: TellingFile
  readonly #began = { wall_ms: 0, mono: 0n }
  readonly #post: Post
  readonly #singles: SingleMessages
  /** Entries heard before they were durable. */
  readonly #early = new WeakSet<NewEntry>()
  #seq = 0
  #hash = ''
  #replayed = false
  /** All that may have been sent before is marked: nothing of it goes out unmarked. */
  #ready = false
  #working: Promise<void> | undefined
  #again = false
  #stopped = false
  #cancel: () => void = () => {}

  constructor(options: TellerOptions) {
    this.#o = options
    this.book = new TellingBook(options.site.file, options.notices)
    this.links = new AnswerLinks(options.notices, options.site.file.desk.public_url)
    this.#file = new TellingFile(options.folder, options.journal, options.log)
    this.#post = new Post({
      ...options,
      t: () => this.#t(),
      linkOf: (id) => this.links.linkOf(id),
      became: (delivery, what, detail) => this.#outcome(delivery, what, detail),
      next: () => this.#kick(),
    })
    this.#singles = new SingleMessages({
      ...options,
      append: (entry) => options.alarms.append([entry]),
      written: () => this.#kick(),
    })
  }

  /** Milliseconds of a clock that never steps; they began as those of the wall. */
  #t(): number {
    return this.#began.wall_ms + Number(this.#o.clock.monotonic() - this.#began.mono) / 1e6
  }
  #now(): Now {
    return { t: this.#t(), wall: this.#o.clock.now() }
  }

  async start(): Promise<void> {
    const { clock } = this.#o
    Object.assign(this.#began, { wall_ms: instantToMs(clock.now()), mono: clock.monotonic() })
    const last = await this.#file.restore(this.book, this.#began.wall_ms)
    this.#seq = last.seq
    this.#hash = last.hash
    this.#replayed = true
    // A desk that is killed again soon must not read all of it once more.
    if (last.long) await this.#save(true)
    for (const delivery of this.book.open()) await this.#maybeSent(delivery)
    this.#ready = true
    this.#kick()
  }

  #save(now = false): Promise<void> {
    const wall = this.#o.clock.now()
    return this.#file.save(this.book, { seq: this.#seq, hash: this.#hash, t: this.#t(), wall }, now)
  }

  /** What it may have been when the desk ended nobody knows: it goes out once more and says so. */
  async #maybeSent(delivery: Delivery): Promise<void> {
    if (delivery.repeats >= REPEATS_MAX) {
      await this.#outcome(delivery, 'failed', `given up: the desk ended ${REPEATS_MAX} times while it was on its way`)
      return
    }
    const link = delivery.answer_sha256 === undefined ? {} : this.links.renew(delivery.id, this.#o.clock.now())
    const { id, tries } = delivery
    const detail = 'the desk ended while it may have been on its way'
    await this.#write([deliveryEntry(delivery, { what: 'unknown', id, tries, detail, ...link }, this.#o.clock.now())])
  }

  /** Every entry of the journal, once it is durable. */
  heard(entry: JournalEntryJson): void {
    if (!this.#replayed) return
    this.#seq = entry.seq
    this.#hash = entry.hash
    this.book.apply(entry, this.#t())
    this.#kick()
  }

  /** Entries that cannot be written: people are told all the same. */
  heardEarly(entries: readonly NewEntry[]): void {
    for (const entry of entries) {
      if (this.#early.has(entry)) continue
      this.#early.add(entry)
      this.book.apply(entry, this.#t())
    }
    this.#kick()
  }

  #kick(): void {
    if (this.#stopped || !this.#ready) return
    this.#again = true
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined
      if (this.#again) this.#kick()
    })
  }

  async #work(): Promise<void> {
    const release = this.#o.clock.hold()
    try {
      while (this.#again && !this.#stopped) {
        this.#again = false
        await this.#planAll()
        await this.#skipAnswered()
        this.#post.sendDue(this.book.open())
      }
    } catch (cause) {
      this.#o.log.error('telling people stumbled; it is tried again', { cause })
    } finally {
      release()
    }
    this.#arm()
  }

  async #planAll(): Promise<void> {
    for (let count = 0; count < PLANS_MAX; count++) {
      const plan = this.book.plan(this.#now())
      if (plan === undefined) return
      const { site, notices, clock, known } = this.#o
      // Durable before anything is sent; in memory alone while the journal is away.
      await this.#move(entriesOf(plan, { site, notices, known, now: clock.now(), links: this.links }))
    }
  }

  #arm(): void {
    if (this.#stopped) return
    const now = this.#now()
    const next = Math.min(this.book.nextAt(now) ?? Number.POSITIVE_INFINITY, now.t + LOOK_MS, this.#post.nextAt)
    this.#cancel()
    this.#cancel = this.#o.clock.at(afterMs(this.#o.clock, Math.max(10, next - now.t)), () => {
      void this.#save()
      this.#kick()
    })
  }

  /** An entry that the journal had already is not heard: the book must move on by it all the same. */
  async #move(entries: readonly NewEntry[]): Promise<void> {
    await this.#write(entries)
    this.heardEarly(entries)
  }

  async #write(entries: readonly NewEntry[]): Promise<void> {
    const away = await this.#o.alarms.append(entries)
    if (away === undefined) return
    this.heardEarly(entries)
    this.#o.alarms.add(entries)
  }

  /** What somebody has answered meanwhile need not reach anybody else. */
  async #skipAnswered(): Promise<void> {
    for (const delivery of this.book.open()) {
      const { incident: of, action, id } = delivery
      if (of === null || action === 'returned' || this.#post.has(id)) continue
      const incident = this.book.incident(of)
      if (incident !== undefined && unansweredOf(incident).length > 0) continue
      await this.#outcome(delivery, 'skipped', 'answered before it could be sent')
    }
  }

  async #outcome(delivery: Delivery, what: Outcome, detail: string): Promise<void> {
    const { id } = delivery
    const tries = this.#post.triesOf(delivery)
    await this.#write([deliveryEntry(delivery, { what, id, tries, detail }, this.#o.clock.now())])
    if (what === 'retrying') return
    this.#post.forget(id)
    this.links.forget(id)
    const known = this.book.delivery(id)
    if (known !== undefined) this.#singles.became(known)
  }

  /** A message on one channel, now; resolves with what became of it. */
  test(contactId: string, channelId: string, by: string): Promise<DeliveryJson> {
    return this.#singles.test(contactId, channelId, by)
  }
  /** @throws HttpError 503 where it cannot be journalled; nothing was sent then */
  deliver(...of: Parameters<SingleMessages['deliver']>): Promise<DeliveryJson> {
    return this.#singles.deliver(...of)
  }

  /** Journals that the link of a delivery was used. */
  async answered(delivery: Delivery, by: string): Promise<void> {
    const { id, tries } = delivery
    await this.#write([
      { ...deliveryEntry(delivery, { what: 'answered', id, tries, detail: by }, this.#o.clock.now()), actor: by },
    ])
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancel()
    await this.#post.stop(this.#working)
    if (this.#replayed) await this.#save(true)
  }

  list(): DeliveryJson[] {
    return [...this.book.deliveries()].map(deliveryJson).reverse()
  }

  get open(): number {
    let open = 0
    for (const delivery of this.book.deliveries()) if (isOpen(delivery)) open++
    return open
  }
}
