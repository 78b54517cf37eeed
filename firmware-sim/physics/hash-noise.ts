/**
 * Noise as a function of seed and position: the same everywhere, at any order of asking, without a state to carry along.
 * Integer hashes and sums only. Which band and how strong is left to `band-noise.ts`.
 */

/** 32-bit finaliser of MurmurHash3 (A. Appleby, public domain): every input bit changes every output bit. */
export function mixed(value: number): number {
  let h = value | 0
  h = Math.imul(h ^ (h >>> 16), 0x85eb_ca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2_ae35)
  return (h ^ (h >>> 16)) >>> 0
}

/** 32 bits of a whole position (negative ones too) in the stream of a seed. */
export function hashAt(seed: number, position: number): number {
  // The odd constant keeps seed 0, position 0 (a fixed point of the finaliser) from giving 0.
  const low = mixed(mixed((seed | 0) ^ 0x9e37_79b9) ^ (position >>> 0))
  return mixed(low + Math.floor(position / 2 ** 32))
}

/** Seed of a named stream of a seed: streams of different names do not move together. */
export function streamSeed(seed: number, name: string): number {
  let h = mixed((seed | 0) ^ 0x9e37_79b9)
  for (const character of name) h = mixed(h ^ character.codePointAt(0)!)
  return h
}

/** Even in [0, 1), in steps of 2^-32. */
export const uniformAt = (seed: number, position: number): number => hashAt(seed, position) / 2 ** 32

/** Variance of a sum of four bytes, each even in 0…255: 4 · (256² − 1) / 12. */
const BYTES_DEVIATION = Math.sqrt((4 * (256 * 256 - 1)) / 12)

/**
 * White noise of mean 0 and variance 1: the sum of the four bytes of a hash (Irwin–Hall of order 4, within ±3.45). Filtered
 * over tens of samples it is Gaussian for every purpose here.
 */
export function whiteAt(seed: number, position: number): number {
  const h = hashAt(seed, position)
  return ((h & 255) + ((h >>> 8) & 255) + ((h >>> 16) & 255) + (h >>> 24) - 510) / BYTES_DEVIATION
}
