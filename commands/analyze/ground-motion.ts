/**
 * Ground motion of a waveform: which measure is asked of which component, and what three components together say. The
 * measures themselves are `measures/ground-motion/`; a value that cannot be had is null with its reason.
 */
import { toIso } from '../../domain/time.ts'
import { G_M_S2, M_S2_PER_GAL } from '../../domain/units.ts'
import { cwa2020 } from '../../measures/ground-motion/cwa.ts'
import { ariasIntensity_m_s, cav_m_s, significantDuration_s } from '../../measures/ground-motion/intensity-measures.ts'
import { jmaIntensity } from '../../measures/ground-motion/jma.ts'
import { toVelocityDisplacement } from '../../measures/ground-motion/motion.ts'
import { peakAbs, rms, vectorPeak } from '../../measures/ground-motion/peaks.ts'
import { responseSpectrum } from '../../measures/ground-motion/response-spectrum.ts'
import { classicStaLta, triggerOnset } from '../../measures/ground-motion/sta-lta.ts'
import { butterworth, filterCausal } from '../../measures/signal/butterworth.ts'
import { demean } from '../../measures/signal/integrate.ts'
import { dominantFrequency_hz } from '../../measures/signal/spectrum.ts'
import type { Component, Waveform } from '../../recordings/recording.ts'
import { DAMPING, groundMotionConventions, HIGHPASS_HZ, PERIODS_S } from './conventions.ts'
import type { AnalyzeOptions, TriggerOptions } from './options.ts'
import {
  type CombinedResult,
  type ComponentResult,
  type GroundMotionResult,
  Reasons,
  rounded,
  type Trigger,
} from './result.ts'

const CM_PER_M = 100
/** The causal filter of CWA's PGV needs this much quiet before the motion. */
const PRE_EVENT_S = 10

/** One component as it was computed with, for the plot. NaN where the record has a gap. */
export type Trace = {
  readonly axis: string
  readonly acceleration_m_s2: Float64Array
  /** Absent where the record is broken. */
  readonly velocity_m_s?: Float64Array
  readonly displacement_m?: Float64Array
  /** From 5 to 95 % of ∫ a² dt; absent where the record is broken or still. */
  readonly strong_s?: { readonly from_s: number; readonly to_s: number }
}

export type GroundMotionAnalysis = { readonly result: GroundMotionResult; readonly traces: readonly Trace[] }

export function analyzeWaveform(
  wave: Waveform,
  files: readonly string[],
  { trigger }: AnalyzeOptions,
): GroundMotionAnalysis {
  const components = componentsOf(wave)
  const measured = wave.axes.map(({ samples }, k) => measureComponent(samples, wave.sample_rate_hz, components[k]!))
  const combined = combine(wave, components, trigger)
  const vertical = components.filter((c) => c.vertical)
  const samples = wave.axes[0]!.samples.length
  return {
    result: {
      kind: 'ground-motion',
      files,
      name: wave.name,
      format: wave.format ?? 'unknown',
      source: wave.source,
      station: wave.station ?? null,
      start: wave.start_known === false ? null : toIso(wave.start),
      sample_rate_hz: rounded(wave.sample_rate_hz),
      samples,
      duration_s: rounded(samples / wave.sample_rate_hz),
      components: measured.map((m) => m.result),
      combined,
      conventions: groundMotionConventions(trigger, vertical.length === 1 ? vertical[0]!.axis : undefined),
      notes: [
        ...(wave.notes ?? []),
        ...measured.flatMap(({ result }) => gapNotes(result)),
        ...(combined.cwa_class === null ? [] : startNotes(measured.map((m) => m.trace))),
      ],
    },
    traces: measured.map((m) => m.trace),
  }
}

const componentsOf = (wave: Waveform): readonly Component[] =>
  wave.components ??
  wave.axes.map(({ axis }) => ({
    axis,
    label: axis,
    vertical: /^(ud|up|z|v)$/.test(axis),
    original: { unit: wave.unit, scale: 1 },
  }))

type Measured = { readonly result: ComponentResult; readonly trace: Trace }

