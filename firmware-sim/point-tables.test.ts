import { describe, expect, test } from 'vitest'
import type { Model, ScalarPoint } from '../domain/model.ts'
import { toSi } from '../domain/units.ts'
import type { Fault } from './device.ts'
import { PointTables } from './point-tables.ts'
import { steadyValue } from './steady.ts'

const point = (metric: string, address: number, more: Partial<ScalarPoint> = {}): ScalarPoint => ({
  metric,
  table: 'input',
  address,
  type: 'uint16',
  unit: '1',
  range: { low: 0, high: 1000 },
  ...more,
})
const model = (points: ScalarPoint[], more: Partial<Model> = {}): Model => ({
  id: 'map',
  name: 'Map',
  source: 'test',
  poll_ms: 1000,
  points,
  ...more,
})
/** Every point shows its value by metric, in its own unit. */
const tables = (values: Record<string, number>, points: ScalarPoint[], more: Partial<Model> = {}) => {
  const map = new PointTables(model(points, more), 'device-7')
  const shown = (p: ScalarPoint) => toSi(values[p.metric] ?? 0, p.unit)!
  return {
    map,
    read: (table: ScalarPoint['table'], address: number, quantity: number, fault: Fault = 'none') => {
      const answer = map.read(table, address, quantity, fault, shown)
      return 'exception' in answer ? answer.exception : [...answer]
    },
    write: (table: 'holding' | 'coil', address: number, ...words: number[]) =>
      map.write(table, address, words, shown)?.exception,
  }
}

describe('the tables of a register map', () => {
  test('reach from their first to their last address; what lies between is 0, beyond it exception 2, no table 1', () => {
    const { read } = tables({ a: 7, b: 9 }, [point('a', 10), point('b', 13)])
    expect(read('input', 10, 4)).toEqual([7, 0, 0, 9])
    expect(read('input', 11, 2)).toEqual([0, 0])
    expect([read('input', 9, 1), read('input', 13, 2)]).toEqual([2, 2])
    expect([read('holding', 10, 1), read('coil', 10, 1)]).toEqual([1, 1])
  })

  test('refuse a request that touches a hole, and answer on both sides of it', () => {
    const { read } = tables({ a: 7, b: 9 }, [point('a', 0), point('b', 20)], {
      holes: [{ table: 'input', from: 5, to: 6 }],
    })
    expect(read('input', 0, 5)).toEqual([7, 0, 0, 0, 0])
    expect(read('input', 7, 14)).toEqual([...Array(13).fill(0), 9])
    expect([read('input', 0, 6), read('input', 6, 1), read('input', 0, 21)]).toEqual([2, 2, 2])
  })

  test('hold bits, fields and bytes of one register side by side', () => {
    const { read } = tables({ a: 1, b: 5, c: 1, d: 200 }, [
      point('a', 0, { type: 'bit', bit: 15 }),
      point('b', 0, { type: 'bits', bit: 4, bits: 3 }),
      point('c', 0, { type: 'bit' }),
      point('d', 1, { type: 'uint8', byte: 'high' }),
    ])
    expect(read('input', 0, 2)).toEqual([0x8051, 200 << 8])
  })

  test('coils and discrete inputs are single bits', () => {
    const { read } = tables({ a: 1, b: 1 }, [
      point('a', 3, { table: 'coil', type: 'bit' }),
      point('b', 8, { table: 'discrete', type: 'bit' }),
    ])
    expect(read('coil', 3, 1)).toEqual([1])
    expect(read('discrete', 8, 1)).toEqual([1])
  })

  test('a unit register says in which unit the value stands: the model own, else one that the device knows', () => {
    const metres = { address: 5, codes: { 1: 'ft', 2: 'm' } }
    const feet = { address: 5, codes: { 9: 'ft' } }
    const stage = (unit_register: ScalarPoint['unit_register']) =>
      tables({ a: 3.048 }, [point('a', 0, { type: 'float32', unit: 'm', unit_register })])
    expect(stage(metres).read('input', 5, 1)).toEqual([2])
    expect(stage(metres).read('input', 0, 2)).toEqual([0x4043, 0x126f])
    expect(stage(feet).read('input', 5, 1)).toEqual([9])
    // 3.048 m = 10 ft
    expect(stage(feet).read('input', 0, 2)).toEqual([0x4120, 0])
  })

  test('information registers hold text and numbers that stay the same', () => {
    const { read } = tables({}, [], {
      info: [
        { name: 'serial_number', table: 'holding', address: 0, type: 'string', registers: 5 },
        { name: 'firmware', table: 'holding', address: 5, type: 'string', registers: 2, order: 'BA' },
        { name: 'serial', table: 'holding', address: 7, type: 'bcd32' },
      ],
    })
    const words = read('holding', 0, 9) as number[]
    const text = (from: number, to: number) =>
      String.fromCharCode(...words.slice(from, to).flatMap((w) => [w >> 8, w & 0xff]))
    expect(text(0, 5)).toBe('device-7\0\0')
    expect(text(5, 7)).toBe('.1\x000')
    expect(
      words
        .slice(7)
        .map((w) => w.toString(16).padStart(4, '0'))
        .join(''),
    ).toMatch(/^\d{8}$/)
  })
})

