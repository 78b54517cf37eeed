/**
 * Units as files and people write them, with their factor to SI. An unknown unit has no factor: it is refused by the
 * reader that met it, never assumed. Exact factors come from `domain/units.ts`.
 */
import { G_M_S2, M_PER_FT, M_S2_PER_GAL } from '../domain/units.ts'
import { recordingInvalid } from './recording.ts'

/** `other` is known but neither ground motion nor stage: such columns of a table are passed over. */
export type UnitKind = 'acceleration' | 'velocity' | 'length' | 'other'
/** SI value = `factor` x number; `label` as it was written. */
export type Unit = { readonly label: string; readonly kind: UnitKind; readonly factor: number }

const M_PER_IN = M_PER_FT / 12
const OTHER = [
  ...['degc', '°c', 'c', 'k', 'degf', '°f', 'v', 'mv', '%', 'pa', 'hpa', 'kpa', 'bar', 'mbar', 'deg', '°', 'rad'],
  ...['deg/s', 'rad/s', 's', 'ms', 'min', 'h', 'hz', 'cfs', 'ft3/s', 'm3/s', 'count', 'counts', 'ma', 'n', 'kn', 'utc'],
]

/** Keys are normalised: no blanks, lower case, `²` as 2, `sec` as s, `/s/s` as `/s2`. */
const UNITS: ReadonlyMap<string, readonly [UnitKind, number]> = new Map([
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
  ...OTHER.map((name): [string, [UnitKind, number]] => [name, ['other', 1]]),
] satisfies Array<[string, [UnitKind, number]]>)

/** `m/s²`, `cm/sec/sec`, `GAL`, `g`, optionally after a factor (`4.8e-6 m/s2` = that much for each count). */
export function unitOf(text: string): Unit | undefined {
  const label = text.trim()
  const match = /^((?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)?\s*[*x×]?\s*(\S.*)$/i.exec(label)
  if (match === null) return undefined
  const known = UNITS.get(normalised(match[2]!))
  const times = match[1] === undefined ? 1 : Number(match[1])
  if (known === undefined || !Number.isFinite(times) || times <= 0) return undefined
  return { label, kind: known[0], factor: times * known[1] }
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
