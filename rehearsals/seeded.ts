/** Random numbers that are the same everywhere for the same seed, so that what went wrong once can be done again. */

/** Mulberry32: numbers from 0 up to, not including, 1. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

export type Random = () => number
/** A whole number from 0 up to, not including, `n`. */
export const below = (random: Random, n: number): number => Math.floor(random() * n)
export const oneOf = <T>(random: Random, from: readonly T[]): T => from[below(random, from.length)]!
