import { describe, expect, test } from 'vitest'
import { instant } from '../domain/time.ts'
import { CounterClock, SLEW_S_PER_S } from './counter-clock.ts'

const MS = 1_000_000n
const RATE = 100
const BLOCK = 100

/** Small repeatable generator: the same run every time. */
function random(seed: number) {
  let state = seed
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32
    return state / 2 ** 32
  }
}
const START = 1_700_000_000_000_000_000n
/** True instant of a sample of a crystal that is off by `ppm`. */
const truth = (counter: number, ppm = 0) => START + BigInt(Math.round((counter * 1e9) / (RATE * (1 + ppm * 1e-6))))
const abs = (ns: bigint) => (ns < 0n ? -ns : ns)

/** A header read: the mid-point is off by the difference of the two ways, at most half their sum. */
const read = (counter: number, out_ms: number, back_ms: number, ppm = 0) => ({
  counter,
  t_ns: instant(truth(counter, ppm) + BigInt(Math.round(((back_ms - out_ms) / 2) * 1e6))),
  half_width_ns: BigInt(Math.round(((out_ms + back_ms) / 2) * 1e6)),
})

describe('instants of samples', () => {
  test('wait for four header reads and take the narrowest', () => {
    const clock = new CounterClock(RATE)
    for (const [i, [out, back]] of [
      [40, 1],
      [1, 12],
      [0.2, 0.3],
    ].entries()) {
      clock.observe(read(i * 20, out!, back!))
      expect(clock.settled).toBe(false)
    }
    clock.observe(read(60, 30, 2))
    expect(clock.settled).toBe(true)
    clock.startBlock(0)
    expect(abs(clock.timeOf(0) - truth(0))).toBeLessThan(MS / 10n)
    expect(clock.halfWidthAt(0)).toBeGreaterThanOrEqual(abs(clock.timeOf(0) - truth(0)))
  })

  test('on a busy node wait longer than four reads, but not for ever', () => {
    const clock = new CounterClock(RATE)
    for (let i = 0; i < 15; i++) clock.observe(read(i, 15, 1))
    expect(clock.settled).toBe(false)
    clock.observe(read(16, 15, 1))
    expect(clock.settled).toBe(true)
  })

  test.each([0, 80, -80])(
    'stay within 2 ms of the truth over ten minutes, crystal %i ppm off, blocks apart by n/rate and the slew',
    (ppm) => {
      const next = random(ppm + 1000)
      const clock = new CounterClock(RATE)
      // Mostly quick answers, one in ten held up on one way by up to 60 ms.
      const way = () => (next() < 0.1 ? next() * 60 : 0.1 + next())
      const poll = (counter: number) => clock.observe(read(counter, way(), way(), ppm))
      for (let i = 0; i < 16 && !clock.settled; i++) poll(0)
      let before: bigint | undefined
      for (let counter = 0; counter < 600 * RATE; counter += BLOCK) {
        for (let i = 1; i <= 5; i++) poll(counter + i * 20)
        expect(clock.startBlock(counter)).toBe(0n)
        const t0 = clock.timeOf(counter)
        for (const c of [counter, counter + BLOCK - 1])
          expect(abs(clock.timeOf(c) - truth(c, ppm))).toBeLessThan(2n * MS)
        if (before !== undefined)
          expect(abs(t0 - before - 1_000_000_000n)).toBeLessThanOrEqual(BigInt(SLEW_S_PER_S * 1e9))
        before = t0
      }
    },
  )

  test('within a block and onwards the samples are exactly 1/rate apart', () => {
    const clock = new CounterClock(RATE)
    for (let i = 0; i < 4; i++) clock.observe(read(i * 20, 0.1, 0.3))
    clock.startBlock(0)
    for (let c = 0; c < BLOCK; c++) expect(clock.timeOf(c) - clock.timeOf(0)).toBe(BigInt(c) * 10_000_000n)
  })

  test('a restart goes on with the same instants, then slews', () => {
    const clock = new CounterClock(RATE)
    const kept = instant(truth(500) + 1_500_000n)
    clock.restore(500, kept)
    expect(clock.settled).toBe(true)
    for (let i = 0; i < 4; i++) clock.observe(read(900 + i, 0.1, 0.1))
    expect(clock.startBlock(500)).toBe(0n)
    expect(clock.timeOf(500)).toBe(kept)
    clock.startBlock(600)
    expect(clock.timeOf(600)).toBe(kept + 1_000_000_000n - 200_000n)
  })

  test('a step of the wall clock is followed at once, and said', () => {
    const clock = new CounterClock(RATE)
    for (let i = 0; i < 4; i++) clock.observe(read(i * 20, 0.1, 0.1))
    clock.startBlock(0)
    const late = read(100, 0.1, 0.1)
    clock.observe({ ...late, t_ns: instant(late.t_ns + 3_000n * MS) })
    expect(clock.startBlock(100)).toBe(3_000n * MS)
    expect(clock.timeOf(100)).toBe(instant(truth(100) + 3_000n * MS))
  })

  test('after a gap nothing is slewed: the best estimate holds', () => {
    const clock = new CounterClock(RATE)
    clock.restore(0, instant(truth(0) + 20n * MS))
    for (let i = 0; i < 4; i++) clock.observe(read(10_000 + i, 0.1, 0.1))
    clock.letGo()
    clock.startBlock(9000)
    expect(abs(clock.timeOf(9000) - truth(9000))).toBeLessThan(MS / 5n)
  })
})
