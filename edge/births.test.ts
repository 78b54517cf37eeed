import { describe, expect, test } from 'vitest'
import { channelsOf } from '../domain/channel.ts'
import { DataType, type Metric } from '../domain/sparkplug/payload.ts'
import { instantFromMs } from '../domain/time.ts'
import { conditionsOfBirth } from '../domain/wire/condition.ts'
import { metricsByName } from '../domain/wire/metric.ts'
import { blockGroupsOf, decodeReading } from '../domain/wire/record.ts'
import { type BirthContext, blocksDeviceBirth, blocksNodeBirth, deviceBirth, nodeBirth } from './births.ts'
import { Present } from './present.ts'
import { ACCELEROMETER, block, condition, GAUGE, reading, testSite } from './testing-site.ts'

const { site, node } = testSite()
const [gauge, roof] = node.links[0]!.devices as [
  (typeof node.links)[0]['devices'][0],
  (typeof node.links)[0]['devices'][0],
]
const contextWith = (present: Present): BirthContext => ({ site, node, outbox: 'box', software: 'plumbline', present })
const newPresent = () => new Present(channelsOf(site).map((c) => c.id))
const NOW = instantFromMs(1_700_000_000_000)
const one = (metrics: readonly Metric[], name: string) => metricsByName(metrics).get(name)

describe('NBIRTH', () => {
  const metrics = nodeBirth(contextWith(newPresent()), 3n, NOW)

  test('tck-id-topics-nbirth-rebirth-metric: Node Control/Rebirth is there as Boolean false', () => {
    expect(one(metrics, 'Node Control/Rebirth')).toMatchObject({ datatype: DataType.Boolean, value: false })
  })

  test('tck-id-payloads-metric-datatype-req: every metric of every birth has name, datatype and timestamp', () => {
    const context = contextWith(newPresent())
    const all = [
      ...metrics,
      ...blocksNodeBirth(context, NOW),
      ...deviceBirth(context, gauge, GAUGE, NOW),
      ...blocksDeviceBirth(context, roof, ACCELEROMETER, NOW)!,
    ]
    for (const { name, datatype, timestamp } of all) expect([name, datatype, timestamp]).not.toContain(undefined)
  })

  test('names outbox, site hash, acknowledgement and heartbeat', () => {
    expect(Object.fromEntries(metrics.map((m) => [m.name, m.value]))).toMatchObject({
      'outbox/id': 'box',
      'outbox/offset': null,
      'site/hash': 'site-hash',
      'Node Control/Committed': null,
      heartbeat: 3n,
      'Properties/software': 'plumbline',
    })
  })

  test('holds every limit: one never crossed as false with occurrence 0', () => {
    expect(conditionsOfBirth(metrics)).toMatchObject([
      {
        record: { limit_id: 'high', state: false, occurrence: 0, exercise: false },
        limit: { limit: 0.61, deadband: 0.06 },
      },
      // Of every node: whether its outbox loses records.
      { record: { limit_id: 'outbox-edge-1', state: false, occurrence: 0, exercise: false }, limit: { channel: '' } },
    ])
  })

  test('and one that stands as it is now', () => {
    const present = newPresent()
    present.condition(condition(4, true, 5000))
    const [born] = conditionsOfBirth(nodeBirth(contextWith(present), 0n, NOW))
    expect(born?.record).toEqual(condition(4, true, 5000))
  })
})

describe('DBIRTH of a gauge', () => {
  test('names each channel as Double with unit, range and exercise; unread ones are null and missing', () => {
    const metrics = deviceBirth(contextWith(newPresent()), gauge, GAUGE, NOW)
    expect(one(metrics, 'stage')).toMatchObject({
      datatype: DataType.Double,
      value: null,
      properties: {
        unit: { value: 'm' },
        low: { value: 0 },
        high: { value: 20 },
        exercise: { value: false },
        qartod: { value: 9 },
      },
    })
    expect(one(metrics, 'rate_of_rise')?.properties).toMatchObject({ unit: { value: 'm/s' } })
    expect(one(metrics, 'device/time_scale')?.value).toBe(1)
    expect(one(metrics, 'device/simulated')?.value).toBe(false)
  })

  test('carries the last reading whole, also one that is not good', () => {
    const present = newPresent()
    present.reading(reading(1000, 0.5))
    const bad = { ...reading(2000, 0), value: null, flag: 4, reason: 'timeout', detail: 'no reply in 1000 ms' } as const
    present.reading(bad)
    present.reading(reading(1500, 0.6))
    const stage = one(deviceBirth(contextWith(present), gauge, GAUGE, NOW), 'stage')!
    expect(decodeReading('dead-run', stage)).toEqual(bad)
  })
})

describe('the blocks node', () => {
  test('is born without conditions', () => {
    const names = blocksNodeBirth(contextWith(newPresent()), NOW).map((m) => m.name)
    expect(names).toEqual(['Node Control/Rebirth', 'Node Control/Committed', 'outbox/id', 'outbox/offset', 'site/hash'])
  })

  test('names scale and unit of each axis in SI, and marks the exercise', () => {
    const metrics = blocksDeviceBirth(contextWith(newPresent()), roof, ACCELEROMETER, NOW)!
    expect(blockGroupsOf(metrics)).toEqual(
      new Map([['acceleration', { scale: block(0).scale, unit: 'm/s²', axes: ['x', 'y', 'z'] }]]),
    )
    expect(one(metrics, 'block/acceleration/x')?.properties?.['exercise']?.value).toBe(true)
    expect(one(metrics, 'device/simulated')?.value).toBe(true)
  })

  test('does not carry a device without a ring', () => {
    expect(blocksDeviceBirth(contextWith(newPresent()), gauge, GAUGE, NOW)).toBeUndefined()
  })
})
