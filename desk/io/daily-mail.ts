/** Sends the daily mail once a local day to each who gets it, and journals that the head of the chain went out. */
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Site } from '../../domain/channel.ts'
import type { Clock, Log } from '../../domain/ports.ts'
import type { SiteNotices } from '../../domain/site-notices.ts'
import { afterMs } from '../../runtime/clock.ts'
import { dailyMessage, dueDay, type Standing } from '../telling/daily.ts'
import { contactsOf, kindOfChannel } from '../telling/recipients.ts'
import type { AlarmDesk } from './alarm-desk.ts'
import type { Journal } from './journal.ts'
import type { Teller } from './teller.ts'

export type DailyMailOptions = {
  readonly settings: NonNullable<SiteNotices['daily_mail']>
  readonly site: Site
  readonly notices: SiteNotices
  readonly clock: Clock
  readonly log: Log
  readonly teller: Teller
  readonly alarms: Pick<AlarmDesk, 'append'>
  readonly journal: Pick<Journal, 'entries' | 'verifyTail'>
  readonly standing: () => Pick<Standing, 'alarms' | 'devices' | 'exercise'>
  /** Folder in which `./plumbline backup` leaves a copy, where it is told. */
  readonly backups: string | undefined
}

const LOOK_MS = 20_000

export class DailyMail {
  readonly #o: DailyMailOptions
  #cancel: () => void = () => {}
  #stopped = false
  #done = ''
  #running: Promise<void> = Promise.resolve()

  constructor(options: DailyMailOptions) {
    this.#o = options
  }

  start(): void {
    this.#running = this.#look()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancel()
    await this.#running
  }

  async #look(): Promise<void> {
    const { settings, site, clock, log } = this.#o
    const due = dueDay(settings.at, clock.now(), site.file.time_zone)
    if (due !== undefined && due.date !== this.#done) {
      this.#done = due.date
      await this.#send(due.date, due.late).catch((cause) => log.error('the daily mail stumbled', { cause }))
    }
    if (this.#stopped) return
    this.#cancel = clock.at(afterMs(clock, LOOK_MS), () => {
      this.#running = this.#look()
    })
  }

  async #send(date: string, late: boolean): Promise<void> {
    const { settings, site, notices, clock, teller, alarms, journal, log } = this.#o
    const [last] = await journal.entries(undefined, 1)
    const head = { seq: last?.seq ?? 0, hash: last?.hash ?? '' }
    const { broken } = await journal.verifyTail()
    const dedupe = `daily|${date}`
    const before = head.seq
    const body = { what: 'daily mail', date, ...head, to: settings.to, late }
    const entry = {
      at_ns: String(clock.now()),
      kind: 'chain',
      alarm: null,
      occurrence: null,
      actor: 'desk',
      body,
      dedupe,
    } as const
    // Written once for each day, by its key: a desk that was started again that day sends no second one.
    if ((await alarms.append([entry])) !== undefined) {
      this.#done = ''
      return
    }
    const [written] = await journal
      .entries(before, 1000)
      .then((rows) => rows.filter((row) => row.kind === 'chain' && (row.body as { date?: string }).date === date))
    if (written === undefined) return
    const standing: Standing = {
      ...this.#o.standing(),
      ...{ name: site.file.name, head, date, late },
      chain_broken: broken === undefined ? null : `row ${broken.seq}: ${broken.why}`,
      backup_age_h: await this.#backupAge_h(),
      failed_messages: [...teller.book.deliveries()].filter(({ state }) => state === 'failed').length,
    }
    for (const contact of contactsOf(notices, settings.to, clock.now(), site.file.time_zone))
      for (const channel of contact.channels) {
        if (channel.email === undefined) continue
        const target = { contact, channel, kind: kindOfChannel(channel) }
        // Tried until it is sent or given up; the next contact does not wait for it.
        void teller
          .deliver(target, 'daily', dailyMessage(standing, contact.language), 'desk', date)
          .catch((error) => log.warn('the daily mail could not be sent', { why: String(error) }))
      }
  }

  async #backupAge_h(): Promise<number | null> {
    const { backups, clock } = this.#o
    if (backups === undefined) return null
    const folders = await readdir(backups).catch(() => [])
    const times = await Promise.all(folders.map((name) => stat(join(backups, name)).catch(() => undefined)))
    const newest = Math.max(...times.flatMap((s) => (s?.isDirectory() ? [s.mtimeMs] : [])))
    return Number.isFinite(newest) ? (Number(clock.now() / 1_000_000n) - newest) / 3_600_000 : null
  }
}
