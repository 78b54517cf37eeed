/**
 * What the desk does by itself, second by second: ends what was put aside for a time, annunciates again, begins and ends
 * maintenance, and suppresses what a fault or a window covers. What is to happen is decided in pure files; this one asks
 * them and hands the events to the alarm desk.
 */
import { devicesOf, type Site } from '../../domain/channel.ts'
import type { Clock } from '../../domain/ports.ts'
import { afterMs } from '../../runtime/clock.ts'
import { dueOf } from '../alarm-machine.ts'
import { Deadlines } from '../deadlines.ts'
import type { MaintenanceEntry } from '../maintenance.ts'
import { type ParentFault, suppressionChanges } from '../suppression.ts'
import type { AlarmDesk } from './alarm-desk.ts'
import type { LogicInput } from './alarm-input.ts'
import type { Journal } from './journal.ts'
import { MaintenanceDesk } from './maintenance-desk.ts'

export type AlarmWatchOptions = {
  readonly site: Site
  readonly clock: Clock
  readonly alarms: () => AlarmDesk
}

const TICK_MS = 1000

export class AlarmWatch {
  readonly maintenance: MaintenanceDesk
  readonly #o: AlarmWatchOptions
  readonly #deadlines = new Deadlines()
  #cancel: (() => void) | undefined
  #stopped = false

  constructor(options: AlarmWatchOptions) {
    this.#o = options
    const devices = new Set(devicesOf(options.site).map(({ device }) => device.id))
    this.maintenance = new MaintenanceDesk({
      clock: options.clock,
      alarms: options.alarms,
      devices: () => devices,
      onChange: () => void this.#o.alarms().logic(this.#suppression()),
    })
  }

  /** Carries out at once what came while the desk was away. */
  async start(journal: Journal): Promise<void> {
    for (const row of await journal.ofKind('maintenance')) this.maintenance.book.apply(row as MaintenanceEntry)
    await this.tick()
    this.#plan()
  }

  stop(): void {
    this.#stopped = true
    this.#cancel?.()
  }

  #plan(): void {
    const { clock } = this.#o
    if (!this.#stopped)
      this.#cancel = clock.at(afterMs(clock, TICK_MS), () => void this.tick().finally(() => this.#plan()))
  }

  async tick(): Promise<void> {
    const release = this.#o.clock.hold()
    try {
      await this.maintenance.tick()
      await this.#o.alarms().logic([...this.#due(), ...this.#suppression()])
    } finally {
      release()
    }
  }

  #due(): LogicInput[] {
    const { book } = this.#o.alarms()
    const deadlines = [...book.alarms()].flatMap((alarm) =>
      dueOf(alarm, book.definition(alarm.id)!).map(({ what, due_ns }) => ({
        ...{ key: `${what} ${alarm.id}`, id: alarm.id, what, due_ns },
        most_ns: what === 'shelved' ? book.definition(alarm.id)!.shelve_max_ns : undefined,
      })),
    )
    return this.#deadlines
      .due(deadlines, this.#o.clock.now(), this.#o.clock.monotonic())
      .map(({ id, what, due_ns }) => ({ id, event: { kind: 'due', what, due_ns } }))
  }

  #suppression(): LogicInput[] {
    const { book } = this.#o.alarms()
    const alarms = [...book.alarms()].map((alarm) => [alarm, book.definition(alarm.id)!] as const)
    const running = this.maintenance.book.running()
    return suppressionChanges(alarms, running, this.#faults(), (key) => this.maintenance.endOf(key))
  }

  #faults(): ParentFault[] {
    return []
  }
}
