/**
 * What a structure did in an event, from the waveforms of its floors. Pure; the conventions stand in `METHOD`, which goes out
 * with every answer, because a figure without its filter is none.
 */
import type { EventFloorJson } from '../domain/api-desk.ts'
import { cwa2020 } from '../measures/ground-motion/cwa.ts'
import { toVelocityDisplacement } from '../measures/ground-motion/motion.ts'
import { rms, vectorPeak } from '../measures/ground-motion/peaks.ts'
import { dominantFrequency_hz, welch } from '../measures/signal/spectrum.ts'
import { driftRatio, peakVectorDrift } from '../measures/structure/drift-ratio.ts'
import { pickPeak } from '../measures/structure/modal.ts'
import { tiltFromGravity } from '../measures/structure/tilt.ts'
import type { FloorRecord } from './floor-record.ts'

/** Waveforms from so long before the onset to so long after the end [s]. */
export const AROUND_S = 70
/** An event longer than this is measured in its first part [s]. */
export const MEASURED_MAX_S = 180
/** Of the shaking. Less is not measured at all; drift needs more, of all the record, because every hole is a step of velocity. */
const COMPLETE_MIN = 0.5
const DRIFT_COMPLETE_MIN = 0.98
/** Modes of buildings lie here [Hz]. */
const BAND = { from_hz: 0.1, to_hz: 15 }
/** Ten periods of a very tall building; the window of the densities before and after. */
const SEGMENT_S = 20
const QUIET_S = 60
const SILENT_M_S2 = 1e-9

export const METHOD =
  'PGA: largest vector of the axes, each less its mean, unfiltered. PGV and intensity-equivalent: CWA 2020, causal Butterworth low-pass of order 4 at 10 Hz, ' +
  'trapezoid, causal high-pass of order 4 at 0.075 Hz, largest vector; floor shaking, not ground intensity. Drift: displacement by a zero-phase high-pass of order 4 at 0.1 Hz before each ' +
  'integration, difference of two instrumented floors over the height between them, largest resultant of x and y; a lasting drift cannot be told from it. Tilt: gravity on the axes, mean of the last ' +
  '10 s less that of the first 10 s, where the sensor feels gravity; residual drift is its tangent. Frequency: largest Fourier amplitude of the shaking at the highest floor between ' +
  '0.1 and 15 Hz; before and after, the peak of the Welch density (20 s, Hann) where it stands 10 dB out.'

export type Floor = {
  readonly id: string
  readonly height_m: number
  readonly device: string | null
  readonly record?: FloorRecord | undefined
}

const nothing = {
  pga_m_s2: null,
  pgv_m_s: null,
  intensity: null,
  drift_ratio: null,
  residual_drift_ratio: null,
  tilt_rad: null,
}

/** One floor; `below`: the next instrumented floor below it. */
export function floorMeasures(floor: Floor, below: Floor | undefined): EventFloorJson {
  const parts = floorParts(floor, below)
  for (;;) {
    const part = parts.next()
    if (part.done) return part.value
  }
}

/** The same in parts of some milliseconds each: whoever has alarms to tell does so between them. */
export function* floorParts(floor: Floor, below: Floor | undefined): Generator<undefined, EventFloorJson> {
  const { id, height_m, device, record } = floor
  const about = { floor: id, height_m, device, complete: record?.complete ?? 0 }
  if (record === undefined || record.core_complete < COMPLETE_MIN) return { ...about, ...nothing }
  const axes = [...record.axes.values()]
  const cwa = axes.length === 3 && record.sample_rate_hz > 20 ? cwa2020(axes, record.sample_rate_hz) : undefined
  yield
  const tilt = tiltOf(record)
  const drift_ratio = yield* driftOf(floor, below)
  return {
    ...about,
    pga_m_s2: vectorPeak(axes).value,
    pgv_m_s: cwa === undefined ? null : cwa.pgv_cm_s / 100,
    intensity: cwa?.class ?? null,
    drift_ratio,
    residual_drift_ratio: tilt === null ? null : Math.tan(tilt),
    tilt_rad: tilt,
  }
}

