import { describe, expect, test } from 'vitest'
import type { ScalarPoint } from '../domain/model.ts'
import { loadCases } from '../models/cases.ts'
import { loadShippedModels, shippedModelIds } from '../models/load.ts'
import { headerWords, quantise } from './accelerometer.ts'
import { codeWords, pointWords, rawWords } from './words.ts'

const models = await loadShippedModels()
const cases = await Promise.all(
  (await shippedModelIds()).map(async (id) => ({ model: models.get(id)!, ...(await loadCases(id)) })),
)

describe('the simulator serves what the cases of the models hold', () => {
  const points = cases.flatMap(({ model, points }) =>
    points.flatMap((c) => [...c.readings].map(([metric, reading]) => ({ model, c, metric, reading }))),
  )

  test.each(points.filter(({ reading }) => reading.flag === 1))('$c.file: $c.name', ({ model, c, metric, reading }) => {
    const point = model.points!.find((p) => p.metric === metric)!
    const words = pointWords(point, reading.value!)
    expect(words).toEqual(words.map((_, i) => c.registers.get(point.address + i)))
  })

  test.each(points.filter(({ reading, c }) => reading.reason === 'invalid-code' && c.registers.size > 0))(
    '$c.file: $c.name',
    ({ model, c, metric }) => {
      const point = model.points!.find((p) => p.metric === metric)!
      const words = codeWords(point, point.invalid_codes![0]!)
      expect(words).toEqual(words.map((_, i) => c.registers.get(point.address + i)))
    },
  )

  const rings = cases.flatMap(({ model, rings }) => rings.map((c) => ({ ring: model.ring!, c })))
  test.each(rings)('$c.file: $c.name', ({ ring, c }) => {
    const { header } = c
    const words = headerWords(ring, {
      boot_id: header.boot_id,
      newest_counter: header.newest_counter,
      newest_us: BigInt(header.newest_us),
      now_us: BigInt(header.now_us),
      status: header.status,
    })
    expect(words).toEqual(words.map((_, i) => c.registers.get(ring.header_address + i)))
    for (const { counter, axis, value } of c.samples) {
      const address = ring.samples_address + (counter % ring.depth) * ring.axes.length + ring.axes.indexOf(axis)
      expect(quantise(value, ring) & 0xffff, `counter ${counter} axis ${axis}`).toBe(c.registers.get(address))
    }
  })
})

describe('a value in registers', () => {
  const point = (type: ScalarPoint['type'], more: Partial<ScalarPoint> = {}): ScalarPoint => ({
    metric: 'stage',
    table: 'input',
    address: 0,
    type,
    unit: 'm',
    range: { low: 0, high: 1 },
    ...more,
  })

  // 123456.789 is 0x47F12065 as IEEE 754 binary32
  test.each([
    ['ABCD', [0x47f1, 0x2065]],
    ['CDAB', [0x2065, 0x47f1]],
    ['BADC', [0xf147, 0x6520]],
    ['DCBA', [0x6520, 0xf147]],
  ] as const)('stands in the order %s', (order, words) => {
    expect(rawWords({ type: 'float32', order }, 123456.789)).toEqual(words)
  })

  test('is scaled from SI to what the manual says', () => {
    expect(pointWords(point('int16', { unit: 'cm', scale: 0.1 }), 1.234)).toEqual([1234])
    expect(pointWords(point('uint32', { unit: 'mm', offset: -1000 }), 2)).toEqual([0, 3000])
    expect(pointWords(point('int16', { unit: 'degC', scale: 0.1 }), 263.15)).toEqual([0x10000 - 100])
  })

  test('saturates where the type ends', () => {
    expect(pointWords(point('int16', { unit: 'mm' }), 100)).toEqual([0x7fff])
    expect(pointWords(point('uint16', { unit: 'mm' }), -1)).toEqual([0])
    expect(pointWords(point('int32', { unit: 'mm', scale: 1e-6 }), -10_000)).toEqual([0x8000, 0])
  })

  test('that is absent is NaN or the first code for "no value"', () => {
    expect(pointWords(point('float32'), Number.NaN)).toEqual([0x7fc0, 0])
    expect(pointWords(point('int16', { invalid_codes: [0x8000] }), Number.NaN)).toEqual([0x8000])
    expect(pointWords(point('int32', { invalid_codes: [0x7fff_ffff] }), Number.NaN)).toEqual([0x7fff, 0xffff])
  })
})
