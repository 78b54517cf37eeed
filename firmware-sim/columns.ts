/**
 * Which values of a series a point shows: those of its quantity, along its own axis where the point has one. What plays
 * when is left to `program.ts` and the device.
 */
import type { ScalarPoint } from '../domain/model.ts'
import { quantityOf } from '../domain/units.ts'
import type { Series, SeriesColumn } from '../recordings/recording.ts'
import { axisOfName } from './axes.ts'

/**
 * A series of one value drives every point of its quantity. Of several it is the column named as the point, else the one along
 * its axis, else the only one of its quantity; `undefined` where the series tells nothing of this point.
 */
export function valuesFor(
  series: Series,
  { metric, unit }: Pick<ScalarPoint, 'metric' | 'unit'>,
): Float64Array | undefined {
  const quantity = quantityOf(unit)
  if (series.columns === undefined) return series.quantity === quantity ? series.values : undefined
  const meant = series.columns.filter((column) => column.quantity === quantity)
  return (meant.find((column) => column.name === metric) ?? byAxis(meant, metric))?.values
}

function byAxis(columns: readonly SeriesColumn[], metric: string): SeriesColumn | undefined {
  const axis = axisOfName(metric)
  const along = columns.find(({ name }) => axis !== undefined && axisOfName(name) === axis)
  const [only, ...others] = columns
  return along ?? (others.length === 0 && only !== undefined && axisOfName(only.name) === undefined ? only : undefined)
}
