/**
 * Which files of a request go to which device: all of them to one, or an array by station or file name. Every name must
 * find something and no file may go two ways; what no name finds is left out and named.
 */
import { PlumblineError } from '../../domain/errors.ts'
import type { PlayRequest } from '../../domain/simulator-control.ts'
import { readRecording } from '../../recordings/detect.ts'
import { baseName, type ReadOptions, type Recording, type RecordingInput } from '../../recordings/recording.ts'

export type Assigned = {
  /** Recording by channel or device, as the request names it. */
  readonly parts: ReadonlyArray<{ readonly as: string; readonly recording: Recording }>
  readonly leftOut: readonly string[]
}

/** @throws PlumblineError RECORDING_INVALID, PLAY_REFUSED */
export function assign(as: PlayRequest['as'], files: readonly RecordingInput[], read: ReadOptions): Assigned {
  if (typeof as === 'string') return { parts: [{ as, recording: readRecording(files, read) }], leftOut: [] }
  const names = Object.keys(as)
  if (names.length === 0) refuse('as: expected at least one file or station, got none')
  const stations = new Map(files.map((file) => [file, stationOf(file, names, read)]))
  const owner = (file: RecordingInput): string | undefined => {
    const found = names.filter((name) => matches(name, file, stations.get(file)))
    if (found.length > 1) refuse(`as: expected one device for ${file.name}, got ${found.join(' and ')}`)
    return found[0]
  }
  const owners = new Map(files.map((file) => [file, owner(file)]))
  const parts = names.map((name) => {
    const own = files.filter((file) => owners.get(file) === name)
    if (own.length === 0)
      refuse(
        `as: expected ${name} to be one of the files (${files.map((f) => baseName(f.name)).join(', ')}) or a station in them, got none`,
      )
    return { as: as[name]!, recording: readRecording(own, read) }
  })
  const devices = parts.map((part) => part.as.split('/')[0]!)
  const twice = devices.find((device, i) => devices.indexOf(device) !== i)
  if (twice !== undefined) refuse(`as: expected one recording for ${twice}, got two`)
  return { parts, leftOut: files.filter((f) => owners.get(f) === undefined).map((f) => baseName(f.name)) }
}

/** By the whole file name, the name without its ending, or the station that the file states; letters of either case. */
function matches(name: string, { name: path }: RecordingInput, station: string | undefined): boolean {
  const wanted = name.toLowerCase()
  const file = baseName(path).toLowerCase()
  return file === wanted || file.replace(/\.[^.]*$/, '') === wanted || station?.toLowerCase() === wanted
}

/** A file that its name already finds is not read for its station; one that nobody can read has none. */
function stationOf(file: RecordingInput, names: readonly string[], read: ReadOptions): string | undefined {
  if (names.some((name) => matches(name, file, undefined))) return undefined
  try {
    return readRecording([file], read).station
  } catch (error) {
    if (error instanceof PlumblineError) return undefined
    throw error
  }
}

function refuse(detail: string): never {
  throw new PlumblineError('PLAY_REFUSED', detail)
}
