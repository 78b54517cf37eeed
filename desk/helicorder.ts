/** A day in lines, as a drum recorder draws it: which spans, and how the columns of a line lie. Pure. */
import type { SeriesColumn } from '../domain/ports.ts'
import { addNs, fromIso, type Instant, instant, NS_PER_S } from '../domain/time.ts'

const DAY_S = 86_400

/** First instant of a calendar day in a time zone; `undefined` for a day that is none. */
export function dayStart(day: string, timeZone: string): Instant | undefined {
  const utc = fromIso(`${day}T00:00:00Z`)
  if (utc === undefined) return undefined
  // Twice, because the offset at midnight may be another than that of the first guess.
  const once = addNs(utc, -offsetAt(utc, timeZone))
  return addNs(utc, -offsetAt(once, timeZone))
}

/** Local time less UTC. */
function offsetAt(at: Instant, timeZone: string): bigint {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  }).formatToParts(Number(at / 1_000_000n))
  const of = (type: string) => parts.find((part) => part.type === type)?.value ?? '00'
  const local = fromIso(`${of('year')}-${of('month')}-${of('day')}T${of('hour')}:${of('minute')}:${of('second')}Z`)!
  return local - (at / NS_PER_S) * NS_PER_S
}

/** 24 hours, whatever the clocks do that day. */
export function linesOf(start: Instant, line_minutes: number): Array<{ from: Instant; to: Instant }> {
  const line_ns = BigInt(line_minutes * 60) * NS_PER_S
  const count = DAY_S / (line_minutes * 60)
  return Array.from({ length: count }, (_, i) => {
    const from = instant(start + BigInt(i) * line_ns)
    return { from, to: addNs(from, line_ns) }
  })
}

/** Columns that the store left out are null. */
export function lineColumns(from: Instant, to: Instant, count: number, columns: readonly SeriesColumn[]) {
  const min: Array<number | null> = new Array(count).fill(null)
  const max: Array<number | null> = new Array(count).fill(null)
  const width = Number(to - from) / count
  for (const column of columns) {
    const i = Math.min(count - 1, Math.max(0, Math.floor(Number(column.t_ns - from) / width + 1e-6)))
    min[i] = Math.min(min[i] ?? Number.POSITIVE_INFINITY, column.min)
    max[i] = Math.max(max[i] ?? Number.NEGATIVE_INFINITY, column.max)
  }
  return { min, max }
}
