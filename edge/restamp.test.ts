import { expect, test } from 'vitest'
import { decodePayload, encodePayload } from '../domain/sparkplug/codec.ts'
import { type Instant, instant, instantFromMs, NS_PER_S } from '../domain/time.ts'
import { conditionMetricOf, decodeCondition } from '../domain/wire/condition.ts'
import { bodyMetrics, decodeReading, emptyBody } from '../domain/wire/record.ts'
import { restampCondition, restampJson, restampMetrics } from './restamp.ts'
import { block, condition, reading } from './testing-site.ts'

const BASE = instantFromMs(1_000_000)
const OFFSET = 3600n * NS_PER_S
/** What lies at or after the base is an hour late. */
const correct = (t_ns: Instant): Instant => (t_ns >= BASE ? instant(t_ns + OFFSET) : t_ns)
const dated = (t_ns: Instant) => ({ t_ns: correct(t_ns), width_ns: 0n })
const restamped = (device: string, body: Partial<typeof emptyBody>) =>
  decodePayload(restampMetrics(encodePayload({ metrics: bodyMetrics(device, { ...emptyBody, ...body }) }), dated)!)
    .metrics

test('readings move with their timestamp; values, width and quality stay', () => {
  const one = reading(2_000_000, 1.5)
  const [metric] = restamped('dead-run', { readings: [one] })
  expect(metric!.timestamp).toBe(2_000_000 + 3_600_000)
  expect(decodeReading('dead-run', metric!)).toEqual({ ...one, t_ns: instant(one.t_ns + OFFSET) })
})

test('blocks move their first instant only', () => {
  const metrics = restamped('roof', { blocks: [block(2000)] })
  const value = (name: string) => metrics.find((m) => m.name === `block/acceleration/${name}`)?.value
  expect(value('t0_ns')).toBe(BigInt(2_000_000) * 1_000_000n + OFFSET)
  expect(value('first_counter')).toBe(200_000n)
  expect(Buffer.from(value('x') as Uint8Array)).toEqual(Buffer.from(block(2000).axes[0]!.samples.buffer))
})

test('a gap that began in trusted time keeps its beginning, and as many polls are missing as lie in it', () => {
  const gap = {
    channels: ['dead-run/stage'],
    from_ns: instantFromMs(400_000),
    to_ns: instantFromMs(1_000_000),
    expected: 600,
    missing: 600,
    reason: 'edge-down',
  } as const
  const [metric] = restamped('dead-run', { gaps: [gap] })
  expect(JSON.parse(String(metric!.value))).toMatchObject({
    from_ns: String(gap.from_ns),
    to_ns: String(gap.to_ns + OFFSET),
    expected: 4200,
    missing: 4200,
  })
})

test('a condition is marked no more; one that is not known keeps its mark and its instants', () => {
  const record = { ...condition(1, true, 2_000_000), time_unknown: true }
  const right = restampCondition(record, correct)
  expect(right).toEqual({ ...condition(1, true, 2_000_000 + 3_600_000) })
  expect(restampCondition(record, () => undefined)).toEqual(record)
  const bytes = restampMetrics(encodePayload({ metrics: [conditionMetricOf(record)] }), dated)!
  expect(decodeCondition(decodePayload(bytes).metrics[0]!)).toEqual(right)
})

test('one unknown instant makes the record unknown', () => {
  const bytes = encodePayload({ metrics: bodyMetrics('dead-run', { ...emptyBody, readings: [reading(1, 1)] }) })
  expect(restampMetrics(bytes, () => undefined)).toBeUndefined()
})

test('of small state the instants move, durations and all else stay', () => {
  const state = { a: { t_ns: String(BASE), half_width_ns: '1000', n: 3 }, list: [{ since_ns: null, x: '12' }] }
  expect(restampJson(state, correct)).toEqual({ ...state, a: { ...state.a, t_ns: String(BASE + OFFSET) } })
})

test('what was proven afterwards is as much less sure as the proof', () => {
  const one = reading(2_000_000, 1.5)
  const bytes = encodePayload({ metrics: bodyMetrics('dead-run', { ...emptyBody, readings: [one] }) })
  const proven = restampMetrics(bytes, (t_ns) => ({ t_ns: correct(t_ns), width_ns: 5n * NS_PER_S }))!
  expect(decodeReading('dead-run', decodePayload(proven).metrics[0]!).half_width_ns).toBe(
    one.half_width_ns + 5n * NS_PER_S,
  )
})
