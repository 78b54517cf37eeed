/**
 * Ground-motion events: heard from alarms, kept in `events.json` of the desk's folder, measured from stored waveforms when
 * somebody asks, and by `event-measurer.ts` once everything has come in. One event is measured at a time, a floor in each turn of the
 * event loop, so that alarms are not held up.
 */
import { join } from 'node:path'
import type { AlarmJson } from '../../domain/alarm.ts'
import type { EventDetailJson, EventJson } from '../../domain/api-desk.ts'
import { devicesOf, type Site } from '../../domain/channel.ts'
import { PlumblineError } from '../../domain/errors.ts'
import { sampledOf } from '../../domain/model.ts'
import type { Clock, Log } from '../../domain/ports.ts'
import { addNs, type Instant, instant, NS_PER_S, secondsBetween } from '../../domain/time.ts'
import { readFileIfThere, writeFileDurably } from '../../runtime/atomic-file.ts'
import { AROUND_S, type Floor, floorParts, frequencies, MEASURED_MAX_S, METHOD } from '../event-measures.ts'
import { floorRecord } from '../floor-record.ts'
import { endOf, type GroundMotion, heard, isMeasureDue, onsetOf, structureShaken } from '../ground-motion.ts'
import type { StoreWatch } from './store-watch.ts'

const FILE = 'events.json'
/** What is still on its way to the store after so long comes as history, and is not waited for. */
const SETTLED_S = AROUND_S + 60
/** As late as waveforms come where all is well. */
const ON_THE_WAY_S = 3
const SHAKING_MAX_S = 600

export type EventDeskOptions = {
  readonly folder: string
  readonly site: () => Site
  readonly store: StoreWatch
  readonly clock: Clock
  readonly log: Log
}

export class EventDesk {
  readonly #o: EventDeskOptions
  #events: readonly GroundMotion[] = []
  #saving: Promise<void> = Promise.resolve()
  #turn: Promise<unknown> = Promise.resolve()

  constructor(options: EventDeskOptions) {
    this.#o = options
  }

  /** A file that cannot be read is put aside in words only: the next event begins a new one. */
  async load(): Promise<void> {
    const path = join(this.#o.folder, FILE)
    const bytes = await readFileIfThere(path)
    if (bytes === undefined) return
    try {
      const { version, events } = JSON.parse(bytes.toString('utf8')) as { version: number; events: GroundMotion[] }
      if (version === 1 && Array.isArray(events)) this.#events = events
    } catch {
      this.#o.log.error(new PlumblineError('DATA_CORRUPT', `${path}: expected the events as JSON`).message)
    }
  }

  heard(alarm: AlarmJson): void {
    const structure = structureShaken(this.#o.site(), alarm)
    if (structure === undefined) return
    const next = heard(this.#events, structure, alarm)
    if (next !== this.#events) this.#keep(next)
  }

  get(id: string): GroundMotion | undefined {
    return this.#events.find((event) => event.id === id)
  }

  list(
    span: { from?: Instant | undefined; to?: Instant | undefined; structure?: string | undefined },
    limit: number,
  ): EventJson[] {
    return this.#events
      .filter((event) => span.structure === undefined || event.structure === span.structure)
      .filter(
        (event) =>
          (span.from === undefined || onsetOf(event) >= span.from) &&
          (span.to === undefined || onsetOf(event) < span.to),
      )
      .slice(0, limit)
      .map((event) => event.measured?.event ?? this.#json(event))
  }

  /** Events that are over and whose waveforms have come in, the oldest first. */
  settled(): GroundMotion[] {
    return this.#events.filter((event) => this.#isSettled(event)).reverse()
  }

  /** Events that are over and not yet measured, or not with all their waveforms; the newest first. */
  due(): GroundMotion[] {
    const now = this.#o.clock.now()
    return this.#events.filter((event) => {
      const end = endOf(event)
      return end !== undefined && this.#isSettled(event) && isMeasureDue(event, end, now)
    })
  }

  /** A condition may stay true for days: then it is no longer the shaking that people wait for. */
  get shaking(): boolean {
    const now = this.#o.clock.now()
    return this.#events.some(
      (event) => endOf(event) === undefined && secondsBetween(now, instant(onsetOf(event))) < SHAKING_MAX_S,
    )
  }

  #isSettled(event: GroundMotion): boolean {
    return endOf(event) !== undefined && secondsBetween(this.#o.clock.now(), this.#span(event).end) > SETTLED_S
  }

  /** Measured; cached where the event is over and its waveforms have come in. */
  measure(event: GroundMotion): Promise<EventDetailJson> {
    return this.#inTurn(event, (now) => now.measured ?? this.#measured(now))
  }

  /** The same from the waveforms as they are now. */
  measureAnew(event: GroundMotion): Promise<EventDetailJson> {
    return this.#inTurn(event, (now) => this.#measured(now))
  }

  #inTurn(
    event: GroundMotion,
    work: (now: GroundMotion) => EventDetailJson | Promise<EventDetailJson>,
  ): Promise<EventDetailJson> {
    const mine = this.#turn.catch(() => {}).then(() => work(this.get(event.id) ?? event))
    this.#turn = mine
    return mine
  }

  /** Devices whose waveforms belong to the event, with the span of its record. */
  record(event: GroundMotion): { from: Instant; to: Instant; channels: string[] } {
    const { from, to } = this.#span(event)
    const floors = this.#floors(event).filter((floor) => floor.device !== null)
    const aside = BigInt(AROUND_S - 10) * NS_PER_S
    const channels = floors.map(({ device, group }) => `${device}/${group}`)
    return { from: addNs(from, aside), to: addNs(to, -aside), channels }
  }

  async close(): Promise<void> {
    await this.#turn.catch(() => {})
    await this.#saving.catch(() => {})
  }

  #span(event: GroundMotion): { from: Instant; to: Instant; onset: Instant; end: Instant } {
    const onset = instant(onsetOf(event))
    const last = endOf(event) ?? this.#o.clock.now()
    const most = addNs(onset, BigInt(MEASURED_MAX_S) * NS_PER_S)
    const end = last < most ? instant(last) : most
    const around = BigInt(AROUND_S) * NS_PER_S
    return { from: addNs(onset, -around), to: addNs(end, around), onset, end }
  }

