/**
 * The two spectra beside the time histories: pseudo-acceleration at 5 % damping over the period, and Fourier amplitude over
 * the frequency, both with logarithmic axes and a line for each component.
 */
import { M_S2_PER_GAL } from '../../../domain/units.ts'
import { responseSpectrum } from '../../../measures/ground-motion/response-spectrum.ts'
import { fourierAmplitude } from '../../../measures/signal/spectrum.ts'
import { DAMPING, HIGHPASS_HZ } from '../conventions.ts'
import type { Trace } from '../ground-motion.ts'
import { logarithmic, logTicks, powerLabel } from './scale.ts'
import { colourOf, FAINT, group, line, path, px, RULE, rect, text } from './svg.ts'

export type Box = { readonly x: number; readonly y: number; readonly width: number; readonly height: number }
type Curve = {
  readonly x: readonly number[]
  readonly y: readonly number[]
  readonly name: string
  readonly colour: string
}
type Panel = { readonly title: string; readonly xTitle: string; readonly yTitle: string; readonly class: string }

const PERIOD_MAX_S = 10
const POINTS = 128
/** Decades below the largest value that are drawn. */
const DECADES = 4
/** Legend entries; a building has more components than a legend has room. */
const LEGEND_MAX = 7

const whole = (traces: readonly Trace[]) =>
  traces.flatMap((t, k) => (t.velocity_m_s === undefined ? [] : [{ ...t, colour: colourOf(k) }]))

export function responsePanel(traces: readonly Trace[], rate_hz: number, box: Box): string {
  // Below two samples a period is no oscillation that the record can drive.
  const least = Math.max(0.02, 2 / rate_hz)
  const periods_s = least < PERIOD_MAX_S ? logSpaced(least, PERIOD_MAX_S, POINTS) : []
  const curves = whole(traces).map(({ axis, acceleration_m_s2, colour }) => ({
    name: axis,
    colour,
    x: periods_s,
    y: responseSpectrum(acceleration_m_s2, 1 / rate_hz, periods_s, DAMPING).map((s) => s.psa_m_s2 / M_S2_PER_GAL),
  }))
  return panel(curves, box, {
    class: 'response-spectrum',
    title: `Response spectrum, ${DAMPING * 100} % damping`,
    xTitle: 'Period  [s]',
    yTitle: 'Pseudo-acceleration  [gal]',
  })
}

export function fourierPanel(traces: readonly Trace[], rate_hz: number, box: Box): string {
  const curves = whole(traces).map(({ axis, acceleration_m_s2, colour }) => {
    const { frequency_hz, amplitude } = fourierAmplitude(acceleration_m_s2, rate_hz)
    return { name: axis, colour, ...smoothed(frequency_hz, amplitude, rate_hz / 2) }
  })
  return panel(curves, box, {
    class: 'fourier-spectrum',
    title: 'Fourier spectrum of the acceleration',
    xTitle: 'Frequency  [Hz]',
    yTitle: 'Amplitude  [gal s]',
  })
}

const logSpaced = (from: number, to: number, count: number): number[] =>
  Array.from({ length: count }, (_, k) => from * (to / from) ** (k / (count - 1)))

/** Effective value of the bins in 1/20 decade: the energy stays, the noise of single bins does not. */
function smoothed(frequency_hz: Float64Array, amplitude: Float64Array, to_hz: number): { x: number[]; y: number[] } {
  const bands = new Map<number, { sum: number; count: number; f: number }>()
  frequency_hz.forEach((f, k) => {
    if (f < HIGHPASS_HZ || f > to_hz) return
    const key = Math.floor(Math.log10(f) * 20)
    const band = bands.get(key) ?? { sum: 0, count: 0, f: 0 }
    bands.set(key, { sum: band.sum + amplitude[k]! ** 2, count: band.count + 1, f: band.f + Math.log10(f) })
  })
  const list = [...bands.values()]
  return {
    x: list.map(({ f, count }) => 10 ** (f / count)),
    y: list.map(({ sum, count }) => Math.sqrt(sum / count) / M_S2_PER_GAL),
  }
}

function panel(curves: readonly Curve[], box: Box, words: Panel): string {
  const { x, y, width, height } = box
  const title = text(x, y - 12, words.title, { size: 13, weight: 600 })
  const xs = curves.flatMap((c) => c.x)
  const largest = Math.max(...curves.flatMap((c) => c.y), 0)
  if (xs.length < 2 || largest === 0) {
    const why = curves.length === 0 ? 'not computed: the record has gaps' : 'no motion'
    return group({ class: words.class }, [
      title,
      rect(x, y, width, height, { fill: 'none', stroke: RULE }),
      text(x + width / 2, y + height / 2, why, { fill: FAINT, anchor: 'middle' }),
    ])
  }
  const top = largest * 1.6
  const least = Math.max(Math.min(...curves.flatMap((c) => c.y.filter((v) => v > 0))) / 1.3, top / 10 ** DECADES)
  const [toX, toY] = [
    logarithmic(Math.min(...xs), Math.max(...xs), x, x + width),
    logarithmic(least, top, y + height, y),
  ]
  const drawn = (c: Curve) =>
    c.x.map((v, k) => `${k === 0 ? 'M' : 'L'}${px(toX(v))} ${px(toY(Math.max(c.y[k]!, least)))}`).join('')
  const xTicks = logTicks(Math.min(...xs), Math.max(...xs))
  const yTicks = logTicks(least, top)
  return group({ class: words.class }, [
    title,
    ...xTicks.map((t) => line(toX(t.value), y, toX(t.value), y + height, { 'stroke-opacity': t.major ? 1 : 0.4 })),
    ...yTicks.map((t) => line(x, toY(t.value), x + width, toY(t.value), { 'stroke-opacity': t.major ? 1 : 0.4 })),
    ...xTicks
      .filter((t) => t.major)
      .map((t) => text(toX(t.value), y + height + 17, powerLabel(t.value), { size: 11, anchor: 'middle' })),
    ...yTicks
      .filter((t) => t.major)
      .map((t) => text(x - 6, toY(t.value) + 4, powerLabel(t.value), { size: 11, anchor: 'end' })),
    rect(x, y, width, height, { fill: 'none', stroke: '#8b929b' }),
    ...curves.map((c) => path(drawn(c), { stroke: c.colour, 'stroke-width': 1.6, 'stroke-linejoin': 'round' })),
    ...legend(curves, box),
    text(x + width / 2, y + height + 36, words.xTitle, { anchor: 'middle' }),
    group({ transform: `rotate(-90 ${x - 46} ${y + height / 2})` }, [
      text(x - 46, y + height / 2, words.yTitle, { anchor: 'middle' }),
    ]),
  ])
}

function legend(curves: readonly Curve[], { x, y, height }: Box): string[] {
  const shown = curves.slice(0, LEGEND_MAX)
  const top = y + height - 10 - (shown.length - 1) * 16
  return shown.flatMap(({ name, colour }, k) => [
    line(x + 10, top + k * 16 - 4, x + 28, top + k * 16 - 4, { stroke: colour, 'stroke-width': 2.5 }),
    text(x + 34, top + k * 16, name.toUpperCase(), { size: 11, halo: true }),
  ])
}
