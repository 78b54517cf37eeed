/**
 * Acceleration from a CSV table: evenly spaced rows, every column but the time one axis. The interval comes from the time
 * column or from `--dt`; uneven times are refused, missing values are gaps.
 */
import type { Instant } from '../domain/time.ts'
import { type Column, cellValue, rowsOf, type Table, unitOfColumn } from './csv-table.ts'
import { epochNs, isoOf, type TimeColumn, timeColumn, timeExpected, timeKind } from './csv-time.ts'
import { Growing } from './growing.ts'
import { checkedRate, type Direction, direction, type Part, rateOf } from './part.ts'
import { baseName, decimal, type ReadOptions, recordingInvalid } from './recording.ts'
import { UNITS_KNOWN } from './unit.ts'

/** @throws PlumblineError RECORDING_INVALID */
export function readCsvWaveform(table: Table, options: ReadOptions): Part[] {
  const { lines, columns, headerLine } = table
  const time = timeColumn(columns)
  const chosen = accelerationColumns(table, time)
  const units = chosen.map(({ column }) => unitOfColumn(table, column, options.unit))
  const wrong = units.findIndex((unit) => unit.kind !== 'acceleration')
  if (wrong >= 0)
    recordingInvalid(
      lines.file,
      headerLine,
      `a unit of acceleration for "${chosen[wrong]!.column.title}"`,
      units[wrong]!.label,
    )
  if (time === undefined && options.dt_s === undefined)
    recordingInvalid(
      lines.file,
      headerLine,
      'a time column, or the interval from --dt',
      columns.map((c) => c.title).join(','),
    )
  const values = chosen.map(() => new Growing())
  const clock = time === undefined ? undefined : new RowClock(table, time)
  for (const cells of rowsOf(table)) {
    clock?.push(cells[time!.index]!)
    chosen.forEach(({ column, index }, a) => {
      values[a]!.push(cellValue(lines, cells[index]!, column.title) * units[a]!.factor)
    })
  }
  if (values[0]!.length < 2) recordingInvalid(lines.file, lines.line + 1, 'at least two rows', undefined)
  const sample_rate_hz = rate(table, clock, options.dt_s)
  const start = clock?.start
  const names = namesOf(chosen.map(({ column }) => column))
  return chosen.map(({ column }, a) => ({
    file: lines.file,
    format: 'CSV',
    quantity: 'acceleration',
    samples: values[a]!.numbers.slice(),
    sample_rate_hz,
    ...(start === undefined ? {} : { start }),
    source: baseName(lines.file),
    component: { ...names[a]!, label: column.title, original: { unit: units[a]!.label, scale: units[a]!.factor } },
  }))
}

type Chosen = { readonly column: Column; readonly index: number }

/** Names that speak of acceleration or of an axis: without a unit they are refused, not passed over. */
const AXIS = /acc|^a?[xyz]$|^(ns|ew|ud|n|e|u|up|v|h1|h2)$/i

/** Columns with a unit of acceleration; where none states a unit, all but the time: then `--unit` must say it. */
function accelerationColumns({ lines, columns, headerLine }: Table, time: TimeColumn | undefined): Chosen[] {
  const others = columns.map((column, index) => ({ column, index })).filter(({ index }) => index !== time?.index)
  const unknown = others.find(({ column }) => column.unknownUnit !== undefined)?.column
  if (unknown !== undefined)
    recordingInvalid(
      lines.file,
      headerLine,
      `a known unit in the column "${unknown.title}" (${UNITS_KNOWN})`,
      unknown.unknownUnit,
    )
  const stated = others.some(({ column }) => column.unit?.kind === 'acceleration')
  const chosen = others.filter(({ column: { unit, name } }) =>
    unit === undefined ? !stated || AXIS.test(name) : unit.kind === 'acceleration',
  )
  if (chosen.length === 0)
    recordingInvalid(lines.file, headerLine, 'a column of acceleration', columns.map((c) => c.title).join(','))
  return chosen
}

/** `acc_x`, `Accel NS`, `ax`, `ud`: the axis that is left without the word for acceleration; twins keep their title. */
function namesOf(columns: readonly Column[]): Direction[] {
  const named = columns.map(({ name }) =>
    direction(name.replace(/^(acc(el(eration)?)?)[_\s.-]+(?=\S)/i, '').replace(/^a(?=[xyz]$)/i, '')),
  )
  return named.map((which, k) => {
    const twin = named.some((other, n) => n !== k && other.axis === which.axis)
    return twin
      ? { ...which, axis: columns[k]!.title.toLowerCase().replace(/[^a-z0-9]+/g, '_') }
      : upAsWritten(which, columns[k]!)
  })
}

/** Who writes `z` or `ud` reads `z` or `ud`. */
function upAsWritten(which: Direction, { name }: Column): Direction {
  const word = /(?:^|[_\s.-]|^a)(z|ud|u|v)$/i.exec(name)?.[1]?.toLowerCase()
  return which.axis === 'up' && word !== undefined ? { ...which, axis: word } : which
}