function measureComponent(samples: Float64Array, rate_hz: number, about: Component): Measured {
  const { axis, label, vertical, published_peak_m_s2: published } = about
  const there = samples.filter((x) => !Number.isNaN(x))
  const missing = samples.length - there.length
  const reasons = new Reasons()
  const level = demean(there)
  const acceleration_m_s2 = missing === 0 ? level : spread(samples, level)
  const peak = peakAbs(level)
  const whole = missing === 0 ? measureWhole(level, rate_hz, reasons) : broken(missing, reasons)
  const { motion, ...numbers } = whole
  return {
    result: {
      axis,
      label,
      vertical,
      missing,
      pga_gal: rounded(peak.value / M_S2_PER_GAL),
      pga_time_s: rounded(placeOf(samples, peak.index) / rate_hz),
      ...(published !== undefined && { published_pga_gal: rounded(Math.abs(published) / M_S2_PER_GAL) }),
      rms_gal: rounded(rms(level) / M_S2_PER_GAL),
      ...numbers,
      ...reasons.found,
    },
    trace: { axis, acceleration_m_s2, ...motion },
  }
}

/** Samples with their values replaced, gaps kept. */
function spread(samples: Float64Array, values: Float64Array): Float64Array {
  let next = 0
  return samples.map((x) => (Number.isNaN(x) ? x : values[next++]!))
}

/** Index in the record of the k-th sample that is there. */
function placeOf(samples: Float64Array, k: number): number {
  let left = k
  return samples.findIndex((x) => !Number.isNaN(x) && left-- === 0)
}

type NeedsAll = Pick<
  ComponentResult,
  'pgv_cm_s' | 'pgd_cm' | 'arias_m_s' | 'cav_g_s' | 'd5_95_s' | 'dominant_frequency_hz' | 'sa_5pct_gal'
>
type Whole = NeedsAll & {
  readonly motion: Pick<Trace, 'velocity_m_s' | 'displacement_m' | 'strong_s'>
}

function broken(missing: number, reasons: Reasons): Whole {
  const nothing = {
    pgv_cm_s: null,
    pgd_cm: null,
    arias_m_s: null,
    cav_g_s: null,
    d5_95_s: null,
    dominant_frequency_hz: null,
    sa_5pct_gal: null,
  } satisfies NeedsAll
  reasons.refuse(Object.keys(nothing), `needs an unbroken record; ${missing} samples are missing`)
  return { ...nothing, motion: {} }
}

function measureWhole(a: Float64Array, rate_hz: number, reasons: Reasons): Whole {
  const dt_s = 1 / rate_hz
  const motion = reasons.attempt(['pgv_cm_s', 'pgd_cm'], () =>
    toVelocityDisplacement(a, rate_hz, { highpass_hz: HIGHPASS_HZ, order: 4, zeroPhase: true }),
  )
  const significant = significantDuration_s(a, dt_s, 0.05, 0.95)
  const dominant = dominantFrequency_hz(a, rate_hz, { from_hz: HIGHPASS_HZ, to_hz: rate_hz / 2 })
  if (dominant === undefined) reasons.refuse(['dominant_frequency_hz'], `no motion at or above ${HIGHPASS_HZ} Hz`)
  const spectrum = responseSpectrum(a, dt_s, PERIODS_S.map(Number), DAMPING)
  return {
    pgv_cm_s: motion && rounded(peakAbs(motion.velocity_m_s).value * CM_PER_M),
    pgd_cm: motion && rounded(peakAbs(motion.displacement_m).value * CM_PER_M),
    arias_m_s: rounded(ariasIntensity_m_s(a, dt_s)),
    cav_g_s: rounded(cav_m_s(a, dt_s) / G_M_S2),
    d5_95_s: rounded(significant.duration_s),
    dominant_frequency_hz: dominant === undefined ? null : rounded(dominant),
    sa_5pct_gal: Object.fromEntries(PERIODS_S.map((T, k) => [T, rounded(spectrum[k]!.psa_m_s2 / M_S2_PER_GAL)])),
    motion: {
      ...(motion && { velocity_m_s: motion.velocity_m_s, displacement_m: motion.displacement_m }),
      ...(significant.duration_s > 0 && { strong_s: significant }),
    },
  }
}

