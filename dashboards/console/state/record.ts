/**
 * Recorded samples of a device on one axis of time, filtered where asked. A filter runs over each unbroken run by itself:
 * over a hole it would ring from one side to the other and draw motion that nobody measured. Pure.
 */
import type { BlockJson } from '../../../domain/api.ts'
import { butterworth, filterZeroPhase } from '../../../measures/signal/butterworth.ts'
import type { StripBlock } from '../charts/strip-layout.ts'
import { msOf } from './instants.ts'

export const FILTERS = ['none', 'highpass', 'lowpass', 'bandpass'] as const
export type FilterKind = (typeof FILTERS)[number]
export type Filter = { readonly kind: FilterKind; readonly low_hz: number; readonly high_hz: number }

const ORDER = 4
/** Two blocks belong together when the pause between them is under one and a half sample steps. */
const PAUSE_STEPS = 1.5
/** A run shorter than this is left out by a filter: it would be nothing but the filter's own edges. */
const LEAST_SAMPLES = 32

export type Run = {
  readonly t0_ms: number
  readonly step_ms: number
  /** SI, one per axis in the order asked for. */
  readonly axes: readonly Float64Array[]
}

/** Unbroken runs in order of time; a block that overlaps the one before is cut where it overlaps. */
export const runsOf = (blocks: readonly BlockJson[], axes: readonly string[]): Run[] =>
  joined(
    blocks.map((block) => ({
      t0_ms: msOf(block.t0_ns),
      step_ms: 1000 / block.sample_rate_hz,
      scale: block.scale,
      axes: axes.map((axis) => block.axes[axis] ?? []),
    })),
  )

/** The same of what a live strip holds. */
export const stripRuns = (blocks: readonly StripBlock[]): Run[] => joined(blocks)

type Part = {
  readonly t0_ms: number
  readonly step_ms: number
  readonly scale: number
  readonly axes: ReadonlyArray<ArrayLike<number>>
}

function joined(blocks: readonly Part[]): Run[] {
  const sorted = [...blocks].sort((a, b) => a.t0_ms - b.t0_ms)
  const runs: Array<{ t0_ms: number; step_ms: number; count: number; parts: number[][][] }> = []
  for (const { t0_ms, step_ms, scale, axes } of sorted) {
    const count = Math.max(0, ...axes.map((s) => s.length))
    const last = runs.at(-1)
    const end_ms = last === undefined ? Number.NEGATIVE_INFINITY : last.t0_ms + last.count * last.step_ms
    const skip = Math.max(0, Math.round((end_ms - t0_ms) / step_ms))
    if (skip >= count) continue
    const values = axes.map((s) => Array.from({ length: count - skip }, (_, i) => (s[i + skip] ?? Number.NaN) * scale))
    const joins = last !== undefined && last.step_ms === step_ms && t0_ms - end_ms < (PAUSE_STEPS - 1) * step_ms
    if (last !== undefined && joins) {
      last.parts.push(values)
      last.count += count - skip
    } else runs.push({ t0_ms: t0_ms + skip * step_ms, step_ms, count: count - skip, parts: [values] })
  }
  return runs.map(({ t0_ms, step_ms, parts }) => ({
    t0_ms,
    step_ms,
    axes: parts[0]!.map((_, k) => Float64Array.from(parts.flatMap((part) => part[k] ?? []))),
  }))
}

/** Why a filter cannot be used at a rate; null = it can. */
export function filterProblem({ kind, low_hz, high_hz }: Filter, sample_rate_hz: number): 'corner' | 'order' | null {
  const inside = (f: number) => f > 0 && f < sample_rate_hz / 2
  if (kind === 'none') return null
  if (kind === 'bandpass' && !(low_hz < high_hz)) return 'order'
  const corners = kind === 'highpass' ? [low_hz] : kind === 'lowpass' ? [high_hz] : [low_hz, high_hz]
  return corners.every(inside) ? null : 'corner'
}

/** Zero phase, order 4 each way: nothing moves in time, so that arrivals on several floors stay comparable. */
export function filtered(runs: readonly Run[], filter: Filter): Run[] {
  const { kind, low_hz, high_hz } = filter
  if (kind === 'none') return [...runs]
  return runs.flatMap((run) => {
    const sample_rate_hz = 1000 / run.step_ms
    if ((run.axes[0]?.length ?? 0) < LEAST_SAMPLES || filterProblem(filter, sample_rate_hz) !== null) return []
    const corner_hz = kind === 'bandpass' ? ([low_hz, high_hz] as const) : kind === 'highpass' ? low_hz : high_hz
    const sos = butterworth({ kind, order: ORDER, corner_hz, sample_rate_hz })
    return [
      {
        ...run,
        axes: run.axes.map((x) => (x.every(Number.isFinite) ? filterZeroPhase(sos, x) : x.map(() => Number.NaN))),
      },
    ]
  })
}

/** As the strip draws them: one unit is one count, so that the samples stay what they are; full scale only unfiltered. */
export const stripBlocks = (runs: readonly Run[], full_scale: number | null): StripBlock[] =>
  runs.map(({ t0_ms, step_ms, axes }, i) => ({
    t0_ms,
    step_ms,
    scale: 1,
    first_counter: i,
    full_steps: full_scale ?? Number.POSITIVE_INFINITY,
    axes,
  }))

/** The sample of each axis nearest to an instant; null where none lies within one step. */
export function valuesAt(runs: readonly Run[], axes: number, at_ms: number): Array<number | null> {
  for (const { t0_ms, step_ms, axes: samples } of runs) {
    const i = Math.round((at_ms - t0_ms) / step_ms)
    if (i < 0 || i >= (samples[0]?.length ?? 0)) continue
    return samples.map((s) => (Number.isFinite(s[i]!) ? s[i]! : null))
  }
  return Array.from({ length: axes }, () => null)
}

/** Rows of instant and axes in SI and UTC; what a filter made is said in the first line. */
export function recordCsv(device: string, axes: readonly string[], runs: readonly Run[], filter: Filter): string {
  const { kind, low_hz, high_hz } = filter
  const said = {
    none: 'unfiltered',
    highpass: `highpass ${low_hz} Hz`,
    lowpass: `lowpass ${high_hz} Hz`,
    bandpass: `bandpass ${low_hz} to ${high_hz} Hz`,
  }[kind]
  const about = `# ${device}, ${said}${kind === 'none' ? '' : ', Butterworth order 4, zero phase'}`
  const rows = runs.flatMap(({ t0_ms, step_ms, axes: samples }) =>
    Array.from({ length: samples[0]?.length ?? 0 }, (_, i) =>
      [
        microIso(t0_ms + i * step_ms),
        ...samples.map((s) => (Number.isFinite(s[i]!) ? Number(s[i]!.toPrecision(9)) : '')),
      ].join(','),
    ),
  )
  return `${[about, ['time_utc', ...axes.map((a) => `${a}_m_s2`)].join(','), ...rows].join('\r\n')}\r\n`
}

/** To the microsecond, as fine as the console's instants are. */
function microIso(t_ms: number): string {
  const whole_ms = Math.floor(t_ms)
  const micro = Math.floor((t_ms - whole_ms) * 1000 + 1e-6)
  return new Date(whole_ms).toISOString().replace('Z', `${String(micro).padStart(3, '0')}Z`)
}
