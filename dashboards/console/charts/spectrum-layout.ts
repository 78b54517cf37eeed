/** A spectrum on two logarithmic axes: where its line runs, where decades stand, and its peaks as rows. Pure. */
export type SpectrumLayout = {
  readonly points: string
  readonly x_ticks: ReadonlyArray<{ readonly at: number; readonly value: number }>
  readonly y_ticks: ReadonlyArray<{ readonly at: number; readonly exponent: number }>
  at(frequency_hz: number): number
}
export type Box = { readonly left: number; readonly top: number; readonly width: number; readonly height: number }

/** What lies further below the greatest is not drawn: it is rounding. */
const DECADES_MAX = 8

export function spectrumLayout(
  frequencies_hz: readonly number[],
  density: readonly number[],
  box: Box,
): SpectrumLayout | null {
  const pairs = frequencies_hz.flatMap((f, i) => (f > 0 && density[i]! > 0 ? [[f, density[i]!] as const] : []))
  if (pairs.length < 2) return null
  const [low_hz, high_hz] = [pairs[0]![0], pairs.at(-1)![0]]
  const most = pairs.reduce((top, [, d]) => Math.max(top, d), 0)
  const least = pairs.reduce((low, [, d]) => Math.min(low, d), most)
  const top = Math.ceil(Math.log10(most) + 1e-9)
  const bottom = Math.max(Math.floor(Math.log10(least)), top - DECADES_MAX)
  const at = (f: number) => box.left + (Math.log10(f / low_hz) / Math.log10(high_hz / low_hz)) * box.width
  const y = (exponent: number) =>
    box.top + ((top - Math.max(bottom, exponent)) / Math.max(1, top - bottom)) * box.height
  return {
    points: pairs.map(([f, d]) => `${at(f).toFixed(1)},${y(Math.log10(d)).toFixed(1)}`).join(' '),
    x_ticks: ticksOf(low_hz, high_hz).map((value) => ({ at: at(value), value })),
    y_ticks: Array.from({ length: top - bottom + 1 }, (_, i) => top - i)
      .filter((_, i, all) => i % Math.ceil(all.length / 5) === 0)
      .map((exponent) => ({ at: y(exponent), exponent })),
    at,
  }
}

/** 1, 2 and 5 of each decade. */
function ticksOf(low: number, high: number): number[] {
  const out: number[] = []
  for (let e = Math.floor(Math.log10(low)); e <= Math.log10(high); e += 1)
    for (const step of [1, 2, 5]) {
      const value = Number((step * 10 ** e).toPrecision(1))
      if (value >= low && value <= high) out.push(value)
    }
  return out
}

export type Peak = { readonly frequency_hz: number; readonly density: number }

/** The highest of the local maxima, highest first; none nearer than a tenth of its frequency to a higher one. */
export function peaksOf(frequencies_hz: readonly number[], density: readonly number[], count = 8): Peak[] {
  const found: Peak[] = []
  const local = density
    .map((d, i) => ({ frequency_hz: frequencies_hz[i]!, density: d, i }))
    .filter(({ density: d, i }) => i > 0 && d > 0 && d >= (density[i - 1] ?? 0) && d > (density[i + 1] ?? 0))
    .sort((a, b) => b.density - a.density)
  for (const { frequency_hz, density: d } of local) {
    if (found.length === count) break
    if (found.every((p) => Math.abs(p.frequency_hz - frequency_hz) >= 0.1 * p.frequency_hz))
      found.push({ frequency_hz, density: d })
  }
  return found
}
