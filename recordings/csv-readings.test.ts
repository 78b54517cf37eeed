import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readRecording } from './detect.ts'
import type { ReadOptions, Series } from './recording.ts'

const file = (...lines: string[]) => ({ name: 'a.csv', bytes: Buffer.from(`${lines.join('\n')}\n`) })
const read = (lines: string[], options: ReadOptions = {}) =>
  readRecording([file(...lines)], { readings: true, ...options }) as Series
const DEG = Math.PI / 180

describe('readings in CSV', () => {
  test.each<[string, string, ReadOptions, string, string, number[]]>([
    ['time,tilt_x_deg', 'tilt', {}, 'tilt_x', 'rad', [DEG, 2 * DEG]],
    ['time,tilt_x', 'tilt', { unit: 'deg' }, 'tilt_x', 'rad', [DEG, 2 * DEG]],
    ['time,lean [mrad]', 'tilt', {}, 'lean', 'rad', [0.001, 0.002]],
    ['time,water (°C)', 'temperature', {}, 'water', 'K', [274.15, 275.15]],
    ['time,water', 'temperature', { unit: 'degC' }, 'water', 'K', [274.15, 275.15]],
    ['time,air (K)', 'temperature', {}, 'air', 'K', [1, 2]],
    ['time,well_mbar', 'pressure', {}, 'well', 'Pa', [100, 200]],
    ['time,battery [mV]', 'voltage', {}, 'battery', 'V', [0.001, 0.002]],
  ])('%s', (header, quantity, options, name, unit, values) => {
    const series = read([header, '0,1', '60,2'], options)
    expect(series).toMatchObject({ kind: 'series', quantity, unit, start_known: false })
    expect(series.columns!.map((c) => c.name)).toEqual([name])
    expect([...series.values]).toEqual(values)
    expect([...series.t]).toEqual([0n, 60_000_000_000n])
  })

  test('32 °F and 212 °F are 273.15 K and 373.15 K', () => {
    const { values } = read(['time,air [degF]', '0,32', '1,212'])
    expect(values[0]).toBeCloseTo(273.15, 9)
    expect(values[1]).toBeCloseTo(373.15, 9)
  })

  test('several columns share their instants; newest first is turned, missing values are gaps, directions are left out', () => {
    const series = read([
      'time,tilt_x_deg,wind_dir_deg,pressure_hPa,note',
      '2024-01-01T00:02:00Z,2,90,1000,b',
      '2024-01-01T00:00:00Z,1,90,,a',
    ])
    expect(series.columns!.map(({ name, quantity }) => [name, quantity])).toEqual([
      ['tilt_x', 'tilt'],
      ['pressure', 'pressure'],
    ])
    expect([...series.columns![1]!.values]).toEqual([Number.NaN, 100_000])
    expect(series.gaps).toEqual([{ axis: 'pressure', first: 0, count: 1 }])
    expect(series.start_known).toBe(true)
  })

  test.each<[string, string[], ReadOptions, string]>([
    ['a unit other than the column says', ['time,tilt_x_deg', '0,1'], { unit: 'rad' }, 'expected --unit deg'],
    ['no time', ['tilt_x_deg', '1'], {}, 'expected a time column'],
    ['no rows', ['time,tilt_x_deg'], {}, 'expected at least one row'],
    ['no number', ['time,tilt_x_deg', '0,one'], {}, 'expected tilt_x_deg as a number'],
    ['nothing but gaps', ['time,tilt_x_deg', '0,'], {}, 'expected a value of tilt_x_deg that is not missing'],
    ['rows out of order', ['time,tilt_x_deg', '0,1', '2,1', '1,1'], {}, 'a.csv:4: expected an instant after'],
  ])('%s is refused', (_, lines, options, message) => {
    expect(() => read(lines, options)).toThrow(message)
  })

  test('a unit other than the file states is refused where it must be its own, in a format without columns, too', () => {
    const jma = { name: 'AA06EA01.csv', bytes: readFileSync(join(import.meta.dirname, 'jma-yonago-2000/AA06EA01.csv')) }
    for (const unit of ['g', 'm'])
      expect(() => readRecording([jma], { unit, own_unit: true })).toThrow(
        `AA06EA01.csv:1: expected no --unit, or gal as this JMA CSV file states, got "${unit}"`,
      )
    expect(readRecording([jma], { unit: 'gal', own_unit: true }).kind).toBe('waveform')
  })

  test('who does not ask for readings gets none: they are no ground motion and no stage', () => {
    expect(() => read(['time,tilt_x_deg', '0,1', '1,2'], { readings: false })).toThrow('RECORDING_INVALID')
  })

  test('ground motion and stage beside them stay what they are', () => {
    expect(read(['time,stage (m),water (degC)', '0,1,15', '60,2,15']).quantity).toBe('stage')
    const wave = readRecording([file('time,x[gal],case [degC]', '0,1,15', '1,2,15')], { readings: true })
    expect(wave.kind).toBe('waveform')
  })
})
