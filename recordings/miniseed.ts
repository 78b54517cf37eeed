/**
 * Joins the records of a miniSEED file channel by channel into components; missing records become gaps. miniSEED states no
 * unit, so `--unit` says what one count (or one) is. A record itself is read by `miniseed-record.ts`.
 */
import type { Instant } from '../domain/time.ts'
import { readRecord, type SeedRecord } from './miniseed-record.ts'
import type { Direction, Part } from './part.ts'
import {
  RECORDING_BYTES_MAX,
  type ReadOptions,
  type RecordingInput,
  recordingInvalid,
  recordingInvalidAt,
  SAMPLES_MAX,
} from './recording.ts'
import { scale, type Unit, unitNeeded } from './unit.ts'

/** @throws PlumblineError RECORDING_INVALID, also where no unit is given. */
export function readMiniSeed({ name, bytes }: RecordingInput, options: ReadOptions): Part[] {
  if (bytes.length > RECORDING_BYTES_MAX)
    recordingInvalid(name, 1, `at most ${RECORDING_BYTES_MAX} bytes`, `${bytes.length} bytes`)
  const channels = new Map<string, SeedRecord[]>()
  for (let at = 0; at < bytes.length; ) {
    const record = readRecord(name, bytes, at)
    at += record.bytes
    if (record.samples.length === 0) continue
    const id = [record.network, record.station, record.location, record.channel].join('.')
    const list = channels.get(id)
    if (list === undefined) channels.set(id, [record])
    else list.push(record)
  }
  if (channels.size === 0) recordingInvalidAt(name, 0, 'records with samples', 'none')
  const unit = unitNeeded(
    name,
    1,
    options.unit,
    'acceleration',
    'from --unit (what one count is, e.g. "4.8e-6 m/s2"): miniSEED states none',
  )
  const directions = directionsOf([...channels.keys()])
  return [...channels].map(([id, records]) => partOf(name, id, records, directions.get(id)!, unit))
}

function partOf(file: string, id: string, records: readonly SeedRecord[], direction: Direction, unit: Unit): Part {
  const ordered = [...records].sort((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : a.byte - b.byte))
  const first = ordered[0]!
  return {
    file,
    format: 'miniSEED',
    quantity: 'acceleration',
    samples: scale(joined(file, id, ordered), unit.factor),
    sample_rate_hz: first.sample_rate_hz,
    start: first.start,
    station: `${first.network}.${first.station}`,
    source: `${first.network}.${first.station} (miniSEED)`,
    component: { ...direction, label: id, original: { unit: unit.label, scale: unit.factor } },
  }
}

/** Records must follow one another on the grid of the first, within half an interval; what is missing between is NaN. */
function joined(file: string, id: string, records: readonly SeedRecord[]): Float64Array {
  const first = records[0]!
  const rate = first.sample_rate_hz
  const places = records.map((record) => {
    if (Math.abs(record.sample_rate_hz - rate) > 1e-6 * rate)
      recordingInvalidAt(
        file,
        record.byte,
        `${rate} Hz as in the other records of ${id}`,
        `${record.sample_rate_hz} Hz`,
      )
    return { record, at: Math.round(samplesBetween(first.start, record.start, rate)) }
  })
  const last = places.at(-1)!
  const length = last.at + last.record.samples.length
  if (length > Math.max(SAMPLES_MAX, 2 * records.reduce((sum, r) => sum + r.samples.length, 0)))
    recordingInvalidAt(file, last.record.byte, `records of ${id} that lie together`, `a gap up to sample ${last.at}`)
  const out = new Float64Array(length).fill(Number.NaN)
  let end = 0
  for (const { record, at } of places) {
    const off = samplesBetween(first.start, record.start, rate) - at
    if (Math.abs(off) > 0.4)
      recordingInvalidAt(
        file,
        record.byte,
        `a start on the sampling grid of ${id}`,
        `${off.toFixed(2)} intervals off it`,
      )
    if (at < end)
      recordingInvalidAt(
        file,
        record.byte,
        `a record of ${id} behind the one before`,
        `one that overlaps it by ${end - at} samples`,
      )
    out.set(record.samples, at)
    end = at + record.samples.length
  }
  return out
}

const samplesBetween = (from: Instant, to: Instant, rate_hz: number): number => (Number(to - from) / 1e9) * rate_hz

/** FDSN channel names: the third letter is the direction. Where letters repeat (two sensors), the whole name is the axis. */
function directionsOf(ids: readonly string[]): Map<string, Direction> {
  const letterOf = (id: string) => id.split('.')[3]!.slice(2, 3).toUpperCase()
  const letters = ids.map(letterOf)
  const repeated = new Set(letters).size < letters.length
  return new Map(
    ids.map((id) => {
      const known = LETTERS[letterOf(id)] ?? { axis: id.split('.')[3]!.toLowerCase() || 'a', vertical: false }
      const [, , location, channel] = id.split('.')
      return [
        id,
        repeated ? { ...known, axis: `${location}${location === '' ? '' : '_'}${channel}`.toLowerCase() } : known,
      ]
    }),
  )
}

const LETTERS: Readonly<Record<string, Direction>> = {
  Z: { axis: 'up', vertical: true },
  N: { axis: 'ns', vertical: false, azimuth_deg: 0 },
  E: { axis: 'ew', vertical: false, azimuth_deg: 90 },
  '1': { axis: 'h1', vertical: false },
  '2': { axis: 'h2', vertical: false },
  '3': { axis: 'h3', vertical: false },
  X: { axis: 'x', vertical: false },
  Y: { axis: 'y', vertical: false },
}
