import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { encodePayload } from '../domain/sparkplug/codec.ts'
import { HostSession } from '../domain/sparkplug/host-session.ts'
import { DataType, type Metric } from '../domain/sparkplug/payload.ts'
import { instantFromMs, type Monotonic } from '../domain/time.ts'
import { int32, text } from '../domain/wire/metric.ts'
import type { Arrival } from './arrival.ts'
import { Foreign, METRICS_MAX } from './foreign.ts'
import { foreignChannel, foreignDevice } from './foreign-names.ts'

const T0 = Date.UTC(2026, 0, 1)
const REORDER_MS = 500
const at = (ms: number) => BigInt(1_000_000 * ms) as Monotonic

/** A foreign node on a host session of its own: what it publishes at which instant, and what comes of it. */
class Plant {
  readonly foreign: Foreign
  readonly #session: HostSession
  readonly asked: string[] = []
  #seq = 0
  now = 0

  constructor(allowed: string[] = ['plant'], heard?: Map<string, number>) {
    const own = new Set(['gateway', 'gateway-blocks'])
    this.foreign = new Foreign({ allowed, own, run: 'run-1', ...(heard && { heard }) })
    this.#session = new HostSession({
      group: 'yard',
      reorderTimeout_ms: REORDER_MS,
      checkSeq: (node) => this.foreign.allows(node),
      tolerant: (node) => this.foreign.allows(node),
    })
  }

  publish(type: string, metrics: Metric[], seq: number | undefined = this.#seq++ % 256): Arrival[] {
    const device = type.startsWith('D') ? '/Pump 1' : ''
    const payload = encodePayload({ timestamp: T0 + this.now, ...(type !== 'NDEATH' && { seq }), metrics })
    return this.#told(this.#session.receive(`spBv1.0/yard/${type}/plant${device}`, payload, at(this.now)))
  }
  born(device: Metric[] = [metric('Flow/Rate', DataType.Double, 1)], bdSeq = 0n): Arrival[] {
    this.#seq = 0
    return [...this.publish('NBIRTH', [bd(bdSeq)]), ...this.publish('DBIRTH', device)]
  }
  /** A message is lost on the way. */
  lose(): void {
    this.#seq++
  }
  tick(): Arrival[] {
    return this.#told(this.#session.tick(at(this.now)))
  }
  dropped(): void {
    this.#session.connectionLost()
    this.foreign.sessionEnded()
  }
  #told(events: ReturnType<HostSession['receive']>): Arrival[] {
    return events.flatMap((event) => {
      if (event.kind === 'rebirth-wanted') this.asked.push(event.why)
      const known = 'node' in event && this.foreign.allows(event.node)
      return known ? this.foreign.take(event, at(this.now), instantFromMs(T0 + this.now)) : []
    })
  }
}
const bd = (value: bigint): Metric => ({ name: 'bdSeq', timestamp: T0, datatype: DataType.Int64, value })
const metric = (name: string, datatype: DataType | undefined, value: Metric['value'], more: Partial<Metric> = {}) =>
  ({ name, timestamp: T0, ...(datatype && { datatype }), value, ...more }) as Metric
const recordsOf = (arrivals: Arrival[]) => arrivals.flatMap((a) => ('record' in a ? [a.record] : []))
const readingsOf = (arrivals: Arrival[]) => recordsOf(arrivals).flatMap((record) => [...record.readings])
const gapsOf = (arrivals: Arrival[]) => recordsOf(arrivals).flatMap((record) => record.gaps)

let plant: Plant
beforeEach(() => {
  plant = new Plant()
})

describe('which nodes', () => {
  test('only those that the site allows, never one of its own', () => {
    const allowed = (list: string[], ...nodes: string[]) => nodes.map((node) => new Plant(list).foreign.allows(node))
    expect(allowed([], 'plant', 'gateway')).toEqual([false, false])
    expect(allowed(['plant'], 'plant', 'other', 'gateway')).toEqual([true, false, false])
    expect(allowed(['*', 'gateway'], 'plant', 'other', 'gateway', 'gateway-blocks')).toEqual([true, true, false, false])
  })
})

describe('names', () => {
  test('a foreign device never is one of the site, nor a drill', () => {
    expect(foreignDevice('plant', 'dead-run')).toBe('foreign.plant.dead-run')
    expect(foreignChannel(foreignDevice('plant'), 'Line/Pump/Speed')).toBe('foreign.plant/Line.Pump.Speed')
  })

  test('no two metrics meet in one channel, whatever they are called', () => {
    const id = fc.string({ minLength: 1, unit: fc.constantFrom('a', 'B', '.', '%', '2', 'E', ' ', 'ß') })
    const name = fc.string({ minLength: 1, unit: fc.constantFrom('a', '.', '/', '%', '2', 'E', 'F') })
    const whole = fc.tuple(id, fc.option(id, { nil: undefined }), name)
    const channel = ([node, device, m]: [string, string | undefined, string]) =>
      foreignChannel(foreignDevice(node, device), m)
    fc.assert(
      fc.property(whole, whole, (a, b) => {
        expect(channel(a) === channel(b)).toBe(JSON.stringify(a) === JSON.stringify(b))
        expect(channel(a).split('/')).toHaveLength(2)
      }),
      { numRuns: 2000 },
    )
  })
})