describe('a status word', () => {
  const status = (s: ScalarPoint['status'], value: number, fault: Fault = 'none') =>
    (tables({ a: value }, [point('a', 1, { status: s })]).read('input', 0, 1, fault) as number[])[0]

  test.each([
    [{ address: 0, bit: 3 }, 0, 8],
    [{ address: 0, mask: 0x0c }, 0, 4],
    [{ address: 0, codes: [77] }, 0, 77],
    // 0 itself means invalid: all is well at the lowest word that does not.
    [{ address: 0, codes: [0, 1] }, 2, 0],
  ])('%j', (s, valid, invalid) => {
    expect(status(s, 5)).toBe(valid)
    expect(status(s, Number.NaN)).toBe(invalid)
    expect(status(s, 5, 'status')).toBe(invalid)
  })

  test('shared by two points tells which of them has no value', () => {
    const { read } = tables({ a: Number.NaN, b: 2 }, [
      point('a', 1, { status: { address: 0, bit: 0 } }),
      point('b', 2, { status: { address: 0, bit: 1 } }),
    ])
    expect(read('input', 0, 3)).toEqual([1, 0, 2])
  })
})

describe('faults in the values', () => {
  const wide = [point('a', 0, { type: 'uint32' }), point('b', 2, { type: 'float64' }), point('c', 6)]

  test('wrong order: values of several registers come with their words the other way round', () => {
    const { read } = tables({ a: 0x0001_0002, b: 1, c: 5 }, wide)
    expect(read('input', 0, 7)).toEqual([1, 2, 0x3ff0, 0, 0, 0, 5])
    expect(read('input', 0, 7, 'wrong-order')).toEqual([2, 1, 0, 0, 0, 0x3ff0, 5])
  })

  test('are refused where nothing of the map can show them', () => {
    const { map } = tables({}, [point('c', 6)])
    for (const fault of ['nan', 'invalid-code', 'status', 'wrong-order'] as const)
      expect(map.cannotShow(fault)).toMatch(/^a model with/)
    expect(map.cannotShow('hang')).toBeUndefined()
  })
})

describe('writing', () => {
  const points = [
    point('set', 0, { table: 'holding', writable: true, range: { low: 10, high: 50 } }),
    point('level', 1, { table: 'holding', type: 'float32', unit: 'm', writable: true, range: { low: 0, high: 5 } }),
    point('mode', 3, { table: 'holding', type: 'bits', bit: 4, bits: 2, writable: true }),
    point('alarm', 3, { table: 'holding', type: 'bit' }),
    point('serial', 4, { table: 'holding' }),
    point('siren', 9, { table: 'coil', type: 'bit', writable: true }),
    point('lamp', 10, { table: 'coil', type: 'bit' }),
  ]
  const device = () => tables({ set: 20, alarm: 1, serial: 42 }, points)

  test('holds until the device forgets', () => {
    const { map, read, write } = device()
    expect(write('holding', 0, 30, 0x4020, 0)).toBeUndefined()
    expect(write('coil', 9, 1)).toBeUndefined()
    expect(read('holding', 0, 3)).toEqual([30, 0x4020, 0])
    expect(read('coil', 9, 2)).toEqual([1, 0])
    map.forget()
    expect(read('holding', 0, 1)).toEqual([20])
    expect(read('coil', 9, 1)).toEqual([0])
  })

  test('of a field leaves the other bits of its register to the device', () => {
    const { read, write } = device()
    expect(write('holding', 3, 0x31)).toBeUndefined()
    expect(read('holding', 3, 1)).toEqual([0x31])
    expect(write('holding', 3, 0x20)).toBe(3)
    expect(read('holding', 3, 1)).toEqual([0x31])
  })

  test.each([
    ['a register that only shows', 'holding', 4, [1], 2],
    ['a coil that only shows', 'coil', 10, [1], 2],
    ['beyond the table', 'holding', 5, [1], 2],
    ['a value outside its range', 'holding', 0, [51], 3],
    ['half a value', 'holding', 1, [0x4020], 3],
    ['NaN', 'holding', 1, [0x7fc0, 0], 3],
    ['a good value beside a bad one', 'holding', 0, [30, 0x40c0, 0], 3],
  ] as const)('%s is refused, and nothing has changed', (_, table, address, words, exception) => {
    const { read, write } = device()
    expect(write(table, address, ...words)).toBe(exception)
    expect(read('holding', 0, 5)).toEqual([20, 0, 0, 1, 42])
  })
})

describe('what nothing drives', () => {
  test.each([
    ['degC', -20, 60, 288.15],
    ['degC', 20, 60, 313.15],
    ['V', 0, 30, 12.6],
    ['m', 0, 20, 1],
    ['hPa', 300, 1100, 101_325],
    ['1', 0, 12, 0],
  ])('%s from %d to %d stands at %d [SI]: ordinary, or the middle of the range', (unit, low, high, si) => {
    expect(steadyValue(point('a', 0, { type: 'float32', unit, range: { low, high } }))).toBeCloseTo(si, 9)
  })

  test('never at a code that means "no value"', () => {
    expect(steadyValue(point('a', 0, { range: { low: 0, high: 10 }, invalid_codes: [0] }))).toBe(5)
  })
})
