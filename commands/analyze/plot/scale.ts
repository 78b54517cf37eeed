/** From values to pixels, and where the ticks of an axis stand: linear, logarithmic, time of day in UTC. */

export type Scale = (value: number) => number

export const linear =
  (from: number, to: number, a: number, b: number): Scale =>
  (value) =>
    to === from ? (a + b) / 2 : a + ((value - from) / (to - from)) * (b - a)

export const logarithmic = (from: number, to: number, a: number, b: number): Scale => {
  const scale = linear(Math.log10(from), Math.log10(to), a, b)
  return (value) => scale(Math.log10(value))
}

/** Round steps of 1, 2 or 5, about `count` of them, inside [from, to]. */
export function linearTicks(from: number, to: number, count: number): number[] {
  const step = niceStep((to - from) / Math.max(1, count))
  if (!(step > 0 && Number.isFinite(step))) return [from]
  const first = Math.ceil(from / step - 1e-9)
  const last = Math.floor(to / step + 1e-9)
  return Array.from({ length: Math.min(1000, last - first + 1) }, (_, k) =>
    Number(((first + k) * step).toPrecision(12)),
  )
}

/** The smallest of 1, 2, 5 x 10^n that is not below. */
export function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least))
  return Number((([1, 2, 5].find((m) => m * power >= least * (1 - 1e-9)) ?? 10) * power).toPrecision(12))
}

/** The largest of 1, 2, 5 x 10^n that is not above. */
export function niceFloor(most: number): number {
  const power = 10 ** Math.floor(Math.log10(most))
  return Number((([5, 2].find((m) => m * power <= most * (1 + 1e-9)) ?? 1) * power).toPrecision(12))
}

/** Powers of ten in [from, to], and what lies between them for a faint grid. */
export function logTicks(from: number, to: number): { value: number; major: boolean }[] {
  const out: { value: number; major: boolean }[] = []
  for (let n = Math.floor(Math.log10(from)); n <= Math.ceil(Math.log10(to)); n++)
    for (let m = 1; m <= 9; m++) {
      const value = Number(`${m}e${n}`)
      if (value >= from * (1 - 1e-9) && value <= to * (1 + 1e-9)) out.push({ value, major: m === 1 })
    }
  return out
}

const [S, MIN, H, D] = [1, 60, 3600, 86_400]
const STEPS_S = [
  ...[S, 2 * S, 5 * S, 10 * S, 30 * S, MIN, 2 * MIN, 5 * MIN, 10 * MIN, 30 * MIN],
  ...[H, 2 * H, 3 * H, 6 * H, 12 * H, D, 2 * D, 5 * D, 10 * D, 30 * D, 91 * D, 182 * D, 365 * D, 3650 * D],
]

/** Instants [s since 1970] on round times of UTC, about `count` of them. */
export function timeTicks(from_s: number, to_s: number, count: number): { at_s: number; label: string }[] {
  const step = STEPS_S.find((s) => (to_s - from_s) / s <= count) ?? (to_s - from_s) / count
  const out: { at_s: number; label: string }[] = []
  for (let k = Math.ceil(from_s / step); k * step <= to_s; k++) {
    const iso = new Date(k * step * 1000).toISOString()
    const midnight = (k * step) % D === 0
    const label = step >= D || midnight ? iso.slice(0, 10) : iso.slice(11, step < MIN ? 19 : 16)
    out.push({ at_s: k * step, label })
  }
  return out
}

/** As many decimals as the step between ticks needs. */
export function tickLabel(value: number, step: number): string {
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9))
  if (Math.abs(value) >= 1e6 || (step < 1e-5 && step > 0)) return value.toExponential(1)
  return value.toFixed(Math.min(8, decimals)).replace(/^-(0\.?0*)$/, '$1')
}

/** 0.01, 1, 1000: labels of powers of ten. */
export const powerLabel = (value: number): string =>
  value >= 1e5 || value < 1e-3 ? value.toExponential(0).replace('e+', 'e') : String(value)
