import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ModbusError } from '../../domain/ports.ts'
import { monotonic } from '../../domain/time.ts'
import { REQUESTS_MAX, readRange } from './read.ts'

const AT = monotonic(0n)
/** A device that refuses every request which touches a hole; the word at an address is its address. */
const device = (isHole: (address: number) => boolean, refusal = 'exception-2') => {
  const asked: Array<[number, number]> = []
  const answer = (address: number, quantity: number) => {
    asked.push([address, quantity])
    const addresses = Array.from({ length: quantity }, (_, i) => address + i)
    if (addresses.some(isHole)) throw new ModbusError(refusal as 'exception-2', 'Illegal data address')
    return addresses
  }
  return {
    asked,
    readRegisters: async (_: number, __: string, address: number, quantity: number) => ({
      registers: Uint16Array.from(answer(address, quantity)),
      sent: AT,
      received: AT,
    }),
    readBits: async (_: number, __: string, address: number, quantity: number) => ({
      bits: Uint8Array.from(answer(address, quantity), (at) => at % 2),
      sent: AT,
      received: AT,
    }),
  }
}

describe('a range of registers', () => {
  test('is read in requests no longer than the device allows', async () => {
    const link = device(() => false)
    const seen = await readRange(link, 1, { table: 'input', from: 100, count: 300 }, 125)
    expect(link.asked).toEqual([
      [100, 125],
      [225, 125],
      [350, 50],
    ])
    expect(seen).toMatchObject({ missing: [], requests: 3 })
    expect(seen.words.get(399)).toBe(399)
  })

  test('with a hole gives all but the hole, by halving what was refused', async () => {
    const seen = await readRange(
      device((at) => at >= 5 && at <= 7),
      1,
      { table: 'holding', from: 0, count: 16 },
      125,
    )
    expect([...seen.words.keys()].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 8, 9, 10, 11, 12, 13, 14, 15])
    expect(seen.missing).toEqual([{ from: 5, to: 7, reason: 'exception-2', detail: 'Illegal data address' }])
  })

  test('whatever its holes: each address is read or told as missing, exactly once', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.integer({ min: 0, max: 99 })),
        fc.integer({ min: 1, max: 125 }),
        async (list, max) => {
          const holes = new Set(list)
          const seen = await readRange(
            device((at) => holes.has(at)),
            1,
            { table: 'holding', from: 0, count: 100 },
            max,
          )
          const missing = seen.missing.flatMap(({ from, to }) =>
            Array.from({ length: to - from + 1 }, (_, i) => from + i),
          )
          expect(missing.sort((a, b) => a - b)).toEqual([...holes].sort((a, b) => a - b))
          expect(seen.words.size + missing.length).toBe(100)
          expect([...seen.words].every(([at, word]) => at === word && !holes.has(at))).toBe(true)
        },
      ),
      { numRuns: 50 },
    )
  })

  test('that is all holes ends at the limit of requests and says what was not asked', async () => {
    const link = device(() => true)
    const seen = await readRange(link, 1, { table: 'holding', from: 0, count: 2000 }, 125)
    expect(link.asked.length).toBe(REQUESTS_MAX)
    expect(seen.missing.at(-1)).toMatchObject({ to: 1999, reason: 'not-asked' })
  })

  test('of a function that the device does not know is asked once', async () => {
    const link = device(() => true, 'exception-1')
    const seen = await readRange(link, 1, { table: 'input', from: 0, count: 400 }, 100)
    expect(link.asked).toEqual([[0, 100]])
    expect(seen.missing).toEqual([{ from: 0, to: 399, reason: 'exception-1', detail: 'Illegal data address' }])
  })

  test('of a device that is busy is told and not halved', async () => {
    const link = device((at) => at === 0, 'exception-6')
    const seen = await readRange(link, 1, { table: 'input', from: 0, count: 20 }, 10)
    expect(link.asked).toEqual([
      [0, 10],
      [10, 10],
    ])
    expect(seen.missing).toMatchObject([{ from: 0, to: 9, reason: 'exception-6' }])
  })

  test.each(['timeout', 'closed', 'exception-11'])(
    'of a device that does not answer (%s) ends at once',
    async (reason) => {
      const link = device(() => true, reason)
      await expect(readRange(link, 1, { table: 'holding', from: 0, count: 400 }, 100)).rejects.toMatchObject({ reason })
      expect(link.asked.length).toBe(1)
    },
  )
})

test('bits are read with the functions of bits', async () => {
  const seen = await readRange(
    device((at) => at === 3),
    1,
    { table: 'coil', from: 0, count: 6 },
    2000,
  )
  expect([...seen.words]).toEqual([
    [0, 0],
    [1, 1],
    [2, 0],
    [4, 0],
    [5, 1],
  ])
  expect(seen.missing).toMatchObject([{ from: 3, to: 3 }])
})