  /** From the ground up; the first device that samples stands for its floor. In a drill its shadow does. */
  #floors(event: GroundMotion): Array<Floor & { group: string }> {
    const { structures } = this.#o.site().file
    const structure = structures.find(({ id }) => id === event.structure)
    const sampled = devicesOf(this.#o.site()).filter(({ model }) => sampledOf(model) !== undefined)
    const shadow = event.members
      .map(({ alarm }) => /:(drill\.[^.]+\.)/.exec(alarm)?.[1])
      .find((prefix) => prefix !== undefined)
    return [...(structure?.floors ?? [])]
      .sort((a, b) => a.height_m - b.height_m)
      .map(({ id, height_m }) => {
        const found = sampled.find(({ device }) => device.floor === `${event.structure}/${id}`)
        const device = found === undefined ? null : `${shadow ?? ''}${found.device.id}`
        return { id, height_m, device, group: found ? sampledOf(found.model)!.group : '' }
      })
  }

  async #measured(event: GroundMotion): Promise<EventDetailJson> {
    const { from, onset, end, ...whole } = this.#span(event)
    // What is still to come is no hole: people ask while it shakes.
    const come = addNs(this.#o.clock.now(), -BigInt(ON_THE_WAY_S) * NS_PER_S)
    const to = come < whole.to && come > onset ? come : whole.to
    const core = { from: onset, to: end < to ? end : to }
    const floors: Floor[] = []
    const measures = []
    for (const { group, ...floor } of this.#floors(event)) {
      const { device } = floor
      const blocks = device === null ? [] : await this.#o.store.read((series) => series.blocks(device, group, from, to))
      const place: Floor = { ...floor, record: floorRecord(blocks, from, to, core) }
      await othersTurn()
      const below = floors.findLast(({ record }) => record !== undefined)
      measures.push(await inParts(floorParts(place, below)))
      floors.push(place)
    }
    await othersTurn()
    const top = floors.findLast(({ record }) => record !== undefined)?.record
    const samples = (at: Instant) => Math.round(secondsBetween(at, from) * (top?.sample_rate_hz ?? 0))
    const detail: EventDetailJson = {
      event: this.#json(event, measures),
      floors: measures,
      frequency_hz: frequencies(top, samples(onset), samples(end)),
      method: METHOD,
    }
    if (this.#isSettled(event)) this.#keepMeasured(event, detail)
    return detail
  }

  #json(event: GroundMotion, floors: EventDetailJson['floors'] = []): EventJson {
    const { id, structure, exercise, members } = event
    const devices = this.#floors(event).filter(({ device }) => device !== null)
    const measured = floors.filter(({ pga_m_s2 }) => pga_m_s2 !== null)
    const peaks = measured.length > 0 ? measured.map((f) => f.pga_m_s2!) : members.flatMap(({ peak }) => peak ?? [])
    const largest = measured.find(({ pga_m_s2 }) => pga_m_s2 === Math.max(...peaks))
    return {
      id,
      structure,
      onset_ns: String(onsetOf(event)),
      ended_ns: endOf(event)?.toString() ?? null,
      pga_m_s2: peaks.length === 0 ? null : Math.max(...peaks),
      intensity: largest?.intensity ?? null,
      channels_expected: devices.length,
      channels_complete: floors.filter(({ complete }) => complete >= 0.98).length,
      exercise,
      alarms: [...new Set(members.map(({ alarm }) => alarm))],
    }
  }

  /** What an alarm has changed meanwhile is measured again. */
  #keepMeasured({ id, members, measured, again = 0 }: GroundMotion, detail: EventDetailJson): void {
    const more = measured === null ? {} : { again: again + 1 }
    const measured_ns = String(this.#o.clock.now())
    const with_ = (e: GroundMotion) => ({ ...e, ...more, measured: detail, measured_ns })
    this.#keep(this.#events.map((e) => (e.id === id && e.members === members ? with_(e) : e)))
  }

  #keep(events: readonly GroundMotion[]): void {
    this.#events = events
    const write = () =>
      writeFileDurably(join(this.#o.folder, FILE), `${JSON.stringify({ version: 1, events: this.#events })}\n`, 0o640)
    this.#saving = this.#saving.catch(() => {}).then(write)
    this.#saving.catch((error: Error) => this.#o.log.error('events cannot be kept', { what: error.message }))
  }
}

/** Whatever has come meanwhile, alarms before all, goes first. */
const othersTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

async function inParts<T>(parts: Generator<undefined, T>): Promise<T> {
  for (;;) {
    const part = parts.next()
    if (part.done) return part.value
    await othersTurn()
  }
}
