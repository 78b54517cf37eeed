/**
 * Holds the second alarm path against the desk every few seconds, and journals when they begin to disagree and when they
 * agree again. That a disagreement is an alarm is for whoever asks `disagreements`.
 */

import { channelsOfDevice, devicesOf, type Site } from '../../domain/channel.ts'
import { judgesValue } from '../../domain/condition.ts'
import type { Clock } from '../../domain/ports.ts'
import { afterMs } from '../../runtime/clock.ts'
import { conditionIsTrue } from '../alarm-table.ts'
import type { LiveModel } from '../live-model.ts'
import { alarmRule, deviceRule, type FirstPath, SecondPath, type ToldAlert } from '../second-path.ts'
import type { AlarmDesk } from './alarm-desk.ts'

const LOOK_MS = 5_000
/** Set aside by people or by design: the desk says nothing of its condition then. */
const ASIDE: ReadonlySet<string> = new Set(['shelved', 'suppressed', 'out-of-service'])
/** Entries hold so many lines. */
const JOURNALLED_MAX = 50

export type SecondPathOptions = {
  readonly site: Site
  readonly clock: Clock
  readonly model: LiveModel
  readonly alarms: () => AlarmDesk
  /** At every look; `undefined` while there is no second path. */
  readonly onLook?: (disagreements: readonly string[] | undefined) => void
}

export class SecondPathWatch {
  readonly #o: SecondPathOptions
  readonly #path: SecondPath
  readonly #devices: readonly string[]
  #now: readonly string[] | undefined
  #told = ''
  #cancel: () => void = () => {}
  #stopped = false

  constructor(options: SecondPathOptions) {
    this.#o = options
    this.#path = new SecondPath(options.site.file.site)
    // Grafana has a rule for each device that gives readings; one that samples only is not seen there as silent.
    this.#devices = devicesOf(options.site)
      .filter(({ device, model }) => channelsOfDevice(device, model).some(({ kind }) => kind !== 'axis'))
      .map(({ device }) => device.id)
  }

  get disagreements(): readonly string[] | undefined {
    return this.#now
  }

  start(): void {
    if (this.#stopped) return
    const { clock } = this.#o
    this.#cancel = clock.at(afterMs(clock, LOOK_MS), () => {
      this.look()
      this.start()
    })
  }

  stop(): void {
    this.#stopped = true
    this.#cancel()
  }

  hear(alerts: readonly ToldAlert[]): number {
    return this.#path.hear(alerts, this.#o.clock.monotonic())
  }

  look(): void {
    const { alarms, clock, onLook } = this.#o
    const covered = [
      ...alarms()
        .list()
        .map(({ id }) => alarmRule(id)),
      ...this.#devices.map(deviceRule),
    ]
    this.#now = this.#path.disagreements(covered, this.#first(), clock.monotonic())
    onLook?.(this.#now)
    const text = JSON.stringify(this.#now ?? [])
    if (text === this.#told || (this.#told === '' && (this.#now ?? []).length === 0)) return
    this.#told = text
    const disagreements = (this.#now ?? []).slice(0, JOURNALLED_MAX)
    void alarms().note('second-path', 'desk', { agrees: disagreements.length === 0, disagreements })
  }

  #first(): FirstPath {
    const { book } = this.#o.alarms()
    const readings = new Map(this.#o.model.readings().map((reading) => [reading.channel, reading]))
    const devices = new Map(this.#o.model.devices().map((device) => [device.id, device]))
    return {
      alarm: (id) => {
        const [alarm, definition] = [book.get(id), book.definition(id)]
        if (alarm === undefined || definition === undefined || ASIDE.has(alarm.state)) return undefined
        const { limit } = definition
        // Only what Grafana can judge too: it has rules for values alone, and no second sight of delays.
        if (!judgesValue(limit) || limit.kind === 'outside') return undefined
        const reading = readings.get(limit.channel)
        const value = reading?.value ?? null
        const usable = value !== null && reading!.flag !== 4
        const beyond = usable && (limit.direction === 'above' ? value >= limit.limit : value <= limit.limit)
        return { active: conditionIsTrue(alarm.state), beyond }
      },
      device: (id) => {
        const device = devices.get(id)
        if (device === undefined || device.state === 'unknown') return undefined
        return device.state === 'offline'
      },
    }
  }
}
