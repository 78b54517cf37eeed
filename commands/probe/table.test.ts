import { expect, test } from 'vitest'
import { bitTable, isPlausible, registerTable, valueAt, wideTable } from './table.ts'

const seen = (words: Array<[number, number]>, missing: Array<{ from: number; to: number }> = []) => ({
  words: new Map(words),
  missing: missing.map((hole) => ({ ...hole, reason: 'exception-2', detail: 'Illegal data address' })),
  requests: 1,
})
const cells = (line: string) => line.trim().split(/\s+/)

test('a row shows a register as everything it could be; what looks like a measurement is marked', () => {
  // 1.28 as binary32 is 0x3FA3D70A; -123 is 0xFF85.
  const [head, first, second, third] = registerTable(
    seen([
      [2, 0x3fa3],
      [3, 0xd70a],
      [4, 0xff85],
    ]),
  )
  expect(cells(head!).slice(0, 4)).toEqual(['address', 'hex', 'int16', 'uint16'])
  expect(head).toContain('float32 ABCD')
  expect(head).toContain('int32 DCBA')
  const row = cells(first!)
  expect(row.slice(0, 5)).toEqual(['2', '0x3FA3', '16291', '16291', '1.28*'])
  expect(row.filter((cell) => cell.endsWith('*'))).toEqual(['1.28*'])
  expect(cells(second!)[3]).toBe(String(0xd70a))
  // The last register has no neighbour: nothing is made up for it.
  expect(cells(third!)).toEqual(['4', '0xFF85', '-123', '65413'])
})

test('each order finds its own value', () => {
  const words = new Map([
    [0, 0x3fa3],
    [1, 0xd70a],
    [2, 0xd70a],
    [3, 0x3fa3],
    [4, 0xa33f],
    [5, 0x0ad7],
    [6, 0x0ad7],
    [7, 0xa33f],
  ])
  for (const [address, order] of [
    [0, 'ABCD'],
    [2, 'CDAB'],
    [4, 'BADC'],
    [6, 'DCBA'],
  ] as const)
    expect(valueAt(words, address, 'float32', order), order).toBe(Math.fround(1.28))
  expect(valueAt(words, 7, 'float32', 'ABCD')).toBeUndefined()
})

test('holes stand where they are', () => {
  const lines = registerTable(
    seen(
      [
        [0, 1],
        [4, 2],
      ],
      [{ from: 1, to: 3 }],
    ),
  )
  expect(lines.slice(1).map((line) => cells(line)[0])).toEqual(['0', '1-3', '4'])
  expect(lines[2]).toContain('hole: Illegal data address (exception-2)')
})

test('64 bits are shown in six orders, from addresses that have four registers', () => {
  // 1.5 as binary64 is 0x3FF8000000000000.
  const [head, row, ...rest] = wideTable(
    seen([
      [0, 0x3ff8],
      [1, 0],
      [2, 0],
      [3, 0],
    ]),
  )
  expect(head).toContain('float64 ABCDEFGH')
  expect(head).toContain('int64 GHEFCDAB')
  expect(cells(row!)[1]).toBe('1.5*')
  expect(rest).toEqual([])
})

test('bits stand sixteen to a line, with a new line after a hole', () => {
  const bits = Array.from({ length: 20 }, (_, i): [number, number] => [i < 18 ? i : i + 2, i % 2])
  expect(bitTable(seen(bits, [{ from: 18, to: 19 }])).map((line) => line.trim())).toEqual([
    '0  0101 0101 0101 0101',
    '16  01',
    '20  01',
    '18-19  hole: Illegal data address (exception-2)',
  ])
})

test('of a size that sensors give: not zero, not a misread exponent, not infinite', () => {
  expect([1.28, -0.35, 101_320, 0.0001].every(isPlausible)).toBe(true)
  expect([0, 1e-38, -3.4e38, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31 - 1].some(isPlausible)).toBe(false)
})
