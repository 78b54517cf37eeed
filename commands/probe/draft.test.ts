import { describe, expect, test } from 'vitest'
import { readModel } from '../../models/load.ts'
import { type Draft, draftModel, readPoint } from './draft.ts'

const SEEN = {
  words: new Map([
    [2002, 0x3fa3],
    [2003, 0xd70a],
    [2004, 0xff85],
  ]),
  missing: [{ from: 2005, to: 2009, reason: 'exception-2', detail: 'Illegal data address' }],
  requests: 7,
}
const draft = (points: readonly string[], more: Partial<Draft> = {}): string =>
  draftModel({
    id: 'river-gauge',
    range: { table: 'input', from: 2002, count: 8 },
    seen: SEEN,
    points: points.map(readPoint),
    identity: new Map([
      [0, 'Acme: Gauges'],
      [1, 'G-7'],
    ]),
    max: undefined,
    ...more,
  })

describe('a draft', () => {
  test('is a right model that says at each place what the manual must answer', () => {
    const text = draft(['stage@2002:float32:ABCD:m', 'temperature@2004:int16:degC'], { max: 20 })
    expect(readModel(text, 'river-gauge')).toEqual({
      model: {
        id: 'river-gauge',
        name: 'Acme: Gauges G-7',
        source: 'TODO manual, edition and pages that the map was read from',
        points: [
          {
            metric: 'stage',
            table: 'input',
            address: 2002,
            type: 'float32',
            order: 'ABCD',
            unit: 'm',
            range: { low: 0, high: 2 },
          },
          {
            metric: 'temperature',
            table: 'input',
            address: 2004,
            type: 'int16',
            unit: 'degC',
            range: { low: -123, high: 1 },
          },
        ],
        poll_ms: 1000,
        max_registers: 20,
        holes: [{ table: 'input', from: 2005, to: 2009 }],
      },
    })
    for (const place of ['name', 'source', 'range', 'poll_ms'])
      expect(
        text
          .split('\n')
          .filter((line) => line.includes(place))
          .join('\n'),
        place,
      ).toContain('TODO')
    expect(text).toContain('this only holds 1.28, just read')
    expect(text).toContain('registers: { 2002: 16291, 2003: 55050, 2004: 65413 }')
  })

  test('of a register that gave nothing has the narrowest range, not the widest', () => {
    const text = draft(['stage@3000:float32:CDAB:m'])
    expect(readModel(text, 'river-gauge')).toMatchObject({ model: { points: [{ range: { low: 0, high: 1 } }] } })
    expect(text).toContain('holds nothing, just read')
  })

  test('of points that cannot be is refused with the mistakes', () => {
    expect(() => draft(['stage@2005:float32:ABCD:m'])).toThrow(/nothing inside the hole from 2005 to 2009, got 2005/)
    expect(() => draft(['stage@2002:float32:AB:m'])).toThrow(/one of ABCD, CDAB, BADC, DCBA for float32, got "AB"/)
    expect(() => draft([])).toThrow(/at least one --point/)
  })

  test('of bits has neither registers nor orders', () => {
    const coils = { words: new Map([[3, 1]]), missing: [], requests: 1 }
    const text = draft(['door@3:bit:1'], { range: { table: 'coil', from: 0, count: 8 }, seen: coils })
    expect(readModel(text, 'river-gauge')).toMatchObject({
      model: { points: [{ metric: 'door', table: 'coil', address: 3, type: 'bit', range: { low: 0, high: 1 } }] },
    })
  })
})

describe('a point on the command line', () => {
  test('is METRIC@ADDRESS:TYPE[:ORDER]:UNIT', () => {
    expect(readPoint('stage@2002:float32:ABCD:m')).toEqual({
      metric: 'stage',
      address: 2002,
      type: 'float32',
      order: 'ABCD',
      unit: 'm',
    })
    expect(readPoint('pga@7:int16:m/s²')).toEqual({ metric: 'pga', address: 7, type: 'int16', unit: 'm/s²' })
  })
  test.each([
    ['stage', 'expected METRIC@ADDRESS:TYPE[:ORDER]:UNIT, got "stage"'],
    ['stage@2:float:m', 'got "float" in "stage@2:float:m"'],
    ['stage@2:float32:ABCD:furlong', 'got "furlong" in'],
  ])('%s is refused', (text, message) => {
    expect(() => readPoint(text)).toThrow(message)
  })
})
