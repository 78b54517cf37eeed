/**
 * Counts and checksums of stored series by day, so that two stores can be held against one another. How the rows are read
 * is left to `io/verify.ts`; blocks are compared sample by sample, as one store may cut them where another does not.
 */
import { crc32 } from 'node:zlib'
import type { LatestReading, StoredBlock, StoredGap } from '../../domain/ports.ts'
import { sampleInstant } from '../../domain/reading.ts'
import { type Instant, instant, toIso } from '../../domain/time.ts'

export const DAY_NS = 86_400_000_000_000n
export type Check = { readonly count: number; readonly crc: number }
/** By day, for blocks also by boot and axis; keys sort by day. */
export type Checks = Map<string, Check>

const dayOf = (t_ns: bigint): bigint => t_ns - (((t_ns % DAY_NS) + DAY_NS) % DAY_NS)
const dayText = (t_ns: bigint): string => toIso(instant(dayOf(t_ns))).slice(0, 10)

function add(checks: Checks, key: string, count: number, data: string | Uint8Array): void {
  const known = checks.get(key) ?? { count: 0, crc: 0 }
  checks.set(key, { count: known.count + count, crc: crc32(data, known.crc) })
}

/** Readings in order of time. */
export function checkReadings(checks: Checks, readings: readonly LatestReading[]): void {
  for (const { t_ns, value, flag, half_width_ns, reason, detail, exercise } of readings)
    add(checks, dayText(t_ns), 1, `${t_ns} ${value} ${flag} ${half_width_ns} ${reason} ${detail} ${exercise}\n`)
}

/** All gaps that begin in a window, in whatever order the store gave them. */
export function checkGaps(checks: Checks, gaps: readonly StoredGap[]): void {
  const texts = gaps.map(({ from_ns, to_ns, channels, expected, missing, reason, exercise }) => ({
    day: dayText(from_ns),
    text: `${from_ns} ${to_ns} ${channels.join(',')} ${expected} ${missing} ${reason} ${exercise}\n`,
  }))
  for (const { day, text } of texts.sort((a, b) => (a.text < b.text ? -1 : 1))) add(checks, day, 1, text)
}

/** The samples of [from, to), which must not reach over midnight; each window once, in order of time. */
export function checkBlocks(checks: Checks, blocks: readonly StoredBlock[], from: Instant, to: Instant): void {
  const ordered = [...blocks].sort((a, b) => a.boot_id - b.boot_id || a.first_counter - b.first_counter)
  for (const block of ordered) {
    const n = block.axes[0]!.samples.length
    const [first, end] = [firstFrom(block, n, from), firstFrom(block, n, to)]
    if (first >= end) continue
    const { boot_id, scale, unit, sample_rate_hz, exercise } = block
    for (const { axis, samples } of block.axes) {
      const key = `${dayText(from)} ${axis} boot ${boot_id}, ${sample_rate_hz} Hz, ${scale} ${unit}${exercise ? ', exercise' : ''}`
      const part = samples.subarray(first, end)
      add(checks, key, end - first, new Uint8Array(part.buffer, part.byteOffset, part.byteLength))
    }
  }
}

/** Index of the first sample at or after an instant, `n` where there is none. */
function firstFrom(block: StoredBlock, n: number, at: bigint): number {
  let low = 0
  let high = n
  while (low < high) {
    const mid = (low + high) >> 1
    if (sampleInstant(block, mid) < at) low = mid + 1
    else high = mid
  }
  return low
}

/** Where they differ, in words. */
export function differences(series: string, source: Checks, target: Checks): string[] {
  return [...new Set([...source.keys(), ...target.keys()])].sort().flatMap((key) => {
    const [a, b] = [source.get(key), target.get(key)]
    if (a?.count === b?.count && a?.crc === b?.crc) return []
    if (a?.count === b?.count) return [`${series}, ${key}: ${a?.count} in both, but not the same`]
    return [`${series}, ${key}: ${a?.count ?? 0} in the embedded store, ${b?.count ?? 0} in InfluxDB`]
  })
}
