/**
 * Reads a stage series of the U.S. Geological Survey as CSV: `time_utc`, `stage_ft`, its qualifier, `discharge_cfs`, its
 * qualifier. Only stage is taken; -999999 (NWIS "no data") and an empty stage are NaN, everything else unreadable is refused.
 */
import { fromIso } from '../domain/time.ts'
import { toSi } from '../domain/units.ts'
import {
  decimal,
  linesOf,
  RECORDING_BYTES_MAX,
  type RecordingFile,
  recordingInvalid,
  type Series,
} from './recording.ts'

const COLUMNS = ['time_utc', 'stage_ft', 'stage_ft_qualifier', 'discharge_cfs', 'discharge_cfs_qualifier']
/** USGS NWIS writes this where an instrument gave nothing. */
export const USGS_NO_DATA = -999_999

/**
 * Stage above gauge datum in metres.
 * @throws PlumblineError RECORDING_INVALID
 */
export function readUsgsCsv(bytes: Uint8Array, { name, file, source }: RecordingFile): Series {
  if (bytes.length > RECORDING_BYTES_MAX)
    recordingInvalid(file, 1, `at most ${RECORDING_BYTES_MAX} bytes`, `${bytes.length} bytes`)
  const lines = linesOf(new TextDecoder().decode(bytes))
  if (lines[0] !== COLUMNS.join(',')) recordingInvalid(file, 1, `the columns ${COLUMNS.join(',')}`, lines[0])
  const count = lines.length - 1
  if (count < 1) recordingInvalid(file, 2, 'at least one row', undefined)
  const t = new BigInt64Array(count)
  const values = new Float64Array(count)
  for (let i = 0; i < count; i++) {
    const row = readRow(lines[i + 1]!, file, i + 2)
    if (i > 0 && row.t <= t[i - 1]!)
      recordingInvalid(file, i + 2, 'an instant after that of the row before', lines[i + 1])
    t[i] = row.t
    values[i] = row.stage_m
  }
  return { kind: 'series', name, quantity: 'stage', unit: 'm', t, values, source }
}

function readRow(text: string, file: string, line: number): { t: bigint; stage_m: number } {
  const cells = text.split(',')
  if (cells.length !== COLUMNS.length) recordingInvalid(file, line, `${COLUMNS.length} cells`, text)
  const time = cells[0]!
  const t =
    (time.endsWith('Z') ? fromIso(time) : undefined) ??
    recordingInvalid(file, line, 'time_utc as 2018-06-01T04:00:00Z', time)
  const stage = cells[1]!
  if (stage.trim() === '') return { t, stage_m: Number.NaN }
  const stage_ft = decimal(stage) ?? recordingInvalid(file, line, 'stage_ft as a number', stage)
  return { t, stage_m: stage_ft === USGS_NO_DATA ? Number.NaN : toSi(stage_ft, 'ft')! }
}