const gapNotes = ({ axis, missing }: ComponentResult): string[] =>
  missing === 0 ? [] : [`${axis}: ${missing} samples are missing; PGA and RMS are of those that are there`]

function startNotes(traces: readonly Trace[]): string[] {
  const first = Math.min(...traces.map((t) => t.strong_s?.from_s ?? Number.POSITIVE_INFINITY))
  return first < PRE_EVENT_S
    ? [
        `the motion begins ${first.toFixed(1)} s after the record; less than ${PRE_EVENT_S} s of quiet before it can raise the CWA PGV`,
      ]
    : []
}

function combine(wave: Waveform, components: readonly Component[], trigger: TriggerOptions): CombinedResult {
  const reasons = new Reasons()
  const axes = wave.axes.map(({ samples }) => samples)
  const unfit = notOneSensor(components) ?? missingIn(axes)
  /** Either every one of `keys` has a value or all share a reason. */
  const three = <T>(keys: readonly string[], compute: () => T): T | null =>
    unfit === undefined ? reasons.attempt(keys, compute) : reasons.refuse(keys, unfit)
  const vector = three(['pga_vector_gal', 'pga_vector_time_s'], () => vectorPeak(axes.map(demean)))
  const jma = three(['jma_a_gal', 'jma_intensity', 'jma_class'], () => jmaIntensity(axes, wave.sample_rate_hz))
  const cwa = three(['cwa_class', 'cwa_pga_gal', 'cwa_pgv_cm_s'], () => cwa2020(axes, wave.sample_rate_hz))
  return {
    pga_vector_gal: vector && rounded(vector.value / M_S2_PER_GAL),
    pga_vector_time_s: vector && rounded(vector.index / wave.sample_rate_hz),
    jma_a_gal: jma && rounded(jma.a_gal),
    jma_intensity: jma?.intensity ?? null,
    jma_class: jma?.class ?? null,
    cwa_class: cwa?.class ?? null,
    cwa_pga_gal: cwa && rounded(cwa.pga_gal),
    cwa_pgv_cm_s: cwa && rounded(cwa.pgv_cm_s),
    triggers: triggersOf(wave, components, trigger, reasons),
    ...reasons.found,
  }
}

/** Why these components are not the three of one sensor; two vertical ones are two sensors. */
function notOneSensor(components: readonly Component[]): string | undefined {
  if (components.length !== 3) return `needs three components of one sensor; the record has ${components.length}`
  const vertical = components.filter((c) => c.vertical).length
  return vertical > 1 ? `needs three components of one sensor; ${vertical} of these are vertical` : undefined
}

function missingIn(axes: readonly Float64Array[]): string | undefined {
  const missing = axes.reduce((sum, axis) => sum + axis.filter(Number.isNaN).length, 0)
  return missing === 0 ? undefined : `needs an unbroken record; ${missing} samples are missing`
}

function triggersOf(
  wave: Waveform,
  components: readonly Component[],
  { sta_s, lta_s, on, off, filter_hz }: TriggerOptions,
  reasons: Reasons,
): Trigger[] | null {
  const vertical = components.flatMap((c, k) => (c.vertical ? [wave.axes[k]!.samples] : []))
  if (vertical.length !== 1)
    return reasons.refuse(['triggers'], `needs one vertical component; the record has ${vertical.length || 'none'}`)
  const samples = vertical[0]!
  const rate_hz = wave.sample_rate_hz
  const [nsta, nlta] = [Math.round(sta_s * rate_hz), Math.round(lta_s * rate_hz)]
  const unfit =
    missingIn([samples]) ??
    (samples.length < nlta ? `needs a record as long as the LTA window of ${lta_s} s` : undefined)
  if (unfit !== undefined) return reasons.refuse(['triggers'], unfit)
  return reasons.attempt(['triggers'], () => {
    const level = demean(samples)
    const x =
      filter_hz === undefined
        ? level
        : filterCausal(
            butterworth({ kind: 'bandpass', order: 4, corner_hz: filter_hz, sample_rate_hz: rate_hz }),
            level,
          )
    return triggerOnset(classicStaLta(x, nsta, nlta), on, off).map(([first, last]) => ({
      on_s: rounded(first / rate_hz),
      off_s: rounded(last / rate_hz),
    }))
  })
}
