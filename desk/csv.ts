/**
 * Lists of the API as CSV (RFC 4180): a header line, a line for each row, CR LF. What is nested stands as JSON. Pure.
 */

type Row = Readonly<Record<string, unknown>>

/** `format=csv`, or an Accept header that names text/csv before JSON. */
export function wantsCsv(format: unknown, accept: string | undefined): boolean {
  if (format !== undefined) return format === 'csv'
  const [csv, json] = ['text/csv', 'application/json'].map((type) => (accept ?? '').indexOf(type))
  return csv! >= 0 && (json! < 0 || csv! < json!)
}

/** Columns of answers whose rows are tuples. */
const TUPLES: Readonly<Record<string, readonly string[]>> = {
  columns: ['t_ns', 'min', 'mean', 'max', 'count', 'worst_flag'],
}

/** The first list in the answer; samples of blocks a line each. */
export function csvOf(answer: object): string {
  if ('blocks' in answer) return table(samplesOf(answer.blocks as readonly BlockRow[]))
  const [name = '', rows = []] = Object.entries(answer).find(([, value]) => Array.isArray(value)) ?? []
  const names = TUPLES[name]
  if (names === undefined) return table(rows as Row[])
  return table(
    rows.map((row: unknown[]) => Object.fromEntries(names.map((column, i) => [column, row[i]]))),
    names,
  )
}

type BlockRow = {
  readonly t0_ns: string
  readonly sample_rate_hz: number
  readonly scale: number
  readonly axes: Readonly<Record<string, readonly number[]>>
}
/** In the unit of the axis. */
function samplesOf(blocks: readonly BlockRow[]): Row[] {
  return blocks.flatMap(({ t0_ns, sample_rate_hz, scale, axes }) => {
    const t0 = BigInt(t0_ns)
    const names = Object.keys(axes)
    return Array.from(axes[names[0] ?? ''] ?? [], (_, i) => ({
      t_ns: String(t0 + BigInt(Math.round((i * 1e9) / sample_rate_hz))),
      ...Object.fromEntries(names.map((axis) => [axis, axes[axis]![i]! * scale])),
    }))
  })
}

export function table(
  rows: readonly Row[],
  columns: readonly string[] = [...new Set(rows.flatMap(Object.keys))],
): string {
  const lines = rows.map((row) => columns.map((column) => cell(row[column])).join(','))
  return [columns.map(cell).join(','), ...lines].map((line) => `${line}\r\n`).join('')
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  return quoted(typeof value === 'string' ? harmless(value) : JSON.stringify(value))
}

const quoted = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)

/** A spreadsheet calculates what begins so: somebody's comment must not become a formula (OWASP, CSV injection). */
const harmless = (text: string): string => (/^[=+\-@\t\r]/.test(text) && !/^-?\d+$/.test(text) ? `'${text}` : text)
