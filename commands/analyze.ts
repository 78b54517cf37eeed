/**
 * `analyze FILE…`: what a record of ground motion or of stage says, as numbers of the profession. The numbers come from
 * `measures/`, what the files mean from `recordings/`; here they are put together, printed and drawn.
 */
import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { EXIT_CODE, PlumblineError } from '../domain/errors.ts'
import { readRecording } from '../recordings/detect.ts'
import type { ReadOptions } from '../recordings/recording.ts'
import { analyzeWaveform, type GroundMotionAnalysis } from './analyze/ground-motion.ts'
import { inputsOf, readInputs } from './analyze/inputs.ts'
import { ANALYZE_FLAGS, type AnalyzeOptions, analyzeOptions, requireFitting } from './analyze/options.ts'
import { Progress } from './analyze/progress.ts'
import { asText } from './analyze/text.ts'
import { analyzeSeries, type WaterAnalysis } from './analyze/water.ts'
import { type Command, readFlags } from './command.ts'

export const analyze: Command = {
  name: 'analyze',
  summary: 'peaks, intensities, spectra of a ground motion; peaks, rises, episodes of a stage',
  usage:
    './plumbline analyze FILE… [--json] [--plot out.svg] [--dt S] [--unit U] [--sta S --lta S --on R --off R] [--filter LOW-HIGH] [--level NAME=VALUE[unit]]… [--deadband VALUE[unit]]',
  run: async (args) => {
    const { flags, words } = readFlags(analyze, args, ANALYZE_FLAGS, { min: 1, max: 100 })
    const options = analyzeOptions(flags)
    const read = { ...(flags.dt && { dt_s: flags.dt }), ...(flags.unit !== undefined && { unit: flags.unit }) }
    const { records, folder, skipped } = await inputsOf(words)
    if (folder !== undefined) {
      if (flags.plot !== undefined) throw new PlumblineError('USAGE', '--plot: expected one record, got a folder')
      return analyzeFolder(folder, records, skipped, read, options, flags.json)
    }
    if (flags.plot !== undefined && words.some((word) => resolve(word) === resolve(flags.plot!)))
      throw new PlumblineError('USAGE', `--plot: expected another file than the record, got ${flags.plot}`)
    const analysis = await analyzeRecord(words, read, options, true)
    if (flags.plot !== undefined) await plot(analysis, flags.plot)
    process.stdout.write(flags.json ? `${JSON.stringify(analysis.result, null, 2)}\n` : asText(analysis.result))
    return 0
  },
}

type Analysis = GroundMotionAnalysis | WaterAnalysis

/** @throws PlumblineError RECORDING_INVALID, and USAGE where flags do not fit a record that is `alone` */
async function analyzeRecord(
  paths: readonly string[],
  read: ReadOptions,
  options: AnalyzeOptions,
  alone: boolean,
): Promise<Analysis> {
  const recording = readRecording(await readInputs(paths), read)
  if (alone) requireFitting(options, recording)
  return recording.kind === 'waveform'
    ? analyzeWaveform(recording, paths, options)
    : analyzeSeries(recording, paths, options)
}

/** One bad file says so and the others go on. Text comes as it is found, JSON as one document at the end. */
async function analyzeFolder(
  folder: string,
  records: ReadonlyArray<readonly string[]>,
  skipped: readonly string[],
  read: ReadOptions,
  options: AnalyzeOptions,
  json: boolean,
): Promise<number> {
  const progress = new Progress(records.length, process.stderr)
  const results: unknown[] = []
  let failed = 0
  for (const [done, paths] of records.entries()) {
    progress.show(done, paths[0]!)
    try {
      const { result } = await analyzeRecord(paths, read, options, false)
      progress.clear()
      if (json) results.push(result)
      else process.stdout.write(`${asText(result)}\n`)
    } catch (error) {
      progress.clear()
      if (!(error instanceof PlumblineError) || error.fault === 'bug') throw error
      failed++
      process.stderr.write(`${error.message}\n`)
      results.push({ files: paths, error: { code: error.code, message: error.message } })
    }
  }
  if (json) process.stdout.write(`${JSON.stringify({ folder, results, skipped, failed }, null, 2)}\n`)
  else process.stdout.write(summary(records.length, failed, skipped))
  return failed === 0 ? 0 : EXIT_CODE.operating
}

const summary = (total: number, failed: number, skipped: readonly string[]): string =>
  `${total - failed} of ${total} records analysed${failed === 0 ? '' : `, ${failed} could not be read`}${
    skipped.length === 0 ? '' : `; skipped: ${skipped.join(', ')}`
  }\n`

/** @throws PlumblineError USAGE where the file cannot be written */
async function plot(analysis: Analysis, path: string): Promise<void> {
  const svg =
    'traces' in analysis
      ? (await import('./analyze/plot/ground-motion.ts')).plotGroundMotion(analysis)
      : (await import('./analyze/plot/water.ts')).plotWater(analysis)
  await writeFile(path, svg).catch((cause: NodeJS.ErrnoException) => {
    throw new PlumblineError('USAGE', `--plot: expected a file that can be written, got ${path}: ${cause.code}`, {
      cause,
    })
  })
}
