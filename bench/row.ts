/** What a row of the benchmark is: several runs of one measurement against a number to hold (design, section 5). */
import type { Table } from './table.ts'

export type Row = {
  readonly id: string
  readonly what: string
  readonly unit: string
  readonly target: string
  /** One value per run; the median is what counts. */
  measure(): Promise<Measured>
}

export type Measured = {
  readonly runs: readonly number[]
  /** Whether the number is held; null where a peer is not installed. */
  readonly holds: (median: number) => boolean | null
  /** Further figures of the same runs, shown beside it. */
  readonly beside?: Readonly<Record<string, number>>
  /** Printed below it. */
  readonly table?: Table
}

/** Where what a row needs is not installed. */
export const NOT_HERE: Measured = { runs: [Number.NaN], holds: () => null }

export const median = (values: readonly number[]): number => percentile(values, 50)

/** Nearest-rank percentile. */
export function percentile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil((p / 100) * sorted.length) - 1)] ?? Number.NaN
}
