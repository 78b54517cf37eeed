import { describe, expect, test } from 'vitest'
import type { HostEvent } from '../domain/sparkplug/host-session.ts'
import type { Metric } from '../domain/sparkplug/payload.ts'
import type { Arrival } from './arrival.ts'
import { Intake } from './intake.ts'
import * as yard from './test/yard.ts'

const { blockRecord, gaugeBirth, payloadOf, readingRecord, roofBirth, T_MS } = yard

function bornIntake(simulated: boolean | undefined = false): Intake {
  const intake = new Intake(yard.yard)
  for (const [node, device, metrics] of [
    ['gateway', 'gauge', gaugeBirth(simulated)],
    ['gateway-blocks', 'roof', roofBirth()],
  ] as const) {
    intake.take({ kind: 'birth', node, timestamp: T_MS, metrics: [] })
    intake.take({ kind: 'device-birth', node, device, timestamp: T_MS, metrics })
  }
  return intake
}
const data = (node: string, device: string, metrics: readonly Metric[]): HostEvent => ({
  kind: 'data',
  node,
  device,
  timestamp: T_MS,
  metrics,
})
const recordOf = (arrival: Arrival | undefined) => (arrival && 'record' in arrival ? arrival.record : undefined)
const rejectedOf = (arrival: Arrival | undefined) => (arrival && 'rejected' in arrival ? arrival.rejected : undefined)

describe('records of a message', () => {
  test('readings come by the node itself, blocks by its second one; both name the node', () => {
    const intake = bornIntake()
    const [reading] = intake.take(data('gateway', 'gauge', payloadOf(readingRecord(7, 1.5)))).arrivals
    expect(reading).toMatchObject({
      publisher: 'gateway',
      record: {
        identity: yard.identity('readings', 7),
        device: 'gauge',
        exercise: false,
        readings: [yard.stage(7, 1.5)],
      },
    })
    const [block] = intake.take(data('gateway-blocks', 'roof', payloadOf(blockRecord(3)))).arrivals
    expect(block?.publisher).toBe('gateway-blocks')
    expect(recordOf(block)).toMatchObject({ identity: yard.identity('blocks', 3), exercise: true })
    expect(recordOf(block)?.blocks).toEqual([yard.second(3)])
    expect(block!.bytes).toBeGreaterThan(400)
  })

  test('a resent payload holds several', () => {
    const metrics = payloadOf(readingRecord(1, 1), readingRecord(2, 2), readingRecord(9, 9))
    const { arrivals, faults } = bornIntake().take(data('gateway', 'gauge', metrics))
    expect(arrivals.map((a) => recordOf(a)?.identity.offset)).toEqual([1, 2, 9])
    expect(faults).toEqual([])
  })

  test('conditions, heartbeats and deaths are no business of ingest', () => {
    const intake = bornIntake()
    const node: HostEvent = { kind: 'data', node: 'gateway', timestamp: T_MS, metrics: payloadOf(readingRecord(1, 1)) }
    const death: HostEvent = { kind: 'device-death', node: 'gateway', device: 'gauge' }
    expect([intake.take(node), intake.take(death)].map((t) => t.arrivals.length + t.faults.length)).toEqual([0, 0])
  })
})

describe('a broken record', () => {
  const broken = (offset: number): Metric[] => {
    const [head, ...rest] = blockRecord(offset)
    return [head!, ...rest.filter((m) => m.name !== 'block/acceleration/y')]
  }

  test('is put aside with its identity, its reason and its metrics; its neighbours are taken', () => {
    const metrics = payloadOf(blockRecord(1), broken(2), blockRecord(3))
    const { arrivals, faults } = bornIntake().take(data('gateway-blocks', 'roof', metrics))
    expect(faults).toEqual([])
    expect(arrivals.map((a) => recordOf(a)?.identity.offset ?? 'rejected')).toEqual([1, 'rejected', 3])
    const rejected = rejectedOf(arrivals[1])
    expect(rejected).toMatchObject({
      identity: yard.identity('blocks', 2),
      device: 'roof',
      exercise: true,
      reason: 'block/acceleration/y: expected a value, got none',
    })
    const [, , , , , x] = JSON.parse(rejected!.body) as Array<{ name: string; value: { base64: string } }>
    expect(x?.name).toBe('block/acceleration/x')
    expect(Buffer.from(x!.value.base64, 'base64').readInt16LE(0)).toBe(200)
  })

  test('whatever its values are, it never throws', () => {
    const strange: Metric['value'][] = [null, 1.5, 'x', true, new Uint8Array(3), Number.NaN, 10n ** 30n]
    for (const value of strange)
      for (const part of ['t0_ns', 'first_counter', 'boot_id', 'sample_rate_hz', 'x']) {
        const metrics = payloadOf(blockRecord(1)).map((m) => (m.name?.endsWith(`/${part}`) ? { ...m, value } : m))
        const { arrivals, faults } = bornIntake().take(data('gateway-blocks', 'roof', metrics))
        expect(arrivals.length + faults.length).toBe(1)
      }
  })

  test('without an offset there is nothing to acknowledge', () => {
    const metrics = payloadOf([{ ...readingRecord(1, 1)[0]!, value: 'seven' }])
    const { arrivals, faults } = bornIntake().take(data('gateway', 'gauge', metrics))
    expect(arrivals).toEqual([])
    expect(faults).toEqual([{ device: 'gauge', why: 'outbox/offset: expected a whole number from 1, got seven' }])
  })
})

