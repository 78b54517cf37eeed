import { describe, expect, test } from 'vitest'
import { fromIso, instant, toIso } from '../domain/time.ts'
import { loadRecording } from './load.ts'
import type { Series } from './recording.ts'
import { readUsgsCsv } from './usgs-csv.ts'

const about = { name: 'r', file: 'r.csv', source: 'test' }
const HEADER = 'time_utc,stage_ft,stage_ft_qualifier,discharge_cfs,discharge_cfs_qualifier'
const read = (...rows: string[]) => readUsgsCsv(new TextEncoder().encode(`${[HEADER, ...rows].join('\n')}\n`), about)

describe('a USGS stage file', () => {
  test('gives metres from feet, exactly 0.3048 m each', () => {
    const series = read('2018-06-01T04:00:00Z,1,A,23.9,A', '2018-06-01T04:05:00Z,-0.5,A,23.1,A')
    expect([...series.values]).toEqual([0.3048, -0.1524])
    expect(series.t[0]).toBe(fromIso('2018-06-01T04:00:00Z'))
  })

  test('marks "no data" and an empty stage as NaN; a stage of zero is a stage', () => {
    const series = read(
      '2018-06-01T04:00:00Z,-999999,A,23.9,A',
      '2018-06-01T04:05:00Z,,,,',
      '2018-06-01T04:10:00Z,0,A,0,A',
    )
    expect([...series.values]).toEqual([Number.NaN, Number.NaN, 0])
  })

  test.each([
    ['2018-06-01T04:05:00Z,high,A,1,A', 'r.csv:3: expected stage_ft as a number, got "high"'],
    ['2018-06-01 04:05,1,A,1,A', 'r.csv:3: expected time_utc as 2018-06-01T04:00:00Z, got "2018-06-01 04:05"'],
    [
      '2018-06-01T04:05:00+01:00,1,A,1,A',
      'r.csv:3: expected time_utc as 2018-06-01T04:00:00Z, got "2018-06-01T04:05:00+01:00"',
    ],
    ['2018-06-31T04:05:00Z,1,A,1,A', 'r.csv:3: expected time_utc as 2018-06-01T04:00:00Z, got "2018-06-31T04:05:00Z"'],
    ['2018-06-01T04:05:00Z,1', 'r.csv:3: expected 5 cells, got "2018-06-01T04:05:00Z,1"'],
    [
      '2018-06-01T04:00:00Z,1,A,1,A',
      'r.csv:3: expected an instant after that of the row before, got "2018-06-01T04:00:00Z,1,A,1,A"',
    ],
  ])('with the row %j is refused with its line', (row, message) => {
    expect(() => read('2018-06-01T04:00:00Z,1,A,1,A', row)).toThrow(`RECORDING_INVALID: ${message}`)
  })

  test('without its columns or without rows is refused', () => {
    expect(() => readUsgsCsv(new TextEncoder().encode('a,b\n1,2\n'), about)).toThrow(
      `RECORDING_INVALID: r.csv:1: expected the columns ${HEADER}, got "a,b"`,
    )
    expect(() => readUsgsCsv(new Uint8Array(), about)).toThrow('got the end of the file')
    expect(() => read()).toThrow('RECORDING_INVALID: r.csv:2: expected at least one row, got the end of the file')
  })
})

describe('the record of Dead Run that ships', () => {
  test('has the rows, the peak and the lowest stage that its README publishes, without a gap', async () => {
    const { t, values } = (await loadRecording('usgs-dead-run-2018')) as Series
    const stage_ft = [...values].map((v) => v / 0.3048)
    expect(t.length).toBe(8928)
    expect(toIso(instant(t[0]!))).toBe('2018-06-01T04:00:00.000Z')
    expect(toIso(instant(t.at(-1)!))).toBe('2018-07-02T03:55:00.000Z')
    const peak = Math.max(...stage_ft)
    expect(peak).toBeCloseTo(6.17, 9)
    expect(toIso(instant(t[stage_ft.indexOf(peak)]!))).toBe('2018-06-03T22:05:00.000Z')
    expect(Math.min(...stage_ft)).toBeCloseTo(0.41, 9)
    expect(t.every((at, i) => i === 0 || at - t[i - 1]! === 300_000_000_000n)).toBe(true)
    expect(values.some(Number.isNaN)).toBe(false)
  })

  test('has the six episodes above 2.0 ft and 4.0 ft that its README publishes', async () => {
    const { t, values } = (await loadRecording('usgs-dead-run-2018')) as Series
    const episodes = (limit_ft: number) => {
      const out: string[] = []
      let raised = false
      values.forEach((stage_m, i) => {
        // Hundredths of a foot are whole numbers in this record: comparing those is exact.
        const hundredths = Math.round((stage_m / 0.3048) * 100)
        const next = raised ? hundredths >= limit_ft * 100 - 20 : hundredths >= limit_ft * 100
        if (next !== raised) out.push(`${next ? 'raised' : 'cleared'} ${toIso(instant(t[i]!)).slice(5, 16)}`)
        raised = next
      })
      return out
    }
    expect(episodes(2)).toEqual([
      'raised 06-03T18:10',
      'cleared 06-04T02:30',
      'raised 06-10T22:00',
      'cleared 06-10T23:00',
      'raised 06-11T08:05',
      'cleared 06-11T12:20',
    ])
    expect(episodes(4)).toEqual([
      'raised 06-03T19:45',
      'cleared 06-03T20:05',
      'raised 06-03T21:30',
      'cleared 06-03T23:05',
      'raised 06-11T09:40',
      'cleared 06-11T11:05',
    ])
  })
})
