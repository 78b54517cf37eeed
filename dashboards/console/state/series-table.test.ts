import { expect, test } from 'vitest'
import { ns } from '../test/fake-world.ts'
import { fromColumns } from './series.ts'
import { tableRows, toCsv } from './series-table.ts'

const T0 = Date.UTC(2026, 2, 2)
const series = fromColumns(600_000, [
  [ns(T0), 1, 1.5, 2, 2, 1],
  [ns(T0 + 1000), 0.5, 0.5, 0.5, 1, 3],
  [ns(T0 + 2000), Number.NaN, Number.NaN, Number.NaN, 0, 9],
])

test('joined rows keep the lowest, the highest, the mean of all readings and the worst flag', () => {
  const [row, ...none] = tableRows(series, T0, T0 + 5000, 1)
  expect(none).toEqual([])
  expect(row).toMatchObject({ low: 0.5, high: 2, count: 3, flag: 9 })
  expect(row!.mean).toBeCloseTo((1.5 * 2 + 0.5) / 3)
})

test('the CSV is SI and UTC, and leaves empty what was not measured', () =>
  expect(toCsv('dead-run/stage', series).split('\r\n')).toEqual([
    '# dead-run/stage',
    'time_utc,min_m,mean_m,max_m,readings,worst_flag',
    '2026-03-02T00:00:00.000Z,1,1.5,2,2,1',
    '2026-03-02T00:00:01.000Z,0.5,0.5,0.5,1,3',
    '2026-03-02T00:00:02.000Z,,,,0,9',
    '',
  ]))
