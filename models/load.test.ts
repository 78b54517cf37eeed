import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ringScale, sampledOf } from '../domain/model.ts'
import { showMistake } from '../domain/yaml-check.ts'
import { loadCases } from './cases.ts'
import { loadModels, loadShippedModels, readModel, shippedModelIds } from './load.ts'

const RING = `id: ring
name: Ring
source: test
ring:
  group: acceleration
  table: holding
  header_address: 0
  samples_address: 32
  axes: [x, y, z]
  sample_rate_hz: 100
  depth: 6000
  block_samples: 100
  unit: g
  full_scale: 2
measures: [pga]
poll_ms: 200
`
const GAUGE = `id: gauge
name: Gauge
source: test
points:
  - metric: stage
    table: input
    address: 2
    type: float32
    order: ABCD
    unit: m
    range: { low: 0, high: 20 }
measures: [rate_of_rise]
poll_ms: 1000
`
const mistakes = (text: string, id: string): string[] => {
  const read = readModel(text, id)
  return 'mistakes' in read ? read.mistakes.map(showMistake) : []
}

describe('the models that ship', () => {
  test('are the ones the site file may name, and all are right', async () => {
    const ids = await shippedModelIds()
    expect([...(await loadShippedModels()).keys()]).toEqual(ids)
    expect(ids).toEqual(expect.arrayContaining(['sim-accelerometer-3axis', 'sim-stage-gauge', 'vega-vegapuls-61-69']))
  })

  test('one step of the accelerometer is 0.0599 gal', async () => {
    const ring = (await loadModels(['sim-accelerometer-3axis'])).get('sim-accelerometer-3axis')!.ring!
    expect(ringScale(ring) * 100).toBeCloseTo(0.0599, 4)
    expect(ringScale(ring)).toBe((2 * 9.80665) / 32_768)
    expect(ring.depth / ring.sample_rate_hz).toBe(60)
  })

  test('each have cases that name only metrics and axes of their own', async () => {
    for (const [id, model] of await loadShippedModels()) {
      const { points, rings, queues, infos } = await loadCases(id)
      expect(points.length + rings.length + queues.length, id).toBeGreaterThan(0)
      const metrics = (model.points ?? []).map((p) => p.metric)
      for (const c of points) for (const metric of c.readings.keys()) expect(metrics, c.name).toContain(metric)
      for (const c of [...rings, ...queues])
        for (const s of c.samples) expect(sampledOf(model)!.axes, c.name).toContain(s.axis)
      for (const c of infos)
        for (const name of c.info.keys())
          expect(
            (model.info ?? []).map((i) => i.name),
            c.name,
          ).toContain(name)
    }
  })
})

