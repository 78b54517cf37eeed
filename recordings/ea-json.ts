/**
 * Reads stage in JSON of the Environment Agency (England): readings of the flood-monitoring API (`items` with dateTime and
 * value, unit in the measure's name) and the telemetry of the flood information service (`ts`, `_` in metres, `err`).
 */
import { isoOf } from './csv-time.ts'
import {
  RECORDING_BYTES_MAX,
  type ReadOptions,
  type RecordingInput,
  recordingInvalid,
  type Series,
} from './recording.ts'
import { type Row, stageSeries } from './series.ts'
import { type Unit, unitOf } from './unit.ts'

export const isJson = (head: readonly string[]): boolean =>
  /^\uFEFF?\s*[[{]/.test(head.find((line) => line.trim() !== '') ?? '')

type Item = { readonly at: unknown; readonly value: unknown; readonly err: boolean; readonly measure?: string }

/** @throws PlumblineError RECORDING_INVALID naming line and reading */
export function readEaJson(input: RecordingInput, name: string, options: ReadOptions): Series {
  const { json, text } = parsed(input)
  const { items, unitText } = itemsOf(input, json)
  const lines = linesOfReadings(text)
  const fail = (k: number, expected: string, got: unknown): never =>
    recordingInvalid(
      input.name,
      lines[k] ?? 1,
      `${expected} in reading ${k + 1} of ${items.length}`,
      JSON.stringify(got) ?? 'none',
    )
  const measures = new Set(items.map((item) => item.measure))
  if (measures.size > 1)
    recordingInvalid(input.name, 1, 'readings of one measure', [...measures].slice(0, 3).join(', '))
  const measure = [...measures][0]
  const unit = unitNamed(input, measure, unitText, options)
  const rows = items.map(({ at, value, err }, k): Row => {
    const t_ns = typeof at === 'string' ? isoOf(at, false) : undefined
    if (t_ns === undefined) return fail(k, 'an instant with its zone (2020-10-13T16:00Z)', at)
    const missing = err || value === null || value === undefined || value === '' || value === -999999
    if (!missing && (typeof value !== 'number' || !Number.isFinite(value))) return fail(k, 'a number', value)
    return { t_ns, value: missing ? Number.NaN : (value as number), line: lines[k] ?? 1 }
  })
  const errors = items.filter((item) => item.err).length
  return stageSeries(input.name, rows, unit, {
    name,
    ...(measure === undefined ? {} : { station: measure.split('/').at(-1)! }),
    source: 'Environment Agency, England (Open Government Licence v3.0)',
    format: 'EA JSON',
    notes: errors === 0 ? [] : [`${errors} readings that the agency marks as errors are gaps`],
  })
}

function parsed({ name, bytes }: RecordingInput): { json: unknown; text: string } {
  if (bytes.length > RECORDING_BYTES_MAX)
    recordingInvalid(name, 1, `at most ${RECORDING_BYTES_MAX} bytes`, `${bytes.length} bytes`)
  const text = new TextDecoder('utf-8').decode(bytes)
  try {
    return { json: JSON.parse(text), text }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    const position = Number(/position (\d+)/.exec(message)?.[1] ?? text.length)
    return recordingInvalid(
      name,
      text.slice(0, position).split('\n').length,
      'JSON',
      text.slice(position).split('\n')[0] || 'the end of the file',
    )
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function itemsOf({ name }: RecordingInput, json: unknown): { items: Item[]; unitText?: string } {
  const list = Array.isArray(json)
    ? json
    : isRecord(json)
      ? (json['items'] ?? json['readings'] ?? json['telemetry'] ?? json['values'])
      : undefined
  if (!Array.isArray(list) || list.length === 0)
    return recordingInvalid(name, 1, 'a list of readings, bare or under "items"', JSON.stringify(json)?.slice(0, 60))
  const items = list.map((entry: unknown, k): Item => {
    if (isRecord(entry) && 'ts' in entry && '_' in entry)
      return { at: entry['ts'], value: entry['_'], err: entry['err'] === true }
    if (isRecord(entry) && 'dateTime' in entry && 'value' in entry)
      return { at: entry['dateTime'], value: entry['value'], err: false, ...measureOf(entry['measure']) }
    return recordingInvalid(
      name,
      1,
      `a reading with ts and _, or dateTime and value, as entry ${k + 1}`,
      JSON.stringify(entry)?.slice(0, 60),
    )
  })
  const stated = isRecord(json) ? json['unitName'] : undefined
  return { items, ...(typeof stated === 'string' ? { unitText: stated } : {}) }
}

/** A measure is its address, or an object with it under `@id`. */
function measureOf(measure: unknown): { measure?: string } {
  if (typeof measure === 'string') return { measure }
  if (isRecord(measure) && typeof measure['@id'] === 'string') return { measure: measure['@id'] }
  return {}
}

/**
 * `.../1491TH-level-stage-i-15_min-mASD`: the last part is the unit; metres above a datum (AOD, ASD, BDAT) are metres.
 * The telemetry form names no measure: it is defined in metres.
 */
function unitNamed(
  { name }: RecordingInput,
  measure: string | undefined,
  stated: string | undefined,
  options: ReadOptions,
): Unit {
  const own = (stated ?? measure?.split('-').at(-1) ?? 'm').replace(/^m(AOD|ASD|BDAT|AD)$/i, 'm')
  const unit = unitOf(own) ?? unitOf(options.unit ?? '')
  if (unit?.kind !== 'length') return recordingInvalid(name, 1, 'a measure in metres (..-m, -mASD, -mAOD)', own)
  const given = options.unit === undefined ? undefined : unitOf(options.unit)
  if (options.unit !== undefined && given?.factor !== unit.factor)
    return recordingInvalid(name, 1, `--unit ${unit.label}, as the file states`, options.unit)
  return unit
}

/** Lines of the keys that give each reading's time, found in one walk through the text. */
function linesOfReadings(text: string): number[] {
  const out: number[] = []
  let line = 1
  let from = 0
  for (const match of text.matchAll(/"(?:ts|dateTime)"\s*:/g)) {
    for (let at = text.indexOf('\n', from); at >= 0 && at < match.index; at = text.indexOf('\n', at + 1)) line++
    from = match.index
    out.push(line)
  }
  return out
}
