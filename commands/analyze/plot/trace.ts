/**
 * A record as the path of an SVG: where there are more samples than pixels, the smallest and the largest of each column, so
 * that no peak is lost and a day of samples stays small. Gaps (NaN) stay open.
 */
import type { Scale } from './scale.ts'
import { px } from './svg.ts'

/**
 * @param x pixel of sample k; must not fall with k
 * @param breaks true where the line must not lead from sample k - 1 to k, e.g. because rows are not there
 */
export function tracePath(
  values: ArrayLike<number>,
  x: (k: number) => number,
  y: Scale,
  breaks: (k: number) => boolean = () => false,
): string {
  let d = ''
  let pen = false
  const to = (k: number) => {
    d += `${pen ? 'L' : 'M'}${px(x(k))} ${px(y(values[k]!))}`
    pen = true
  }
  for (let k = 0; k < values.length; ) {
    if (Number.isNaN(values[k]!)) {
      pen = false
      k++
      continue
    }
    if (breaks(k)) pen = false
    const run = columnOf(values, x, breaks, k)
    for (const at of run.points) to(at)
    k = run.next
  }
  return d
}

/** First, smallest, largest and last sample of the pixel column that begins with sample k, in their order. */
function columnOf(
  values: ArrayLike<number>,
  x: (k: number) => number,
  breaks: (k: number) => boolean,
  k: number,
): { points: number[]; next: number } {
  const column = Math.floor(x(k))
  let [low, high, next] = [k, k, k + 1]
  for (; next < values.length && Math.floor(x(next)) === column; next++) {
    if (Number.isNaN(values[next]!) || breaks(next)) break
    if (values[next]! < values[low]!) low = next
    if (values[next]! > values[high]!) high = next
  }
  return { points: [...new Set([k, low, high, next - 1])].sort((a, b) => a - b), next }
}

/** Runs of indices for which `is` holds: [first, last]. */
export function runsOf(length: number, is: (k: number) => boolean): [number, number][] {
  const out: [number, number][] = []
  for (let k = 0; k < length; k++) {
    if (!is(k)) continue
    const first = k
    while (k + 1 < length && is(k + 1)) k++
    out.push([first, k])
  }
  return out
}
