/** What readers of stage share: rows in any order of time become a series whose instants rise strictly. */
import { gapsOf, recordingInvalid, type Series } from './recording.ts'
import type { Unit } from './unit.ts'

export type Row = { readonly t_ns: bigint; readonly value: number; readonly line: number }

type About = Pick<Series, 'name' | 'source' | 'format'> & Partial<Pick<Series, 'station' | 'start_known' | 'notes'>>

/**
 * Rows must rise, or fall throughout (newest first, as telemetry services give them).
 * @throws PlumblineError RECORDING_INVALID naming the row out of order, or where there is none
 */
export function rising<R extends Pick<Row, 't_ns' | 'line'>>(
  file: string,
  rows: readonly R[],
): { readonly ordered: readonly R[]; readonly t: BigInt64Array } {
  if (rows.length === 0) recordingInvalid(file, 1, 'at least one row', undefined)
  const falling = rows.length > 1 && rows[1]!.t_ns < rows[0]!.t_ns
  const ordered = falling ? rows.toReversed() : rows
  const t = new BigInt64Array(ordered.length)
  ordered.forEach((row, k) => {
    if (k > 0 && row.t_ns <= t[k - 1]!) {
      const late = falling ? ordered[k - 1]! : row
      recordingInvalid(
        file,
        late.line,
        `an instant ${falling ? 'before' : 'after'} that of the row before`,
        'one that is not',
      )
    }
    t[k] = row.t_ns
  })
  return { ordered, t }
}

/** @throws PlumblineError RECORDING_INVALID naming the row out of order. */
export function stageSeries(file: string, rows: readonly Row[], unit: Unit, about: About): Series {
  const { ordered, t } = rising(file, rows)
  const values = Float64Array.from(ordered, ({ value }) => value * unit.factor)
  if (values.every(Number.isNaN))
    recordingInvalid(file, rows[0]!.line, 'at least one stage that is not missing', 'none')
  return {
    kind: 'series',
    quantity: 'stage',
    unit: 'm',
    t,
    values,
    ...about,
    original: { unit: unit.label, scale: unit.factor },
    gaps: gapsOf('stage', values),
  }
}
