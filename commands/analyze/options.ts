/**
 * What the flags of `analyze` ask for, judged before any file is opened. Which of them suit the record at hand is known only
 * once it is read: `requireFitting`.
 */
import { PlumblineError } from '../../domain/errors.ts'
import type { Recording } from '../../recordings/recording.ts'
import { UNITS_KNOWN, unitOf } from '../../recordings/unit.ts'
import type { FlagKind, Flags } from '../command.ts'

export const ANALYZE_FLAGS = {
  json: 'flag',
  plot: 'text',
  dt: 'positive',
  unit: 'text',
  sta: 'positive',
  lta: 'positive',
  on: 'positive',
  off: 'positive',
  filter: 'text',
  level: 'texts',
  deadband: 'text',
} as const satisfies Record<string, FlagKind>

/** A length as a person wrote it; without a unit it is in the unit of the record. */
export type Length = { readonly value: number; readonly unit: string | undefined }
export type NamedLevel = { readonly name: string; readonly stage: Length }

export type TriggerOptions = {
  readonly sta_s: number
  readonly lta_s: number
  readonly on: number
  readonly off: number
  /** Causal band-pass before STA/LTA. */
  readonly filter_hz: readonly [low: number, high: number] | undefined
}

export type AnalyzeOptions = {
  readonly trigger: TriggerOptions
  readonly levels: readonly NamedLevel[]
  readonly deadband: Length
  readonly unit: string | undefined
  readonly dt_s: number | undefined
  /** Flags given that only make sense for one kind of record. */
  readonly given: { readonly 'ground motion': readonly string[]; readonly water: readonly string[] }
}

export const STA_LTA = { sta_s: 1, lta_s: 10, on: 4, off: 1.5 } as const

const usage = (detail: string): never => {
  throw new PlumblineError('USAGE', detail)
}

/** @throws PlumblineError USAGE */
export function analyzeOptions(flags: Flags<typeof ANALYZE_FLAGS>): AnalyzeOptions {
  const trigger = {
    sta_s: flags.sta ?? STA_LTA.sta_s,
    lta_s: flags.lta ?? STA_LTA.lta_s,
    on: flags.on ?? STA_LTA.on,
    off: flags.off ?? STA_LTA.off,
    filter_hz: flags.filter === undefined ? undefined : band(flags.filter),
  }
  requireReachable(trigger)
  const levels = flags.level.map(level)
  const twice = levels.find(({ name }, k) => levels.findIndex((l) => l.name === name) !== k)
  if (twice !== undefined) usage(`--level: expected names that differ, got "${twice.name}" twice`)
  const deadband = length('deadband', flags.deadband ?? '0')
  if (deadband.value < 0) usage(`--deadband: expected 0 or more, got "${flags.deadband}"`)
  if (flags.unit !== undefined && unitOf(flags.unit) === undefined)
    usage(`--unit: expected a known unit (${UNITS_KNOWN}), got "${flags.unit}"`)
  const used = (names: ReadonlyArray<keyof typeof flags>) =>
    names.filter((name) => (name === 'level' ? flags.level.length > 0 : flags[name] !== undefined))
  return {
    trigger,
    levels,
    deadband,
    unit: flags.unit,
    dt_s: flags.dt,
    given: { 'ground motion': used(['dt', 'sta', 'lta', 'on', 'off', 'filter']), water: used(['level', 'deadband']) },
  }
}

/** A flag that says nothing about this record is a mistake of the caller, not to be passed over. @throws PlumblineError USAGE */
export function requireFitting({ given, unit, dt_s }: AnalyzeOptions, recording: Recording): void {
  const [is, other] =
    recording.kind === 'waveform' ? (['ground motion', 'water'] as const) : (['water', 'ground motion'] as const)
  const flag = given[other][0]
  if (flag !== undefined) usage(`--${flag} is for ${other}, but ${recording.name} is ${is}`)
  const kind = recording.kind === 'waveform' ? 'acceleration' : 'length'
  if (unit !== undefined && unitOf(unit)?.kind !== kind) usage(`--unit: expected a unit of ${kind}, got "${unit}"`)
  if (recording.kind === 'waveform' && dt_s !== undefined && Math.abs(dt_s * recording.sample_rate_hz - 1) > 1e-3)
    usage(`--dt: expected what ${recording.name} states, ${1 / recording.sample_rate_hz} s, got ${dt_s}`)
}

/** The classic ratio cannot exceed LTA/STA: a threshold there would never trigger, and nobody would know. */
function requireReachable({ sta_s, lta_s, on, off }: TriggerOptions): void {
  if (!(sta_s < lta_s)) usage(`--sta: expected less than --lta (${lta_s} s), got ${sta_s}`)
  if (!(on < lta_s / sta_s)) usage(`--on: expected below LTA/STA = ${lta_s / sta_s}, got ${on}`)
  if (!(off <= on)) usage(`--off: expected at or below --on (${on}), got ${off}`)
}

const NUMBER = String.raw`(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?`

function band(text: string): readonly [number, number] {
  const match = new RegExp(`^\\s*(${NUMBER})\\s*-\\s*(${NUMBER})\\s*(?:hz\\s*)?$`, 'i').exec(text)
  const [low, high] = [Number(match?.[1]), Number(match?.[2])]
  if (!(low > 0 && low < high)) usage(`--filter: expected LOW-HIGH in Hz, 0 < LOW < HIGH, e.g. 1-20, got "${text}"`)
  return [low, high]
}

function level(text: string): NamedLevel {
  const at = text.lastIndexOf('=')
  const name = text.slice(0, at).trim()
  if (at < 0 || name === '') usage(`--level: expected NAME=VALUE[unit], e.g. alert=2.5m, got "${text}"`)
  return { name, stage: length('level', text.slice(at + 1)) }
}

function length(flag: string, text: string): Length {
  const match = new RegExp(`^([+-]?${NUMBER})\\s*([^\\d\\s].*)?$`, 'i').exec(text.trim())
  if (match === null) return usage(`--${flag}: expected a number and its unit, e.g. 2.5m or 8ft, got "${text}"`)
  const unit = match[2]
  if (unit !== undefined && unitOf(unit)?.kind !== 'length')
    usage(`--${flag}: expected a unit of length (m, cm, mm, ft, in), got "${unit}"`)
  return { value: Number(match[1]), unit }
}
