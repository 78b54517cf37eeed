/**
 * From the words of the call to records: which files belong together and their bytes. What the bytes mean is left to
 * `recordings/`; a folder is taken file by file, but for the files of one K-NET sensor, which NIED names alike.
 */
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { PlumblineError } from '../../domain/errors.ts'
import { RECORDING_BYTES_MAX, type RecordingInput } from '../../recordings/recording.ts'

export type Inputs = {
  /** Each is one record, of one or more files. */
  readonly records: ReadonlyArray<readonly string[]>
  readonly folder: string | undefined
  /** Names in the folder that are no recordings by their nature. */
  readonly skipped: readonly string[]
}

/** @throws PlumblineError RECORDING_INVALID for what is not there, USAGE for a folder beside other words */
export async function inputsOf(words: readonly string[]): Promise<Inputs> {
  const folders = await Promise.all(words.map(async (word) => (await statOf(word)).isDirectory()))
  const folder = words[folders.indexOf(true)]
  if (folder === undefined) return { records: [words], folder: undefined, skipped: [] }
  if (words.length > 1)
    throw new PlumblineError('USAGE', `expected files, or one folder alone, got ${folder} among others`)
  return inFolder(folder)
}

async function inFolder(folder: string): Promise<Inputs> {
  const entries = (await readdir(folder, { withFileTypes: true })).sort((a, b) => (a.name < b.name ? -1 : 1))
  const skipped = entries.filter((e) => e.isDirectory() || /^\.|\.md$/i.test(e.name)).map((e) => e.name)
  const names = entries.map((e) => e.name).filter((name) => !skipped.includes(name))
  if (names.length === 0)
    throw new PlumblineError('RECORDING_INVALID', `${folder}: expected at least one file, got none`)
  const records = [...Map.groupBy(names, sensorOf).values()]
  return { records: records.map((group) => group.map((name) => join(folder, name))), folder, skipped }
}

/** `AOM0051801241951.EW`, KiK-net `….EW1` (borehole) and `….EW2` (surface): NIED's names, one file a component. */
function sensorOf(name: string): string {
  const match = /^(.+)\.(?:NS|EW|UD)([12]?)$/i.exec(name)
  return match === null ? name : `${match[1]}.*${match[2]}`
}

/** @throws PlumblineError RECORDING_INVALID */
export async function readInputs(paths: readonly string[]): Promise<RecordingInput[]> {
  const out: RecordingInput[] = []
  for (const path of paths) {
    const { size } = await statOf(path)
    if (size > RECORDING_BYTES_MAX)
      throw new PlumblineError(
        'RECORDING_INVALID',
        `${path}: expected at most ${RECORDING_BYTES_MAX} bytes, got ${size}`,
      )
    out.push({ name: path, bytes: await readFile(path).catch((error) => unreadable(path, error)) })
  }
  return out
}

const statOf = (path: string) => stat(path).catch((error) => unreadable(path, error))

function unreadable(path: string, cause: NodeJS.ErrnoException): never {
  const got = cause.code ?? cause.message
  throw new PlumblineError('RECORDING_INVALID', `${path}: expected a readable file, got ${got}`, { cause })
}
