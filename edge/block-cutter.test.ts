import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BlockCutter, type CutBlock, gridAtOrAfter } from './block-cutter.ts'

/** Sample of counter c, axis a = 3 c + a: every sample can be told from every other. */
const runOf = (first: number, count: number, axes: number) =>
  Int16Array.from({ length: count * axes }, (_, i) => 3 * (first + Math.floor(i / axes)) + (i % axes))

/** Pushes a run as the ring does: in pieces that end at grid lines. */
function feed(cutter: BlockCutter, first: number, count: number, axes: number): CutBlock[] {
  const data = runOf(first, count, axes)
  const blocks: CutBlock[] = []
  for (let at = 0; at < count; ) {
    const n = Math.min(cutter.room(first + at), count - at)
    const block = cutter.push(first + at, data, at, n)
    if (block !== undefined) blocks.push(block)
    at += n
  }
  return blocks
}

describe('blocks on the grid of the counter', () => {
  test('begin at multiples of their length, whatever the polls brought', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 0, max: 500 }),
        fc.array(fc.integer({ min: 1, max: 120 }), { minLength: 1, maxLength: 12 }),
        (length, start, polls) => {
          const cutter = new BlockCutter(length, 3)
          const blocks: CutBlock[] = []
          let next = start
          for (const n of polls) {
            blocks.push(...feed(cutter, next, n, 3))
            next += n
          }
          const last = cutter.flush()
          if (last !== undefined) blocks.push(last)
          let expected = start
          for (const { first_counter, axes } of blocks) {
            expect(first_counter).toBe(expected)
            const n = axes[0]!.length
            if (expected !== start) expect(first_counter % length).toBe(0)
            for (const [a, samples] of axes.entries())
              expect(Array.from(samples)).toEqual(Array.from({ length: n }, (_, i) => 3 * (first_counter + i) + a))
            expected += n
          }
          expect(expected).toBe(next)
        },
      ),
    )
  })

  test('a ring that is read again is cut alike', () => {
    const whole = feed(new BlockCutter(10, 1), 0, 60, 1)
    const again = feed(new BlockCutter(10, 1), 30, 30, 1)
    expect(again).toEqual(whole.slice(3))
  })

  test('after a gap a block begins at the oldest sample held and ends at the next grid line', () => {
    expect(feed(new BlockCutter(10, 1), 17, 20, 1).map((b) => [b.first_counter, b.axes[0]!.length])).toEqual([
      [17, 3],
      [20, 10],
    ])
    expect([gridAtOrAfter(17, 10), gridAtOrAfter(20, 10), gridAtOrAfter(0, 10)]).toEqual([20, 20, 0])
  })

  test('a sample that does not follow is our bug', () => {
    const cutter = new BlockCutter(10, 1)
    feed(cutter, 0, 5, 1)
    expect(() => cutter.push(6, runOf(6, 1, 1), 0, 1)).toThrow('block continues at 5, not 6')
  })
})