function rate(table: Table, clock: RowClock | undefined, dt_s: number | undefined): number {
  const { lines } = table
  if (dt_s !== undefined && !(dt_s > 0))
    recordingInvalid(lines.file, table.headerLine, 'an interval above 0 s from --dt', `${dt_s}`)
  const measured = clock?.rate()
  if (measured === undefined) return checkedRate(lines.file, table.headerLine, rateOf(dt_s!), `--dt ${dt_s}`)
  if (dt_s !== undefined && Math.abs(measured * dt_s - 1) > 1e-3)
    recordingInvalid(lines.file, table.headerLine, `--dt ${1 / measured}, as the time column says`, `--dt ${dt_s}`)
  return checkedRate(lines.file, table.headerLine, measured, `${measured}`)
}

/** Follows the time column: kind, start, evenness. */
class RowClock {
  start: Instant | undefined
  readonly #table: Table
  readonly #time: TimeColumn
  /** Seconds since the first row; rows stand on consecutive lines. */
  readonly #seconds = new Growing()
  #firstLine = 0
  #kind: ReturnType<typeof timeKind>
  #first = 0n
  #firstSeconds = 0
  /** Rounding step of the printed times. */
  #step_s = 1

  constructor(table: Table, time: TimeColumn) {
    this.#table = table
    this.#time = time
  }

  push(cell: string): void {
    this.#kind ??= timeKind(this.#time, cell)
    const at_s = this.#since(cell)
    if (this.#seconds.length === 0) this.#firstLine = this.#table.lines.line
    this.#seconds.push(at_s)
    const point = cell.indexOf('.')
    const mantissa = point < 0 ? cell : cell.slice(point + 1)
    const power = this.#kind === 'iso' ? -1 : mantissa.search(/e/i)
    const digits = point < 0 ? 0 : /^\d*/.exec(power < 0 ? mantissa : mantissa.slice(0, power))![0].length
    const exponent = power < 0 ? 0 : Number(mantissa.slice(power + 1))
    const step_s = 10 ** (exponent - digits) / (this.#kind === 'iso' ? 1 : this.#time.per_s)
    if (step_s < this.#step_s) this.#step_s = step_s
  }

  #since(cell: string): number {
    const value = this.#kind === 'iso' ? undefined : decimal(cell)
    if (this.#kind === 'seconds') {
      if (value === undefined) timeExpected(this.#table, this.#time, cell)
      if (this.#seconds.length === 0) this.#firstSeconds = value
      return (value - this.#firstSeconds) / this.#time.per_s
    }
    const at = this.#kind === 'epoch' && value !== undefined ? epochNs(value) : isoOf(cell, this.#time.utc)
    if (at === undefined) return timeExpected(this.#table, this.#time, cell)
    if (this.#seconds.length === 0) {
      this.#first = at
      this.start = at as Instant
    }
    return Number(at - this.#first) / 1e9
  }

  /**
   * Printed times lie within their rounding step of an even grid, and never so coarse that a missing row could hide.
   * @throws PlumblineError RECORDING_INVALID at the row where the spacing first differs
   */
  rate(): number {
    const t = this.#seconds.numbers
    for (let k = 1; k < t.length; k++)
      if (!(t[k]! > t[k - 1]!)) this.#uneven(t, k, 'a time after that of the row before')
    const mean_s = t.at(-1)! / (t.length - 1)
    const rate_hz = snapped(1 / mean_s, this.#step_s / t.at(-1)!)
    let [low, high, worst] = [0, 0, 0]
    t.forEach((at, k) => {
      const off = at - k / rate_hz
      if (off < low) low = off
      if (off > high) {
        high = off
        worst = k
      }
    })
    const slack_s = Math.min(0.5 * mean_s, Math.max(1.01 * this.#step_s, 1e-3 * mean_s))
    if (high - low <= slack_s) return rate_hz
    const usual_s = t
      .subarray(1)
      .map((at, k) => at - t[k]!)
      .sort()[(t.length - 1) >> 1]!
    const jump = t.findIndex((at, k) => k > 0 && Math.abs(at - t[k - 1]! - usual_s) > 0.4 * usual_s)
    return this.#uneven(t, jump > 0 ? jump : worst, `evenly spaced rows, ${Number(usual_s.toPrecision(6))} s apart`)
  }

  #uneven(t: Float64Array, k: number, expected: string): never {
    const step = `${Number((t[k]! - (t[k - 1] ?? 0)).toPrecision(6))} s after the row before`
    recordingInvalid(this.#table.lines.file, this.#firstLine + k, expected, step)
  }
}

/** The rate whole in Hz, or whole in s, that lies within the rounding of the printed times. */
function snapped(rate: number, uncertainty: number): number {
  const near = (value: number) => value > 0 && Math.abs(value / rate - 1) <= uncertainty + 1e-9
  if (near(Math.round(rate))) return Math.round(rate)
  if (near(Math.round(10 * rate) / 10)) return Math.round(10 * rate) / 10
  const interval = 1 / rate
  return near(1 / Math.round(interval)) ? 1 / Math.round(interval) : rate
}
