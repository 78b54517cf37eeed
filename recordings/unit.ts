/**
 * Units as files and people write them, with their factor to SI. An unknown unit has no factor: it is refused by the
 * reader that met it, never assumed. Exact factors come from `domain/units.ts`.
 */
import { G_M_S2, M_PER_FT, M_S2_PER_GAL, PA_PER_PSI } from '../domain/units.ts'
import { recordingInvalid } from './recording.ts'

/** What sensors beside ground motion and stage measure; kinds of the same name as the quantity. */
export const READING_KINDS = ['tilt', 'temperature', 'pressure', 'voltage'] as const
export type ReadingKind = (typeof READING_KINDS)[number]
/** `other` is known but nothing that can be played: such columns of a table are passed over. */
export type UnitKind = 'acceleration' | 'velocity' | 'length' | ReadingKind | 'other'
/** SI value = `factor` x number + `offset` (default 0); `label` as it was written. */
export type Unit = {
  readonly label: string
  readonly kind: UnitKind
  readonly factor: number
  readonly offset?: number
}

const M_PER_IN = M_PER_FT / 12
const OTHER = [
  ...[
    '%',
    'deg/s',
    'rad/s',
    's',
    'ms',
    'min',
    'h',
    'hz',
    'cfs',
    'ft3/s',
    'm3/s',
    'count',
    'counts',
    'ma',
    'n',
    'kn',
    'utc',
  ],
]

/** Kind, factor, offset. */
type Row = readonly [UnitKind, number, number?]
const CELSIUS = ['temperature', 1, 273.15] satisfies Row
/** K = (°F + 459.67) x 5 / 9, exact. */
const FAHRENHEIT = ['temperature', 5 / 9, (459.67 * 5) / 9] satisfies Row
/** Keys are normalised: no blanks, lower case, `²` as 2, `sec` as s, `/s/s` as `/s2`. */
const UNITS: ReadonlyMap<string, Row> = new Map([
  ['m/s2', ['acceleration', 1]],
  ['ms-2', ['acceleration', 1]],
  ['dm/s2', ['acceleration', 0.1]],
  ['cm/s2', ['acceleration', M_S2_PER_GAL]],
  ['cms-2', ['acceleration', M_S2_PER_GAL]],
  ['gal', ['acceleration', M_S2_PER_GAL]],
  ['gals', ['acceleration', M_S2_PER_GAL]],
  ['mgal', ['acceleration', M_S2_PER_GAL / 1000]],
  ['mm/s2', ['acceleration', 0.001]],
  ['um/s2', ['acceleration', 1e-6]],
  ['nm/s2', ['acceleration', 1e-9]],
  ['g', ['acceleration', G_M_S2]],
  ['g/10', ['acceleration', G_M_S2 / 10]],
  ['mg', ['acceleration', G_M_S2 / 1000]],
  ['milli-g', ['acceleration', G_M_S2 / 1000]],
  ['ug', ['acceleration', G_M_S2 / 1e6]],
  ['ft/s2', ['acceleration', M_PER_FT]],
  ['in/s2', ['acceleration', M_PER_IN]],
  ['m/s', ['velocity', 1]],
  ['cm/s', ['velocity', 0.01]],
  ['mm/s', ['velocity', 0.001]],
  ['in/s', ['velocity', M_PER_IN]],
  ['m', ['length', 1]],
  ['metre', ['length', 1]],
  ['metres', ['length', 1]],
  ['meter', ['length', 1]],
  ['meters', ['length', 1]],
  ['cm', ['length', 0.01]],
  ['mm', ['length', 0.001]],
  ['ft', ['length', M_PER_FT]],
  ['feet', ['length', M_PER_FT]],
  ['foot', ['length', M_PER_FT]],
  ['in', ['length', M_PER_IN]],
  ['inch', ['length', M_PER_IN]],
  ['inches', ['length', M_PER_IN]],
  ['deg', ['tilt', Math.PI / 180]],
  ['°', ['tilt', Math.PI / 180]],
  ['rad', ['tilt', 1]],
  ['mrad', ['tilt', 0.001]],
  ['urad', ['tilt', 1e-6]],
  ['k', ['temperature', 1]],
  ['degc', CELSIUS],
  ['°c', CELSIUS],
  ['c', CELSIUS],
  ['degf', FAHRENHEIT],
  ['°f', FAHRENHEIT],
  ['pa', ['pressure', 1]],
  ['hpa', ['pressure', 100]],
  ['mbar', ['pressure', 100]],
  ['kpa', ['pressure', 1000]],
  ['bar', ['pressure', 100_000]],
  ['psi', ['pressure', PA_PER_PSI]],
  ['v', ['voltage', 1]],
  ['mv', ['voltage', 0.001]],
  ...OTHER.map((name): [string, Row] => [name, ['other', 1]]),
] satisfies Array<[string, Row]>)

/** `m/s²`, `cm/sec/sec`, `GAL`, `g`, optionally after a factor (`4.8e-6 m/s2` = that much for each count). */
export function unitOf(text: string): Unit | undefined {
  const label = text.trim()
  const match = /^((?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?)?\s*(?:[*x×]\s*)?(\S.*)$/is.exec(label)
  if (match === null) return undefined
  const known = UNITS.get(normalised(match[2]!))
  const times = match[1] === undefined ? 1 : Number(match[1])
  if (known === undefined || !Number.isFinite(times) || times <= 0) return undefined
  const [kind, factor, offset] = known
  return { label, kind, factor: times * factor, ...(offset !== undefined && { offset }) }
}

const normalised = (text: string): string =>
  text
    .toLowerCase()
    .replace(/\s+/g, '')
    .replace(/[µμ]/g, 'u')
    .replace(/²|\^2|\*\*2/g, '2')
    .replace(/\^-?/g, '-')
    .replace(/[·.]/g, '')
    .replace(/sec(?:onds?)?/g, 's')
    .replace(/\/s\/s$/, '/s2')

export const UNITS_KNOWN = 'm/s2, cm/s2, mm/s2, gal, g, mg, m, cm, mm, ft or in'

/** Whether two units say the same of a number, however they are written. */
export const sameUnit = (one: Unit, other: Unit): boolean =>
  one.kind === other.kind && one.factor === other.factor && (one.offset ?? 0) === (other.offset ?? 0)

/** @throws PlumblineError RECORDING_INVALID for a unit that is unknown or of another kind. */
export function unitNeeded(file: string, line: number, text: string | undefined, kind: UnitKind, where: string): Unit {
  const unit = text === undefined ? undefined : unitOf(text)
  if (unit === undefined || unit.kind !== kind)
    recordingInvalid(file, line, `a unit of ${kind} ${where} (${UNITS_KNOWN})`, text ?? 'none')
  return unit
}

/** Multiplies in place. */
export function scale(samples: Float64Array, factor: number): Float64Array {
  if (factor !== 1) for (let k = 0; k < samples.length; k++) samples[k] = samples[k]! * factor
  return samples
}
