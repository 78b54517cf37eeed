/** Sets of offsets as inclusive ranges: ascending, apart by at least one. Pure; every function returns a new set. */
import type { Ranges } from './record.ts'

/** Union of `ranges` and [from, to]. */
export function addRange(ranges: Ranges, from: number, to: number): Ranges {
  const out: Array<readonly [number, number]> = []
  let [low, high] = [from, to]
  let placed = false
  for (const range of ranges) {
    if (range[1] < low - 1) out.push(range)
    else if (range[0] > high + 1) {
      if (!placed) out.push([low, high])
      placed = true
      out.push(range)
    } else {
      low = Math.min(low, range[0])
      high = Math.max(high, range[1])
    }
  }
  if (!placed) out.push([low, high])
  return out
}

export const addRanges = (ranges: Ranges, more: Ranges): Ranges =>
  more.reduce<Ranges>((all, [from, to]) => addRange(all, from, to), ranges)

export const rangesOf = (offsets: Iterable<number>): Ranges => {
  let out: Ranges = []
  for (const offset of offsets) out = addRange(out, offset, offset)
  return out
}

export function inRanges(ranges: Ranges, offset: number): boolean {
  let low = 0
  let high = ranges.length - 1
  while (low <= high) {
    const mid = (low + high) >> 1
    const range = ranges[mid]!
    if (offset < range[0]) high = mid - 1
    else if (offset > range[1]) low = mid + 1
    else return true
  }
  return false
}

/** Whether every offset of [from, to] is in the set. */
export const coversRange = (ranges: Ranges, from: number, to: number): boolean =>
  ranges.some((range) => range[0] <= from && to <= range[1])