describe('what is not taken', () => {
  test('data before the birth, after the end of the session, of a foreign node, without an outbox', () => {
    const intake = bornIntake()
    const reading = payloadOf(readingRecord(1, 1))
    const whys = [
      intake.take(data('gateway', 'new-gauge', reading)),
      intake.take(data('stranger', 'gauge', reading)),
      intake.take(data('gateway', 'gauge', readingRecord(1, 1))),
    ].flatMap((taken) => taken.faults.map((f) => f.why))
    expect(whys).toEqual([
      'data before its birth on gateway',
      'stranger is no edge node of the site',
      'outbox/id: expected text, got none',
    ])
    intake.forget()
    expect(intake.take(data('gateway', 'gauge', reading)).arrivals).toEqual([])
  })

  test('a birth of the node forgets its devices', () => {
    const intake = bornIntake()
    intake.take({ kind: 'birth', node: 'gateway', timestamp: T_MS, metrics: [] })
    expect(intake.take(data('gateway', 'gauge', payloadOf(readingRecord(1, 1)))).arrivals).toEqual([])
  })
})

describe('an exercise', () => {
  const marked = (intake: Intake, device: string) =>
    recordOf(intake.take(data('gateway', device, payloadOf(readingRecord(1, 1)))).arrivals[0])?.exercise
  const born = (device: string, metrics: Metric[]) => {
    const intake = new Intake(yard.yard)
    intake.take({ kind: 'device-birth', node: 'gateway', device, timestamp: T_MS, metrics })
    return intake
  }

  test('is what the birth says, whatever the site file of this host says', () => {
    expect(marked(born('gauge', gaugeBirth(true)), 'gauge')).toBe(true)
    expect(marked(born('roof', gaugeBirth(false)), 'roof')).toBe(false)
  })

  test('a birth that does not say leaves it to the marks of its channels, then to the site file', () => {
    const stage = { ...gaugeBirth(undefined).at(-1)!, properties: { exercise: { type: 11, value: true } as const } }
    expect(marked(born('gauge', [stage]), 'gauge')).toBe(true)
    expect(marked(born('gauge', gaugeBirth(undefined)), 'gauge')).toBe(false)
    expect(marked(born('roof', gaugeBirth(undefined)), 'roof')).toBe(true)
  })

  test('a shadow device of a drill is one always', () => {
    expect(marked(born('drill.october.gauge', gaugeBirth(false)), 'drill.october.gauge')).toBe(true)
  })
})

describe('two gateways by one name', () => {
  const from = (outbox: string, offset: number) =>
    payloadOf(readingRecord(offset, offset)).map((m) => (m.name === 'outbox/id' ? { ...m, value: outbox } : m))
  const rivals = (...outboxes: string[]) => {
    const intake = bornIntake()
    return outboxes.map((box, i) => intake.take(data('gateway', 'gauge', from(box, i + 1))).rivals === true)
  }

  test('show by an outbox that comes again after another; all that both send is taken', () => {
    expect(rivals('a', 'a', 'b', 'a', 'b', 'b')).toEqual([false, false, false, true, true, false])
    const intake = bornIntake()
    intake.take(data('gateway', 'gauge', from('a', 1)))
    const [record] = intake.take(data('gateway', 'gauge', from('b', 1))).arrivals
    expect(recordOf(record)?.identity).toMatchObject({ outbox: 'b', offset: 1 })
  })

  test('are no replaced disks', () => {
    expect(rivals('a', 'b', 'c', 'd')).toEqual([false, false, false, false])
  })
})