describe('readings', () => {
  test('of a birth and of data, by alias, with its own time; the record names this run and nobody is to be told', () => {
    const [birth] = plant.born([metric('Flow/Rate', DataType.Float, 1.5, { alias: 7n })])
    expect(birth).toMatchObject({ foreign: true, record: { device: 'foreign.plant.Pump 1', exercise: false } })
    const [data] = plant.publish('DDATA', [{ alias: 7n, timestamp: T0 + 1000, value: 2.5 }])
    expect(data).toMatchObject({
      record: {
        identity: { node: 'plant', outbox: 'run-1', stream: 'readings', offset: 2 },
        readings: [{ channel: 'foreign.plant.Pump 1/Flow.Rate', value: 2.5, t_ns: instantFromMs(T0 + 1000), flag: 1 }],
      },
    })
  })

  test('are SI where the unit is known; the first after a birth says so', () => {
    const stage = metric('Stage', DataType.Double, 10, { properties: { engUnit: text('ft') } })
    const salt = metric('Salt', DataType.Double, 3, { properties: { engUnit: text('PSU') } })
    const readings = readingsOf(plant.born([stage, salt]))
    expect(readings.map(({ value, detail }) => [value, detail])).toEqual([
      [3.048, 'in m, sent in ft'],
      [3, 'in PSU'],
    ])
    const [next] = readingsOf(plant.publish('DDATA', [{ ...stage, value: 20 }]))
    expect([next?.value, next?.detail]).toEqual([6.096, undefined])
  })

  test('bear the quality that the node gives; no value and no number are said', () => {
    const known = metric('x', DataType.Double, 1)
    plant.born([known])
    const of = (more: Partial<Metric>) => {
      const [reading] = readingsOf(plant.publish('DDATA', [{ ...known, ...more }]))
      return [reading?.value, reading?.flag, reading?.reason]
    }
    expect(of({ properties: { Quality: int32(192) } })).toEqual([1, 1, undefined])
    expect(of({ properties: { Quality: int32(500) } })).toEqual([1, 3, 'status'])
    expect(of({ properties: { Quality: int32(0) } })).toEqual([1, 4, 'status'])
    expect(of({ value: null })).toEqual([null, 9, 'status'])
    expect(of({ value: Number.NaN })).toEqual([null, 4, 'nan'])
  })

  test('are numbers only; the rest is counted by reason', () => {
    const names = (of: Record<string, [DataType, Metric['value']]>) =>
      Object.entries(of).map(([name, [type, value]]) => metric(name, type, value))
    plant.born(
      names({
        text: [DataType.String, 'open'],
        on: [DataType.Boolean, true],
        when: [DataType.DateTime, BigInt(T0)],
        wave: [DataType.Int16Array, Int16Array.of(1, 2)],
        count: [DataType.UInt64, 2n ** 63n],
        good: [DataType.Int8, -5],
      }),
    )
    expect(Object.fromEntries(plant.foreign.counts.unstored)).toEqual({
      text: 1,
      boolean: 1,
      'date-time': 1,
      array: 1,
      'too-large': 1,
    })
    expect(readingsOf(plant.publish('DDATA', [metric('good', DataType.Int8, -6)]))[0]?.value).toBe(-6)
  })

  test('a birth without datatypes is taken; its floating-point values leave nothing open', () => {
    plant.born([metric('f', undefined, 1.5), metric('i', undefined, null)])
    const arrivals = plant.publish('DDATA', [
      metric('f', DataType.Double, 2.5),
      { name: 'i', timestamp: T0, datatype: DataType.Int32, value: 5 },
    ])
    expect(readingsOf(arrivals).map(({ value }) => value)).toEqual([2.5, 5])
  })

  test('an unknown alias costs only its own metric, and asks for a birth', () => {
    plant.born()
    const arrivals = plant.publish('DDATA', [
      { alias: 99n, timestamp: T0, datatype: DataType.Double, value: 1 },
      metric('Flow/Rate', DataType.Double, 2),
    ])
    expect(readingsOf(arrivals).map(({ value }) => value)).toEqual([2])
    expect(plant.asked).toEqual(['metric with alias 99: not in the birth'])
  })

  test('of a time that cannot be true are put aside, the others are stored', () => {
    plant.born()
    const one = (timestamp: number) => metric('Flow/Rate', DataType.Double, 1, { timestamp })
    const arrivals = plant.publish('DDATA', [one(86_400_000), one(T0), one(T0 + 25 * 3_600_000)])
    expect(readingsOf(arrivals)).toHaveLength(1)
    expect(arrivals[1]).toMatchObject({
      foreign: true,
      rejected: { reason: 'foreign.plant.Pump 1/Flow.Rate: its time lies before 2000' },
    })
    expect(JSON.parse('rejected' in arrivals[1]! ? arrivals[1].rejected.body : '')).toHaveLength(2)
  })

  test('metrics of one node are bounded', () => {
    plant.born(Array.from({ length: METRICS_MAX + 10 }, (_, i) => metric(`m${i}`, DataType.Double, i)))
    expect(Object.fromEntries(plant.foreign.counts.unstored)).toEqual({ 'too-many': 10, 'not-in-birth': 10 })
  })
})

