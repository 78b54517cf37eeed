/** Readings and samples as rows of text: CSV with a head line, or one JSON object a line. Every row says its unit and flag. */
import { channelId } from '../../domain/ids.ts'
import type { LatestReading, StoredBlock } from '../../domain/ports.ts'
import { NOT_EVALUATED, sampleInstant } from '../../domain/reading.ts'
import { type Instant, toIso } from '../../domain/time.ts'

export type Row = {
  readonly time: string
  readonly t_ns: string
  readonly half_width_ns: string
  readonly channel: string
  readonly value: number | null
  readonly unit: string
  readonly flag: number
  readonly reason: string
  readonly detail: string
  readonly exercise: boolean
}
const COLUMNS = [
  'time',
  't_ns',
  'half_width_ns',
  'channel',
  'value',
  'unit',
  'flag',
  'reason',
  'detail',
  'exercise',
] as const satisfies ReadonlyArray<keyof Row>

export type RowFormat = { readonly head: string; readonly line: (row: Row) => string }

export const csv: RowFormat = {
  head: `${COLUMNS.join(',')}\n`,
  line: (row) => `${COLUMNS.map((name) => cell(row[name])).join(',')}\n`,
}
export const jsonl: RowFormat = { head: '', line: (row) => `${JSON.stringify(row)}\n` }

/** RFC 4180: what holds a comma, a quote or a line break stands in quotes. */
const cell = (value: Row[keyof Row]): string => {
  const text = value === null ? '' : String(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

export const rowOf = (reading: LatestReading, unit: string): Row => ({
  time: toIso(reading.t_ns),
  t_ns: String(reading.t_ns),
  half_width_ns: String(reading.half_width_ns),
  channel: reading.channel,
  value: reading.value,
  unit,
  flag: reading.flag,
  reason: reading.reason ?? '',
  detail: reading.detail ?? '',
  exercise: reading.exercise,
})

/** Samples of [from, to), axis after axis. */
export function* rowsOfBlock(
  block: StoredBlock,
  places: readonly number[],
  from: Instant,
  to: Instant,
): Generator<Row> {
  const { half_width_ns, unit, scale, exercise } = block
  for (const place of places) {
    const { axis, samples } = block.axes[place]!
    const channel = channelId(block.device, `${block.group}/${axis}`)
    for (const [i, raw] of samples.entries()) {
      const at = sampleInstant(block, i)
      if (at < from || at >= to) continue
      const value = raw * scale
      const said = { reason: '', detail: '', flag: NOT_EVALUATED, exercise, unit }
      yield { time: toIso(at), t_ns: String(at), half_width_ns: String(half_width_ns), channel, value, ...said }
    }
  }
}
