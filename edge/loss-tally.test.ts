import { describe, expect, test } from 'vitest'
import type { Gap } from '../domain/reading.ts'
import { encodePayload } from '../domain/sparkplug/codec.ts'
import { instantFromMs } from '../domain/time.ts'
import { bodyMetrics, emptyBody } from '../domain/wire/record.ts'
import { LossTally } from './loss-tally.ts'
import { block, reading } from './testing-site.ts'

const gap: Gap = {
  channels: ['dead-run/stage'],
  from_ns: instantFromMs(10_000),
  to_ns: instantFromMs(20_000),
  expected: 10,
  missing: 10,
  reason: 'timeout',
}
const add = (tally: LossTally, device: string, body: Partial<typeof emptyBody>) =>
  tally.add(device, encodePayload({ metrics: bodyMetrics(device, { ...emptyBody, ...body }) }))

describe('what was dropped', () => {
  test('is one gap per channel over the time it spans; a bad reading is missing too', () => {
    const tally = new LossTally()
    const rise = { ...reading(3000, 0.1), channel: 'dead-run/rate_of_rise' }
    add(tally, 'dead-run', { readings: [reading(1000, 1)] })
    add(tally, 'dead-run', { readings: [{ ...reading(5000, 0), value: null, flag: 9, reason: 'timeout' }, rise] })
    const common = { reason: 'outbox-limit' }
    expect(tally.gaps('outbox-limit').get('dead-run')).toEqual([
      {
        ...common,
        channels: ['dead-run/stage'],
        from_ns: instantFromMs(1000),
        to_ns: instantFromMs(5000),
        expected: 2,
        missing: 2,
      },
      {
        ...common,
        channels: ['dead-run/rate_of_rise'],
        from_ns: instantFromMs(3000),
        to_ns: instantFromMs(3000),
        expected: 1,
        missing: 1,
      },
    ])
    expect(tally.records).toBe(2)
  })

  test('of blocks of a wider converter counts samples, not bytes', () => {
    const tally = new LossTally()
    const axes = block(1).axes.map(({ axis, samples }) => ({ axis, samples: Int32Array.from(samples) }))
    add(tally, 'roof', { blocks: [{ ...block(1), axes }] })
    expect(tally.gaps('outbox-limit').get('roof')).toMatchObject([{ missing: 100, to_ns: instantFromMs(2000) }])
  })

  test('of blocks counts samples per axis, for all axes together', () => {
    const tally = new LossTally()
    add(tally, 'roof', { blocks: [block(1)] })
    add(tally, 'roof', { blocks: [block(2)] })
    expect(tally.gaps('outbox-limit').get('roof')).toEqual([
      {
        channels: ['roof/acceleration/x', 'roof/acceleration/y', 'roof/acceleration/z'],
        from_ns: instantFromMs(1000),
        to_ns: instantFromMs(3000),
        expected: 200,
        missing: 200,
        reason: 'outbox-limit',
      },
    ])
  })

  test('and was itself a gap is told again with its own reason', () => {
    const tally = new LossTally()
    add(tally, 'dead-run', { gaps: [gap], readings: [reading(1000, 1)] })
    expect(
      tally
        .gaps('outbox-limit')
        .get('dead-run')
        ?.map((g) => [g.reason, g.missing]),
    ).toEqual([
      ['timeout', 10],
      ['outbox-limit', 1],
    ])
  })
})
