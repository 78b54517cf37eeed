/**
 * The catalogue of records that ship, and loading one by its name. The formats themselves are read by the `*-csv.ts` files.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PlumblineError } from '../domain/errors.ts'
import { readJmaCsv } from './jma-csv.ts'
import type { Recording, RecordingFile } from './recording.ts'
import { readUsgsCsv } from './usgs-csv.ts'

type Entry = {
  readonly file: string
  readonly source: string
  readonly read: (bytes: Uint8Array, about: RecordingFile) => Recording
}

const CATALOGUE: ReadonlyMap<string, Entry> = new Map([
  [
    'jma-yonago-2000',
    {
      file: 'AA06EA01.csv',
      source: 'Japan Meteorological Agency, 2000 Tottori-ken Seibu earthquake, Yonago',
      read: readJmaCsv,
    },
  ],
  [
    'usgs-dead-run-2018',
    {
      file: 'usgs_01589330_deadrun_2018-06.csv',
      source: 'U.S. Geological Survey 01589330, Dead Run at Franklintown, Maryland',
      read: readUsgsCsv,
    },
  ],
] satisfies Array<[string, Entry]>)

/** Names that a site file may give as `simulated.play.recording`. */
export const RECORDING_NAMES: ReadonlySet<string> = new Set(CATALOGUE.keys())

/** @throws PlumblineError RECORDING_INVALID for a name that is not there or a file that is not what it claims to be. */
export async function loadRecording(name: string): Promise<Recording> {
  const entry = CATALOGUE.get(name)
  if (entry === undefined)
    throw new PlumblineError(
      'RECORDING_INVALID',
      `recordings/: expected one of ${[...CATALOGUE.keys()].join(', ')}, got ${JSON.stringify(name)}`,
    )
  const file = `recordings/${name}/${entry.file}`
  const bytes = await readFile(join(import.meta.dirname, name, entry.file)).catch((cause: NodeJS.ErrnoException) => {
    throw new PlumblineError(
      'RECORDING_INVALID',
      `${file}: expected a readable file, got ${cause.code ?? cause.message}`,
      { cause },
    )
  })
  return entry.read(bytes, { name, file, source: entry.source })
}
