/**
 * What a point shows that no recording drives: a plausible value that stays where it is, so that a whole register map can be
 * served and read. Which points a recording drives is the device's to say.
 */
import type { ScalarPoint } from '../domain/model.ts'
import { fromSi, type Quantity, quantityOf, toSi } from '../domain/units.ts'
import { deviate } from './imperfections.ts'
import { rawOf, rawWords } from './words.ts'

/** An ordinary day, in SI: a metre of water, 15 °C, a 12 V battery that is charged, standard air pressure; nothing tilts, moves or is counted. */
const ORDINARY: Readonly<Record<Quantity, number>> = {
  stage: 1,
  acceleration: 0,
  rate_of_rise: 0,
  velocity: 0,
  frequency: 1,
  tilt: 0,
  temperature: 288.15,
  voltage: 12.6,
  ratio: 0,
  pressure: 101_325,
}

/** SI: the ordinary value where the point's range holds it and it is no code for "no value", else the middle of the range. */
export function steadyValue(point: ScalarPoint): number {
  const { low, high } = point.range
  const ordinary = fromSi(ORDINARY[quantityOf(point.unit)!], point.unit)!
  const candidates = [ordinary, (low + high) / 2, low + (high - low) / 3]
  const fits = candidates.find((value) => value >= low && value <= high && !isCode(point, value))
  return toSi(fits ?? (low + high) / 2, point.unit)!
}

function isCode(point: ScalarPoint, value: number): boolean {
  const raw = rawOf(point, rawWords(point, (value - (point.offset ?? 0)) / (point.scale ?? 1)))
  return point.invalid_codes?.some((code) => code === raw) ?? false
}

const UNREST = 0x756e_7265

/** How far a sensor that is not perfect wanders around its steady value: one standard deviation, as a share of its range. */
const UNREST_OF_RANGE = 1e-4

/** The steady value as a sensor with imperfections shows it in a second of its own time: never quite still [SI]. */
export function restlessValue(point: ScalarPoint, seed: number, sample: { counter: number; channel: number }): number {
  const { low, high } = point.range
  if (point.type === 'bit' || point.type === 'bits') return steadyValue(point)
  const steady = fromSi(steadyValue(point), point.unit)!
  const wandered = steady + (high - low) * UNREST_OF_RANGE * deviate(seed, UNREST, sample)
  return toSi(Math.min(high, Math.max(low, wandered)), point.unit)!
}