describe('a register map with a mistake', () => {
  test('the two maps that the mistakes below are made in are right', () => {
    expect([...mistakes(RING, 'ring'), ...mistakes(GAUGE, 'gauge')]).toEqual([])
  })

  test.each([
    [
      'depth: 6000',
      'depth: 22000',
      '11: ring.depth: expected at most 21834 samples per axis from register 32, got 22000',
    ],
    [
      'samples_address: 32',
      'samples_address: 17',
      '8: ring.samples_address: expected samples outside the header (0 to 17), got 17',
    ],
    [
      'header_address: 0',
      'header_address: 65530',
      '7: ring.header_address: expected an address at which 18 registers fit, got 65530',
    ],
    ['axes: [x, y, z]', 'axes: [x, y, x]', '9: ring.axes: expected each axis once, got ["x","y","x"]'],
    [
      'block_samples: 100',
      'block_samples: 3001',
      '12: ring.block_samples: expected at most half the depth (6000), got 3001',
    ],
    [
      'poll_ms: 200',
      'poll_ms: 60010',
      '11: ring.depth: expected at least 6001 samples, which come in 60010 ms (poll_ms), got 6000',
    ],
    ['unit: g', 'unit: ft', '13: ring.unit: expected a unit of acceleration, got "ft"'],
    [
      'sample_rate_hz: 100',
      'sample_rate_hz: 33.33333',
      '10: ring.sample_rate_hz: expected whole millihertz, as the header holds them, got 33.33333',
    ],
    [
      'poll_ms: 200',
      'poll_ms: 200\nmax_registers: 17',
      '17: max_registers: expected at least 18, so that the header comes in one read, got 17',
    ],
    [
      'measures: [pga]',
      'measures: [pga, rate_of_rise]',
      '15: measures[1]: expected a measure of what the device gives (rate_of_rise needs stage), got "rate_of_rise"',
    ],
    ['id: ring', 'id: other', '1: id: expected the name of its folder, ring, got "other"'],
    ['full_scale: 2', 'full_scale: two', '14: ring.full_scale: expected a number, got "two"'],
  ])('in its ring is told by line and path: %s -> %s', (right, wrong, message) => {
    expect(mistakes(RING.replace(right, wrong), 'ring')).toEqual([`models/ring/model.yaml:${message}`])
  })

  test.each([
    ['address: 2', 'address: 65535', '7: points[0].address: expected an address at which 2 registers fit, got 65535'],
    ['type: float32', 'type: int16', '9: points[0].order: expected one of AB, BA for int16, got "ABCD"'],
    ['low: 0, high: 20', 'low: 20, high: 20', '11: points[0].range.high: expected more than low (20), got 20'],
    ['unit: m', 'unit: m\n    scale: 0', '11: points[0].scale: expected a scale other than 0, got 0'],
    [
      'unit: m',
      'unit: m\n    invalid_codes: [1e39]',
      '11: points[0].invalid_codes[0]: expected a raw value that float32 can hold, got 1e+39',
    ],
  ])('in a point is told by line and path: %s -> %s', (right, wrong, message) => {
    expect(mistakes(GAUGE.replace(right, wrong), 'gauge')).toEqual([`models/gauge/model.yaml:${message}`])
  })

  test.each([
    ['int16', [0x8000, -32_768], [0x1_0000, -32_769, 0.5]],
    ['uint16', [0xffff], [-1]],
    ['int32', [0x8000_0000, -(2 ** 31)], [2 ** 32]],
    ['uint32', [0xffff_ffff], [-1]],
    ['float32', [999.9, -999_999], [1e39]],
  ])('names codes that %s can never give', (type, right, wrong) => {
    const codes = GAUGE.replace('type: float32', `type: ${type}`).replace('    order: ABCD\n', '')
    const told = (list: number[]) =>
      mistakes(codes.replace('unit: m', `unit: m\n    invalid_codes: [${list}]`), 'gauge')
    expect(told(right)).toEqual([])
    expect(told(wrong).length).toBe(wrong.length)
  })

  test('tells all of its mistakes at once', () => {
    const text = GAUGE.replace('input', 'coils')
      .replace('address: 2', 'address: -1')
      .replace('poll_ms: 1000', 'pol_ms: 1000')
    expect(mistakes(text, 'gauge').length).toBe(4)
  })

  test('that has neither points nor samples is refused', () => {
    expect(mistakes('id: bare\nname: Bare\nsource: test\npoll_ms: 100\n', 'bare')).toEqual([
      'models/bare/model.yaml:1: (top): expected points, a ring or a queue, got nothing',
    ])
  })
})

describe('a model that is not there', () => {
  test('is refused with the ones that are; a path is no id', async () => {
    const there = (await shippedModelIds()).join(', ')
    await expect(loadModels(['../domain', 'nope'])).rejects.toThrow(
      [
        `MODEL_INVALID: models/: expected a model that is there (${there}), got "../domain"`,
        `models/: expected a model that is there (${there}), got "nope"`,
      ].join('\n'),
    )
  })

  test('an empty folder ships none', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'models-'))
    expect(await shippedModelIds(folder)).toEqual([])
    await rm(folder, { recursive: true })
  })
})
