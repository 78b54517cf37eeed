/** What a still accelerometer reads: a step up or down now and then. A function of the counter, so a sample has one value. */
import { mixed } from './physics/hash-noise.ts'

/** Seed of a device from its id, so that two devices at rest do not move together. */
export function seedOf(id: string): number {
  let seed = 0
  for (const character of id) seed = mixed(seed ^ character.codePointAt(0)!)
  return seed
}

/** -1, 0, 0 or +1 step with equal chances: mean 0, variance 1/2. */
export function quietStep(seed: number, counter: number, axis: number): number {
  const low = mixed(seed ^ mixed(counter >>> 0) ^ mixed(axis + 1))
  const both = mixed(low ^ Math.floor(counter / 2 ** 32))
  return (both & 1) - ((both >>> 1) & 1)
}
