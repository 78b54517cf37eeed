/** A day in lines as a drum recorder draws it: each line about its own middle, all to one scale. Pure; `helicorder-canvas.ts` draws it. */
import type { HelicorderJson } from '../../../domain/api.ts'

type Line = HelicorderJson['lines'][number]

/** The middle of a line's columns, by the median: an earthquake in it must not move it. Null for a line without samples. */
export function middleOf({ min, max }: Line): number | null {
  const middles = min.flatMap((low, i) => (low === null || max[i] == null ? [] : [(low + max[i]) / 2]))
  return middles.length === 0 ? null : quantile(middles, 0.5)
}

/** Largest deviation from the line's own middle; null without samples. */
export function deviationOf(line: Line): number | null {
  const middle = middleOf(line)
  if (middle === null) return null
  return line.min.reduce<number>((most, low, i) => {
    const high = line.max[i]
    return low === null || high == null ? most : Math.max(most, high - middle, middle - low)
  }, 0)
}

/** Of half a line's height: so much the greatest of nineteen in twenty columns takes. */
const QUIET_SHARE = 0.35

/** Half of a line's height in SI: quiet leaves the lines apart; what is greater reaches into its neighbours, as on paper. */
export function scaleOf(lines: readonly Line[]): number {
  const all = lines.flatMap((line) => {
    const middle = middleOf(line)
    if (middle === null) return []
    return line.min.flatMap((low, i) => (low === null ? [] : [Math.max((line.max[i] ?? low) - middle, middle - low)]))
  })
  return all.length === 0 ? 0 : quantile(all, 0.95) / QUIET_SHARE
}

/** Share of the columns that hold samples. */
export const filledOf = ({ min }: Line): number =>
  min.length === 0 ? 0 : min.filter((v) => v !== null).length / min.length

function quantile(values: number[], share: number): number {
  const sorted = values.sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!
}

/** The day before or after, as the calendar goes. */
export const dayBeside = (day: string, step: 1 | -1): string =>
  new Date(Date.parse(`${day}T12:00:00Z`) + step * 86_400_000).toISOString().slice(0, 10)
export const isDay = (text: string | undefined): text is string =>
  text !== undefined && /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(`${text}T12:00:00Z`))