describe('what is lost becomes a gap', () => {
  const send = (s: number) => {
    plant.now = s * 1000
    return plant.publish('DDATA', [metric('Flow/Rate', DataType.Double, s, { timestamp: T0 + s * 1000 })])
  }

  test('messages that never came: from the last before to the first after, with their count', () => {
    plant.born()
    send(1)
    plant.lose()
    plant.lose()
    send(4)
    plant.now += REORDER_MS
    expect(gapsOf(plant.tick())).toEqual([
      {
        channels: ['foreign.plant.Pump 1/Flow.Rate'],
        from_ns: instantFromMs(T0 + 1000),
        to_ns: instantFromMs(T0 + 4000),
        expected: 2,
        missing: 2,
        reason: 'not-received',
      },
    ])
    expect(plant.foreign.counts).toMatchObject({ lost: 2, gaps: 1 })
    const noticed = instantFromMs(T0 + plant.now)
    expect(plant.foreign.losses).toEqual([{ node: 'plant', messages: 2, gaps: 1, since_ns: noticed, last_ns: noticed }])
  })

  test('also while a birth was asked for and the node gives none', () => {
    plant.born()
    for (const s of [1, 3, 5]) {
      plant.lose()
      send(s)
      plant.now += REORDER_MS
      plant.tick()
    }
    expect(plant.foreign.counts).toMatchObject({ lost: 3, gaps: 3 })
  })

  test('messages in another order, or one that came twice, are no loss', () => {
    plant.born()
    const [two, three] = [plant.publish('DDATA', [metric('Flow/Rate', DataType.Double, 3)], 3), send(2)]
    plant.now += REORDER_MS
    expect([...readingsOf(two), ...readingsOf(three)]).toHaveLength(2)
    plant.publish('DDATA', [metric('Flow/Rate', DataType.Double, 4)], 4)
    plant.publish('DDATA', [metric('Flow/Rate', DataType.Double, 4)], 4)
    plant.now += REORDER_MS
    expect(gapsOf(plant.tick())).toEqual([])
    expect(plant.foreign.counts.lost).toBe(0)
  })

  test('the death of the node: from the last word to the next birth', () => {
    plant.born()
    send(10)
    plant.now = 15_000
    plant.publish('NDEATH', [bd(0n)])
    plant.now = 60_000
    const [gap] = gapsOf(plant.born(undefined, 1n))
    expect(gap).toMatchObject({ reason: 'edge-down', missing: 1, from_ns: instantFromMs(T0 + 10_000) })
    expect(gap?.to_ns).toBe(instantFromMs(T0 + 60_000))
  })

  test('a new session whose end nobody told; a rebirth is none', () => {
    plant.born()
    send(1)
    expect(gapsOf(plant.born())).toEqual([])
    send(2)
    plant.now = 9_000
    expect(gapsOf(plant.born(undefined, 1n))).toMatchObject([{ reason: 'edge-down' }])
  })

  test('a device that its node lost', () => {
    plant.born()
    send(1)
    plant.now = 2_000
    plant.publish('DDEATH', [])
    plant.now = 5_000
    const gaps = gapsOf(plant.publish('DBIRTH', [metric('Flow/Rate', DataType.Double, 1)]))
    expect(gaps).toMatchObject([{ reason: 'closed', from_ns: instantFromMs(T0 + 2000) }])
  })

  test('what came while ingest had no session, or did not run', () => {
    plant.born()
    send(1)
    plant.dropped()
    plant.now = 30_000
    expect(gapsOf(plant.born())).toMatchObject([{ reason: 'not-received', from_ns: instantFromMs(T0 + 1000) }])
    const heard = plant.foreign.heard()
    expect([...heard]).toEqual([['plant', T0 + 30_000]])

    plant = new Plant(['plant'], heard)
    plant.now = 90_000
    expect(plant.foreign.losses).toEqual([])
    expect(gapsOf(plant.born())).toMatchObject([
      { reason: 'not-received', from_ns: instantFromMs(T0 + 30_000), to_ns: instantFromMs(T0 + 90_000) },
    ])
    expect(plant.foreign.losses).toMatchObject([
      { node: 'plant', messages: 0, gaps: 1, last_ns: instantFromMs(T0 + 90_000) },
    ])
  })
})
