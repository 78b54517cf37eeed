/** How costs grow over the sizes of one row: the table, the exponents below it, and what the row holds. Pure. */
import { lastStep, powerLaw } from './power-law.ts'
import { type Measured, median } from './row.ts'
import { show, type Table } from './table.ts'

export type Growth = {
  /** What is made larger, as the head of the first column. */
  readonly of: string
  readonly sizes: readonly number[]
  /** How a size is said; default its number. */
  readonly names?: readonly string[]
  /** Of each cost, by its name with unit: for each size what each run found. */
  readonly costs: Readonly<Record<string, ReadonlyArray<readonly number[]>>>
  /** The cost that the row is about; all its sizes have as many runs. */
  readonly counts: string
  /** Costs that are judged beside it. */
  readonly alsoCount?: readonly string[]
}

/**
 * The row's value is the exponent over all sizes, one for each run; that of the last step may be no larger, nor may either of
 * another cost that is judged, of whose runs the medians count.
 * @throws RangeError where a cost that is judged was not measured
 */
export function measuredGrowth(growth: Growth, exponentMax: number): Measured {
  const { sizes, counts, alsoCount = [] } = growth
  const counted = costOf(growth, counts)
  const runs = counted[0]!.map(
    (_, run) =>
      powerLaw(
        sizes,
        counted.map((of) => of[run]!),
      ).exponent,
  )
  const last = lastStep(sizes, counted.map(median))
  const others = alsoCount.flatMap((name) => {
    const cost = costOf(growth, name).map(median)
    return [powerLaw(sizes, cost).exponent, lastStep(sizes, cost)]
  })
  return {
    runs,
    holds: (exponent) => [exponent, last, ...others].every((each) => each <= exponentMax),
    beside: { 'exponent of the last step': last },
    table: growthTable(growth),
  }
}

function costOf({ costs }: Growth, name: string): ReadonlyArray<readonly number[]> {
  const cost = costs[name]
  if (cost === undefined) throw new RangeError(`no cost ${name} among ${Object.keys(costs).join(', ')}`)
  return cost
}

export function growthTable({ of, sizes, names, costs }: Growth): Table {
  const medians = Object.values(costs).map((bySize) => bySize.map(median))
  return {
    head: [of, ...Object.keys(costs)],
    rows: [
      ...sizes.map((size, s) => [names?.[s] ?? size.toLocaleString('en'), ...medians.map((cost) => show(cost[s]!))]),
      ['exponent', ...medians.map((cost) => powerLaw(sizes, cost).exponent.toFixed(2))],
      ['exponent of the last step', ...medians.map((cost) => lastStep(sizes, cost).toFixed(2))],
    ],
  }
}
