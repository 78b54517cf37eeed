/** For tests only: a lone accelerometer with a ring, and what must hold of the blocks that were read from it. */
import { expect } from 'vitest'
import type { Limit } from '../domain/condition.ts'
import { type Model, ringScale } from '../domain/model.ts'
import { type Block, sampleInstant } from '../domain/reading.ts'
import { fromIso, instant } from '../domain/time.ts'
import { loadModels } from '../models/load.ts'
import { SimulatedClock } from '../runtime/clock.ts'
import { FakeRing, newRig, siteOf } from './testing.ts'

export const shipped = (await loadModels(['sim-accelerometer-3axis'])).get('sim-accelerometer-3axis')!
export const START = fromIso('2026-03-01T00:00:00Z')!
export const MS = 1_000_000
export const s = (seconds: number): bigint => BigInt(Math.round(seconds * 1e9))
export const STEP = ringScale(shipped.ring!)

/** Different for every counter and axis, so that no sample can be taken for another; a little noise about an offset. */
export const quiet = (counter: number, axis: number): number =>
  (axis + 1) * 100 + ((counter * 7919 + axis * 104_729) % 11) - 5
/** A shaking of `steps` on x, 5 Hz, between two counters. */
export const shaking =
  (from: number, to: number, steps: number) =>
  (counter: number, axis: number): number =>
    quiet(counter, axis) +
    (axis === 0 && counter >= from && counter < to
      ? Math.round(steps * Math.sin((2 * Math.PI * 5 * (counter - from)) / 100))
      : 0)

export type Options = {
  sample?: (counter: number, axis: number) => number
  ppm?: number
  /** Seconds that the device has run when the edge starts. */
  age_s?: number
  limits?: Limit[]
  model?: Model
}
export function lone({ sample = quiet, ppm = 0, age_s = 0, limits = [], model = shipped }: Options = {}) {
  const clock = new SimulatedClock(START)
  const rig = newRig(clock)
  const device = new FakeRing(model.ring!, instant(START - s(age_s)), sample, ppm)
  rig.bus.devices.set(1, device)
  return { clock, rig, device, site: siteOf([{ id: 'acc', model }], limits) }
}

export const samplesOf = (block: Block): number => block.axes[0]!.samples.length
/** Every sample of the blocks is the device's, each once and in order; returns the counters as ranges. */
export function verify(blocks: readonly Block[], device: FakeRing): string[] {
  const ranges: Array<[number, number]> = []
  for (const block of blocks) {
    const n = samplesOf(block)
    block.axes.forEach(({ axis, samples }, a) => {
      expect(axis).toBe(device.ring.axes[a])
      expect(Array.from(samples)).toEqual(
        Array.from({ length: n }, (_, i) => device.sample(block.first_counter + i, a)),
      )
    })
    const last = ranges.at(-1)
    if (last !== undefined && last[1] + 1 === block.first_counter) last[1] += n
    else ranges.push([block.first_counter, block.first_counter + n - 1])
  }
  return ranges.map(([a, b]) => `${a}-${b}`)
}
export const worst_ms = (blocks: readonly Block[], device: FakeRing): number =>
  Math.max(
    ...blocks.flatMap((block) =>
      [0, samplesOf(block) - 1].map(
        (i) => Math.abs(Number(sampleInstant(block, i)) - device.truth_ns(block.first_counter + i)) / MS,
      ),
    ),
  )
/** Repeatable travel times: mostly below a millisecond, one way in ten held up by up to 40 ms. */
export function busy() {
  let state = 12_345
  const next = () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32
    return state / 2 ** 32
  }
  const way = () => BigInt(Math.round((next() < 0.1 ? next() * 40 : 0.1 + 0.6 * next()) * MS))
  return () => [way(), way()] as const
}
