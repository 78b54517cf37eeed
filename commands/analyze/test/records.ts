/** Records for the tests of `analyze`: those that ship, those beside the project where they are, and made ones. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readRecording } from '../../../recordings/detect.ts'
import type { ReadOptions, Series, Waveform } from '../../../recordings/recording.ts'
import { readFlags } from '../../command.ts'
import { analyzeWaveform } from '../ground-motion.ts'
import { ANALYZE_FLAGS, type AnalyzeOptions, analyzeOptions } from '../options.ts'
import { analyzeSeries } from '../water.ts'

export const TOP = join(import.meta.dirname, '..', '..', '..')
export const YONAGO = join(TOP, 'recordings', 'jma-yonago-2000', 'AA06EA01.csv')
export const DEAD_RUN = join(TOP, 'recordings', 'usgs-dead-run-2018', 'usgs_01589330_deadrun_2018-06.csv')
/** Larger sets that do not ship; CI has them. */
const DATA = join(TOP, '..', 'shared', 'data')
export const beside = (set: string): string => join(DATA, set)
export const isBeside = (set: string): boolean => existsSync(beside(set))
export const filesOf = (set: string, is: RegExp): string[] =>
  readdirSync(beside(set))
    .filter((name) => is.test(name))
    .map((name) => join(beside(set), name))

export const optionsOf = (...args: string[]): AnalyzeOptions =>
  analyzeOptions(readFlags({ usage: 'analyze' }, args, ANALYZE_FLAGS).flags)

export const read = (paths: readonly string[], options: ReadOptions = {}) =>
  readRecording(
    paths.map((name) => ({ name, bytes: readFileSync(name) })),
    options,
  )

export const motionOf = (paths: readonly string[], args: string[] = [], options: ReadOptions = {}) =>
  analyzeWaveform(read(paths, options) as Waveform, paths, optionsOf(...args))

export const waterOf = (paths: readonly string[], args: string[] = [], options: ReadOptions = {}) =>
  analyzeSeries(read(paths, options) as Series, paths, optionsOf(...args))

const bytes = (text: string) => new TextEncoder().encode(text)

/** Components in gal at 100 Hz as a CSV; NaN becomes the missing code. */
export function waveform(axes: Record<string, ArrayLike<number>>, rate_hz = 100): Waveform {
  const names = Object.keys(axes)
  const rows = Array.from({ length: axes[names[0]!]!.length }, (_, k) =>
    [k / rate_hz, ...names.map((n) => (Number.isNaN(axes[n]![k]!) ? -999999 : axes[n]![k]!.toFixed(6)))].join(','),
  )
  const text = `time [s],${names.map((n) => `${n} [gal]`).join(',')}\n${rows.join('\n')}\n`
  return readRecording([{ name: 'made.csv', bytes: bytes(text) }]) as Waveform
}

/** A stage every `step_s` seconds as a CSV; NaN becomes a blank. */
export function stage(values: readonly number[], unit = 'm', step_s = 300): Series {
  const at = (k: number) => new Date(Date.UTC(2024, 0, 1) + k * step_s * 1000).toISOString()
  const rows = values.map((v, k) => `${at(k)},${Number.isNaN(v) ? '' : v}`)
  const text = `time,stage [${unit}]\n${rows.join('\n')}\n`
  return readRecording([{ name: 'stage.csv', bytes: bytes(text) }]) as Series
}
