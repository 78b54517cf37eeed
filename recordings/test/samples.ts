/** Where tests find the larger real records: beside the project, if they are there. Nothing of them is copied. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PlumblineError } from '../../domain/errors.ts'
import { readRecording } from '../detect.ts'
import type { ReadOptions, Recording, RecordingInput, Series, Waveform } from '../recording.ts'

const FOLDER = join(import.meta.dirname, '..', '..', '..', 'shared', 'data')
export const hasSamples = existsSync(FOLDER)

export const sample = (path: string): RecordingInput => ({
  name: path.split('/').at(-1)!,
  bytes: new Uint8Array(readFileSync(join(FOLDER, path))),
})
export const shipped = (path: string): RecordingInput => ({
  name: path.split('/').at(-1)!,
  bytes: new Uint8Array(readFileSync(join(import.meta.dirname, '..', path))),
})
export const input = (name: string, text: string): RecordingInput => ({ name, bytes: new TextEncoder().encode(text) })

export const wave = (files: RecordingInput | RecordingInput[], options: ReadOptions = {}): Waveform =>
  readRecording([files].flat(), options) as Waveform
export const stage = (file: RecordingInput, options: ReadOptions = {}): Series =>
  readRecording([file], options) as Series

/** The one message of a file that is refused; fails where it is read or where the error is no RECORDING_INVALID. */
export function refusal(files: RecordingInput | RecordingInput[], options: ReadOptions = {}): string {
  let read: Recording
  try {
    read = readRecording([files].flat(), options)
  } catch (error) {
    if (error instanceof PlumblineError && error.code === 'RECORDING_INVALID')
      return error.message.replace('RECORDING_INVALID: ', '')
    throw error
  }
  throw new Error(`was read as ${read.format}`)
}

/** Largest value in size with its sign, in gal, and its place. */
export function peak_gal(samples: Float64Array): { gal: number; index: number } {
  let index = 0
  samples.forEach((v, k) => {
    if (Math.abs(v) > Math.abs(samples[index]!)) index = k
  })
  return { gal: samples[index]! * 100, index }
}
export const axis = (w: Waveform, name: string): Float64Array => w.axes.find((a) => a.axis === name)!.samples
export const demeaned = (x: Float64Array): Float64Array => {
  const mean = x.reduce((sum, v) => sum + v, 0) / x.length
  return x.map((v) => v - mean)
}
