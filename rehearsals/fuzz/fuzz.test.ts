/** A short run of every target with a fixed seed; `npm run fuzz` goes on for as long as it is asked to. */
import { expect, test } from 'vitest'
import { TARGETS } from './index.ts'
import { fuzz, inWords, isWell } from './target.ts'

const ATTACKS = 300

test.each(TARGETS.map((target) => [`${target.id}: ${target.what}`, target] as const))(
  '%s',
  async (_, target) => {
    const told = await fuzz(target, { attacks: ATTACKS, seed: 1 })
    expect(told.attacks).toBe(ATTACKS)
    expect(isWell(told), inWords(told)).toBe(true)
  },
  300_000,
)
