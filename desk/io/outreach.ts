/**
 * Everything by which the desk reaches people outside: messages with their escalation, the heartbeat, the daily mail. Filled by
 * `desk-parts.ts`; a site without `notices:` has none of it.
 */
import type { JournalEntryJson } from '../../domain/alarm.ts'
import type { LiveEvent } from '../../domain/api.ts'
import type { Site } from '../../domain/channel.ts'
import { deskFolder } from '../../domain/data-folder.ts'
import type { Clock, Log } from '../../domain/ports.ts'
import type { NewEntry } from '../alarm.ts'
import type { LiveModel } from '../live-model.ts'
import type { Standing } from '../telling/daily.ts'
import { RateMemory } from '../telling/rate-memory.ts'
import type { AlarmDesk } from './alarm-desk.ts'
import { DailyMail } from './daily-mail.ts'
import { type DeskHealth, Heartbeat } from './heartbeat.ts'
import type { Journal } from './journal.ts'
import { type SendersOptions, sendersOf } from './send/senders.ts'
import { Teller } from './teller.ts'

export type OutreachOptions = {
  readonly site: Site
  readonly dataDir: string
  readonly software: string
  readonly clock: Clock
  readonly log: Log
  readonly publish: (topic: string, payload: Uint8Array) => Promise<void>
  readonly command: SendersOptions['command']
  readonly model: LiveModel
  /** Why the store is away, if it is. */
  readonly store: () => string | undefined
  readonly brokerUp: () => boolean
}

export class Outreach {
  readonly #o: OutreachOptions
  readonly #rates: RateMemory
  #teller: Teller | undefined
  #heartbeat: Heartbeat | undefined
  #daily: DailyMail | undefined

  constructor(options: OutreachOptions) {
    this.#o = options
    this.#rates = new RateMemory(options.site)
  }

  get teller(): Teller | undefined {
    return this.#teller
  }

  /** From the journal as it stands; before anything else is written to it. */
  async start(journal: Journal, alarms: AlarmDesk): Promise<void> {
    const { site, dataDir, software, clock, log } = this.#o
    const { notices } = site.file
    if (notices === undefined) return
    const teller = new Teller({
      ...{ site, notices, clock, log, journal, alarms },
      folder: deskFolder(dataDir, site.file.site),
      senders: sendersOf({ ...this.#o, notices }),
      known: (channel) => this.#rates.known(channel, clock.now()),
    })
    // What it writes while it starts it must also hear: that a message may have been sent.
    this.#teller = teller
    await teller.start()
    const { heartbeat, daily_mail } = notices
    if (heartbeat !== undefined) {
      const head = async () => {
        const [last] = await journal.entries(undefined, 1)
        return { seq: last?.seq ?? 0, hash: last?.hash ?? '' }
      }
      const health = () => ({ ...this.#health(alarms), messages_open: teller.open })
      this.#heartbeat = new Heartbeat({
        settings: heartbeat,
        site: site.file.site,
        software,
        clock,
        log,
        head,
        health,
      })
    }
    if (daily_mail !== undefined)
      this.#daily = new DailyMail({
        ...{
          settings: daily_mail,
          site,
          notices,
          clock,
          log,
          teller,
          alarms,
          journal,
          standing: () => this.#standing(alarms),
        },
        backups: daily_mail.backups,
      })
  }

  #health(alarms: AlarmDesk): Omit<DeskHealth, 'messages_open'> {
    const { store, brokerUp } = this.#o
    const open_alarms = alarms.list().filter(({ state }) => state !== 'normal').length
    return { journal: alarms.away === undefined, store: store() === undefined, broker: brokerUp(), open_alarms }
  }

  #standing(alarms: AlarmDesk): Pick<Standing, 'alarms' | 'devices' | 'exercise'> {
    const devices = this.#o.model.devices()
    return { alarms: alarms.list(), devices, exercise: devices.some(({ simulated }) => simulated) }
  }

  /** Once the desk listens. */
  opened(): void {
    this.#heartbeat?.start()
    this.#daily?.start()
  }

  heard(entry: JournalEntryJson): void {
    this.#teller?.heard(entry)
  }
  heardEarly(entries: readonly NewEntry[]): void {
    this.#teller?.heardEarly(entries)
  }
  observe(events: readonly LiveEvent[]): void {
    for (const event of events) if (event.event === 'readings') this.#rates.observe(event.data)
  }

  async stop(): Promise<void> {
    this.#heartbeat?.stop()
    const telling = this.#teller?.stop()
    await this.#daily?.stop()
    await telling
  }
}
