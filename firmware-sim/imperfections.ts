/**
 * What a real sensor makes of the truth: noise, offset, temperature drift, saturation, converter steps, a clock that is a
 * little wrong, a start during which it has no value. Everything is a function of seed and counter, never of the order of
 * calls, and uses only exact arithmetic, so that every machine gets the same bits. What is sensed is left to the devices.
 */
import { PlumblineError } from '../domain/errors.ts'
import { mixed } from './physics/hash-noise.ts'

export type Imperfections = {
  readonly seed: number
  /** What the sensor can show, in the unit of the truth; beyond it saturates. */
  readonly range?: { readonly low: number; readonly high: number }
  /** Converter steps over the range: 2^bits - 1 of them. Needs a range. */
  readonly bits?: number
  /** Standard deviation of white noise, in the unit of the truth. */
  readonly noise_rms?: number
  readonly offset?: number
  /** Offset per kelvin away from the reference temperature. */
  readonly offset_per_K?: number
  /** Relative change of sensitivity per kelvin away from the reference temperature. */
  readonly gain_per_K?: number
  /** Temperature at which offset and gain are as told [°C]; default 20. */
  readonly reference_c?: number
  /** How much faster the device's clock runs than true time [ppm]; negative = slower. */
  readonly clock_ppm?: number
  /** Standard deviation of a sample's instant around its place on the device's own grid [ns]. */
  readonly clock_jitter_ns?: number
  /** Device time after a boot during which there is no value [s]. */
  readonly startup_s?: number
}

/** Which sample of which channel (axis, point) is meant. */
export type SampleId = { readonly counter: number; readonly channel: number }

/** Salts keep noise and jitter of one sample apart. */
const NOISE = 0x6e6f_6973
const JITTER = 0x6a69_7474

/**
 * A standard normal deviate of a sample: the sum of 12 uniform ones less 6 (mean 0, variance 1, never beyond 6). Sums of
 * 16-bit fractions are exact, logarithm and sine are not the same on every machine.
 */
export function deviate(seed: number, salt: number, { counter, channel }: SampleId): number {
  const key = mixed(seed ^ salt ^ mixed(channel + 1) ^ mixed(Math.floor(counter / 2 ** 32) + 0x9e37_79b9))
  let sum = 0
  for (let i = 0; i < 6; i++) {
    const bits = mixed(mixed(key + Math.imul(i + 1, 0x9e37_79b1)) ^ mixed(counter >>> 0))
    sum += (bits & 0xffff) + (bits >>> 16) + 1
  }
  return sum / 65_536 - 6
}

/** Refuses a sensor that cannot be. @throws PlumblineError USAGE naming the field, what was expected and what came */
export function checkImperfections(of: Imperfections, path: string): Imperfections {
  const refuse = (field: string, expected: string, got: unknown): never => {
    throw new PlumblineError('USAGE', `${path}.${field}: expected ${expected}, got ${JSON.stringify(got) ?? got}`)
  }
  for (const [field, value] of Object.entries(of))
    if (typeof value === 'number' && !Number.isFinite(value)) refuse(field, 'a finite number', String(value))
  for (const field of ['noise_rms', 'clock_jitter_ns', 'startup_s'] as const)
    if ((of[field] ?? 0) < 0) refuse(field, 'a number not below 0', of[field])
  const { range, bits, clock_ppm = 0 } = of
  if (range !== undefined && !(range.low < range.high)) refuse('range', 'low below high', range)
  if (bits !== undefined && !(Number.isInteger(bits) && bits >= 1 && bits <= 32)) refuse('bits', '1 to 32', bits)
  if (bits !== undefined && range === undefined) refuse('range', 'a range, which bits divide', undefined)
  if (Math.abs(clock_ppm) > 10_000) refuse('clock_ppm', '-10000 to 10000', clock_ppm)
  return of
}

/** What the sensor gives for a truth, in its unit, at a temperature of its case [°C]. NaN stays NaN. */
export function sensed(of: Imperfections, truth: number, sample: SampleId, temperature_c?: number): number {
  const warmer_K = temperature_c === undefined ? 0 : temperature_c - (of.reference_c ?? 20)
  const noise = of.noise_rms ? of.noise_rms * deviate(of.seed, NOISE, sample) : 0
  const gain = 1 + (of.gain_per_K ?? 0) * warmer_K
  return converted(of, truth * gain + (of.offset ?? 0) + (of.offset_per_K ?? 0) * warmer_K + noise)
}

/** Held within the range and put on the nearest converter step. */
export function converted({ range, bits }: Imperfections, value: number): number {
  if (range === undefined || Number.isNaN(value)) return value
  const held = Math.min(range.high, Math.max(range.low, value))
  if (bits === undefined) return held
  const step = (range.high - range.low) / (2 ** bits - 1)
  return range.low + Math.round((held - range.low) / step) * step
}

/** Device seconds per real second of a clock with this drift: for `time_scale` of a device. */
export const driftedScale = (time_scale: number, of: Imperfections): number =>
  time_scale * (1 + (of.clock_ppm ?? 0) / 1e6)

/** How much later than its grid instant the sample is really taken [ns]; at most 6 standard deviations. */
export const jitter_ns = (of: Imperfections, counter: number): bigint =>
  of.clock_jitter_ns ? BigInt(Math.round(of.clock_jitter_ns * deviate(of.seed, JITTER, { counter, channel: 0 }))) : 0n

/** Whether the device is still starting at this device time. */
export const isStarting = (of: Imperfections, device_ns: bigint): boolean =>
  Number(device_ns) < (of.startup_s ?? 0) * 1e9