const HORIZONTAL = ['x', 'y'] as const

function* driftOf(floor: Floor, below: Floor | undefined): Generator<undefined, number | null> {
  const [upper, lower] = [floor.record, below?.record]
  const height_m = floor.height_m - (below?.height_m ?? 0)
  if (upper === undefined || lower === undefined || !(height_m > 0)) return null
  if (upper.sample_rate_hz !== lower.sample_rate_hz) return null
  if (Math.min(upper.complete, lower.complete) < DRIFT_COMPLETE_MIN) return null
  const ratios = []
  for (const axis of HORIZONTAL) {
    const [a, b] = [upper.axes.get(axis), lower.axes.get(axis)]
    if (a === undefined || b === undefined || a.length !== b.length) return null
    const u = toVelocityDisplacement(a, upper.sample_rate_hz).displacement_m
    yield
    const v = toVelocityDisplacement(b, upper.sample_rate_hz).displacement_m
    ratios.push(driftRatio(u, v, height_m))
    yield
  }
  const [x, y] = ratios
  return peakVectorDrift(x!, y!).ratio
}

/** Change of tilt over the record: only of a sensor that feels gravity. */
function tiltOf({ axes, means, sample_rate_hz, complete }: FloorRecord): number | null {
  const n = Math.round(10 * sample_rate_hz)
  const names = ['x', 'y', 'z']
  if (complete < DRIFT_COMPLETE_MIN || names.some((axis) => (axes.get(axis)?.length ?? 0) < 3 * n)) return null
  const at = (from: number) =>
    tiltFromGravity(
      ...(names.map((axis) => {
        const part = axes.get(axis)!.slice(from, from + n)
        return means.get(axis)! + part.reduce((sum, value) => sum + value, 0) / n
      }) as [number, number, number]),
    )
  const [before, after] = [at(0), at(axes.get('x')!.length - n)]
  if (before === undefined || after === undefined) return null
  return Math.hypot(after.x_rad - before.x_rad, after.y_rad - before.y_rad)
}

export type Frequencies = { before: number | null; during: number | null; after: number | null }

/** Of the highest floor that has a record: its horizontal axis that moved most. `from`, `to`: the shaking, in samples. */
export function frequencies(record: FloorRecord | undefined, from: number, to: number): Frequencies {
  const none = { before: null, during: null, after: null }
  if (record === undefined || record.core_complete < COMPLETE_MIN) return none
  const { sample_rate_hz } = record
  const energy = (x: Float64Array) => x.reduce((sum, value) => sum + value * value, 0)
  const [axis] = HORIZONTAL.map((name) => record.axes.get(name))
    .filter((x) => x !== undefined)
    .sort((a, b) => energy(b) - energy(a))
  if (axis === undefined) return none
  const quiet = Math.round(QUIET_S * sample_rate_hz)
  const band = { ...BAND, to_hz: Math.min(BAND.to_hz, sample_rate_hz / 2.5) }
  const shaking = axis.slice(Math.max(0, from), to)
  return {
    before: ambient(axis.slice(Math.max(0, from - quiet), Math.max(0, from)), sample_rate_hz, band),
    during: shaking.length < sample_rate_hz ? null : (dominantFrequency_hz(shaking, sample_rate_hz, band) ?? null),
    after: ambient(axis.slice(to, to + quiet), sample_rate_hz, band),
  }
}

function ambient(x: Float64Array, sample_rate_hz: number, band: typeof BAND): number | null {
  const nperseg = Math.round(SEGMENT_S * sample_rate_hz)
  // Less than any sensor's noise: what rounding leaves of nothing has no frequency.
  if (x.length < 2 * nperseg || rms(x) < SILENT_M_S2) return null
  const peak = pickPeak(welch(x, sample_rate_hz, { nperseg }), band)
  return 'reason' in peak ? null : peak.frequency_hz
}
