/**
 * What the desk tells programs of others, and hears of one: alarms and health into InfluxDB (`series-export.ts`), readings and
 * alarms as plain JSON over MQTT (`mirror.ts`), and the second alarm path (`second-path-watch.ts`). None of it is in the way of an
 * alarm: what is away here waits or is let go.
 */
import type { AlarmJson, JournalEntryJson } from '../../domain/alarm.ts'
import type { LiveEvent } from '../../domain/api.ts'
import { deskUser } from '../../domain/data-folder.ts'
import { parseNodeHealth } from '../../domain/wire/node-health.ts'
import type { DeskOptions } from '../desk-options.ts'
import type { LiveModel } from '../live-model.ts'
import type { AlarmDesk } from './alarm-desk.ts'
import type { Journal } from './journal.ts'
import { Mirror } from './mirror.ts'
import type { MotionSource } from './motion-export.ts'
import { SecondPathWatch } from './second-path-watch.ts'
import { SeriesExport } from './series-export.ts'

const STOP_MS = 400

export type OutwardOptions = {
  readonly desk: DeskOptions
  readonly model: LiveModel
  readonly alarms: () => AlarmDesk
  readonly brokerUp: () => boolean
  readonly storeUp: () => boolean
  readonly motions: MotionSource
  /** What the second path says otherwise, at every look; `undefined` while there is none. */
  readonly onSecondPath?: (disagreements: readonly string[] | undefined) => void
}

export class Outward {
  readonly #o: OutwardOptions
  readonly secondPath: SecondPathWatch
  readonly #mirror: Mirror | undefined
  #export: SeriesExport | undefined

  constructor(options: OutwardOptions) {
    this.#o = options
    const { desk, model, alarms, onSecondPath } = options
    const { site, clock, log, brokerUrl, password, connectMqtt } = desk
    this.secondPath = new SecondPathWatch({ site, clock, model, alarms, ...(onSecondPath && { onLook: onSecondPath }) })
    const { mirror, site: id } = site.file
    this.#mirror =
      mirror &&
      new Mirror({
        site: id,
        every_s: mirror.every_s,
        url: brokerUrl,
        username: deskUser(id),
        ...{ password, connectMqtt, clock, log, model },
        alarms: () => alarms().list(),
      })
  }

  async start(folder: string, journal: Journal): Promise<void> {
    const { desk, model, alarms, brokerUp, storeUp, motions } = this.#o
    const { site, points: sink, clock, log } = desk
    this.secondPath.start()
    this.#mirror?.start()
    if (sink === undefined) return
    this.#export = new SeriesExport({
      ...{ site, folder, journal, sink, motions, clock, log },
      about: (alarm) => alarms().book.definition(alarm),
      standing: () => ({
        alarms: alarms().list(),
        devices: model.devices(),
        nodes: model.nodes(),
        desk: {
          broker_up: brokerUp(),
          store_up: storeUp(),
          journal_up: alarms().away === undefined,
          journal_seq: alarms().journalSeq,
        },
      }),
    })
    await this.#export.start()
  }

  async stop(): Promise<void> {
    this.secondPath.stop()
    await Promise.all([this.#mirror?.stop(STOP_MS), this.#export?.stop()])
  }

  live(events: readonly LiveEvent[]): void {
    this.#mirror?.live(events)
  }
  alarm(alarm: AlarmJson): void {
    this.#mirror?.alarm(alarm)
  }
  wrote({ seq }: JournalEntryJson): void {
    this.#export?.events.wrote(seq)
  }
  nodeHealth(node: string, text: string | undefined): void {
    this.#export?.heard(node, text === undefined ? undefined : parseNodeHealth(text))
  }
  ingestHealth(payload: Uint8Array): void {
    this.#export?.heardIngest(payload)
  }
  /** Devices have come or gone. */
  placed(): void {
    this.#mirror?.placed()
  }
}
