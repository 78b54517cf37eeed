/**
 * The door for files: tells the format from the content, never from the name, and puts the files of one event together.
 * What each format means is left to its reader; the table of formats is docs/reference/recordings.md.
 */
import { PlumblineError } from '../domain/errors.ts'
import { isCosmos, readCosmos } from './cosmos.ts'
import { isCsmip, readCsmip } from './csmip.ts'
import { isReadingsTable, readCsvReadings } from './csv-readings.ts'
import { isStageTable, readCsvStage } from './csv-stage.ts'
import { isCsv, openTable } from './csv-table.ts'
import { readCsvWaveform } from './csv-waveform.ts'
import { isCwb, readCwb } from './cwb.ts'
import { isJson, readEaJson } from './ea-json.ts'
import { isGeonet, readGeonet } from './geonet.ts'
import { readJmaCsv } from './jma-csv.ts'
import { isKnet, readKnet, tellBoreholeFromSurface } from './knet.ts'
import { readMiniSeed } from './miniseed.ts'
import { isMiniSeed } from './miniseed-record.ts'
import { combined, type Part, sorted } from './part.ts'
import { isPeer, isPlain, readPeer, readPlain } from './peer.ts'
import {
  baseName,
  type ReadOptions,
  type Recording,
  type RecordingInput,
  recordingInvalid,
  type Series,
} from './recording.ts'
import { isSmc, readSmc } from './smc.ts'
import { unitOf } from './unit.ts'
import { isRdb, readRdb } from './usgs-rdb.ts'

type Read = Part[] | Series
type Format = {
  readonly name: string
  readonly is: (head: readonly string[], bytes: Uint8Array) => boolean
  readonly read: (input: RecordingInput, options: ReadOptions) => Read
}

/** In order: what is told most surely comes first, CSV (anything with column names) last. */
const FORMATS: readonly Format[] = [
  { name: 'miniSEED', is: (_, bytes) => isMiniSeed(bytes), read: readMiniSeed },
  { name: 'EA JSON', is: isJson, read: (input, options) => readEaJson(input, nameOf(input), options) },
  { name: 'K-NET', is: isKnet, read: (input) => [readKnet(input)] },
  { name: 'COSMOS', is: isCosmos, read: readCosmos },
  { name: 'USGS SMC', is: isSmc, read: (input) => [readSmc(input)] },
  { name: 'CSMIP V1/V2', is: isCsmip, read: (input) => readCsmip(input) },
  { name: 'GeoNet V1A/V2A', is: isGeonet, read: (input) => readGeonet(input) },
  { name: 'CWA text', is: isCwb, read: (input) => readCwb(input) },
  { name: 'JMA CSV', is: (head) => /^\s*SITE CODE\s*=/.test(head[0] ?? ''), read: readJma },
  { name: 'PEER AT2', is: isPeer, read: (input) => [readPeer(input)] },
  { name: 'USGS RDB', is: isRdb, read: (input) => readRdb(input, nameOf(input)) },
  { name: 'npts dt text', is: isPlain, read: (input, options) => [readPlain(input, options)] },
  { name: 'CSV with a header', is: isCsv, read: readCsv },
]

/** Enough of a file to tell what it is: NWIS writes long comments. */
const HEAD_BYTES = 65_536
/** Components of one event: a tall building has some dozens. */
export const FILES_MAX = 100

/**
 * One recording from the file or files of one event: components in SI on a common time axis, or a series of stage.
 * @throws PlumblineError RECORDING_INVALID naming file and line (or byte), what was expected and what came
 */
export function readRecording(files: readonly RecordingInput[], options: ReadOptions = {}): Recording {
  const first = files[0]
  if (first === undefined || files.length > FILES_MAX)
    throw new PlumblineError('RECORDING_INVALID', `expected 1 to ${FILES_MAX} files, got ${files.length}`)
  const read = files.map((input) => readOne(input, options))
  const series = read.find((r): r is Series => !Array.isArray(r))
  if (series !== undefined) {
    if (files.length === 1) return series
    recordingInvalid(files[1]!.name, 1, 'one file alone: stage is not combined', `${files.length} files`)
  }
  const parts = (read as Part[][]).flat()
  const ordered = tellBoreholeFromSurface(files.length > 1 ? sorted(parts) : parts)
  // Whatever the order in which files were named, the recording is called after the same one.
  return combined(ordered, baseName(ordered[0]?.file ?? first.name))
}

function readOne(input: RecordingInput, options: ReadOptions): Read {
  const head = headOf(input.bytes)
  const format = FORMATS.find(({ is }) => is(head, input.bytes))
  if (format === undefined)
    recordingInvalid(
      input.name,
      1,
      `a format that is known (${FORMATS.map(({ name }) => name).join(', ')})`,
      input.bytes.length === 0 ? undefined : head[0],
    )
  const read = format.read(input, options)
  if (options.own_unit === true && options.unit !== undefined) refuseOtherUnit(read, input, format.name, options.unit)
  return read
}

/** What a file says of its unit is never overruled. */
function refuseOtherUnit(read: Read, input: RecordingInput, format: string, option: string): void {
  const stated = Array.isArray(read) ? read.map(({ component }) => component.original) : [read.original]
  const given = unitOf(option)
  const other = stated.find((original) => original !== undefined && original.scale !== given?.factor)
  if (other !== undefined)
    recordingInvalid(input.name, 1, `no --unit, or ${other.unit} as this ${format} file states`, option)
}

function headOf(bytes: Uint8Array): string[] {
  const text = new TextDecoder('utf-8').decode(bytes.subarray(0, HEAD_BYTES))
  return text.split('\n', 200).map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line))
}

const nameOf = ({ name }: RecordingInput): string => baseName(name)

function readCsv(input: RecordingInput, options: ReadOptions): Read {
  const table = openTable(input)
  if (isReadingsTable(table, options)) return readCsvReadings(table, nameOf(input), options)
  return isStageTable(table, options) ? readCsvStage(table, nameOf(input), options) : readCsvWaveform(table, options)
}

/** The JMA reader gives a waveform; here its axes become parts like any other. */
function readJma(input: RecordingInput): Part[] {
  const source = 'Japan Meteorological Agency'
  const wave = readJmaCsv(input.bytes, { name: nameOf(input), file: input.name, source })
  const azimuth: Readonly<Record<string, number | undefined>> = { ns: 0, ew: 90 }
  return wave.axes.map(({ axis, samples }) => ({
    file: input.name,
    format: 'JMA CSV',
    quantity: 'acceleration',
    samples,
    sample_rate_hz: wave.sample_rate_hz,
    start: wave.start,
    source,
    component: {
      axis,
      label: axis.toUpperCase(),
      vertical: axis === 'ud',
      ...(azimuth[axis] === undefined ? {} : { azimuth_deg: azimuth[axis] }),
      original: { unit: 'gal', scale: 0.01 },
    },
  }))
}
