/** What is stored, compared with what the simulated device made: sample by sample, by its counter. */
import type { SeriesReader, StoredBlock } from '../domain/ports.ts'
import { blockLength } from '../domain/reading.ts'
import { type Instant, instant } from '../domain/time.ts'
import type { Accelerometer } from '../firmware-sim/accelerometer.ts'
import { until } from './until.ts'

export type Told = {
  /** Samples per axis between the first and the last stored one. */
  readonly expected: number
  readonly missing: number
  readonly doubled: number
  readonly altered: number
  readonly outOfOrder: number
}
/** What every story must come to. */
export const WHOLE = { missing: 0, doubled: 0, altered: 0, outOfOrder: 0 } as const

export const samplesOf = ({ expected, missing, doubled, altered, outOfOrder }: Told): string =>
  `${expected} samples per axis: ${missing} missing, ${doubled} doubled, ${altered} altered, ${outOfOrder} out of order`
export const isWhole = ({ missing, doubled, altered, outOfOrder }: Told): boolean =>
  missing + doubled + altered + outOfOrder === 0

export const EVER: readonly [Instant, Instant] = [instant(0n), instant(9_000_000_000_000_000_000n)]
export const wallNow = (): Instant => instant(BigInt(Date.now()) * 1_000_000n)

/** Blocks of a device, once nothing is missing from the first stored sample to this counter. */
export function storedUpTo(
  stored: SeriesReader,
  device: string,
  counter: number,
  timeout_ms = 60_000,
): Promise<readonly StoredBlock[]> {
  return until(
    `${device} is stored up to sample ${counter}`,
    async () => {
      const all = await stored.blocks(device, 'acceleration', ...EVER).catch(() => [])
      return contiguousEnd(all) >= counter && all
    },
    timeout_ms,
  )
}

/** Counter up to which nothing is missing, counted from the first stored sample. */
function contiguousEnd(blocks: readonly StoredBlock[]): number {
  const spans = blocks
    .map((b) => [b.first_counter, b.first_counter + blockLength(b) - 1] as const)
    .sort((a, b) => a[0] - b[0])
  let end = spans[0]?.[1] ?? -1
  for (const [from, to] of spans) if (from <= end + 1) end = Math.max(end, to)
  return end
}

/** Samples up to a counter: later ones may still be on their way, the newest before those that are sent again. */
export function compare(blocks: readonly StoredBlock[], device: Accelerometer, upTo = Number.MAX_SAFE_INTEGER): Told {
  const seen = new Map<number, number>()
  let altered = 0
  let outOfOrder = 0
  let before = -1
  for (const block of blocks)
    for (let i = 0; i < blockLength(block); i++) {
      const counter = block.first_counter + i
      if (counter > upTo) continue
      if (counter < before) outOfOrder++
      before = counter
      seen.set(counter, (seen.get(counter) ?? 0) + 1)
      if (block.axes.some((axis, a) => axis.samples[i] !== device.rawSample(counter, a))) altered++
    }
  const counters = [...seen.keys()]
  const [first, last] = [counters.reduce((a, b) => Math.min(a, b)), counters.reduce((a, b) => Math.max(a, b))]
  const expected = last - first + 1
  return {
    expected,
    missing: expected - seen.size,
    doubled: [...seen.values()].filter((n) => n > 1).length,
    altered,
    outOfOrder,
  }
}
