/**
 * Quantities and units. Inside the system every number is SI; gal, feet and the like exist only where people or files
 * meet it. One table says for each quantity its SI unit and the other units that a site file may use.
 */

/** Standard gravity, exact (3rd CGPM 1901). */
export const G_M_S2 = 9.80665
/** International foot, exact (1959). */
export const M_PER_FT = 0.3048
/** 1 gal = 1 cm/s², exact. */
export const M_S2_PER_GAL = 0.01

/** 1 psi = 1 lbf/in², exact by the pound (0.45359237 kg), standard gravity and the inch (0.0254 m). */
export const PA_PER_PSI = (0.45359237 * G_M_S2) / (0.0254 * 0.0254)

export type Quantity =
  | 'stage'
  | 'acceleration'
  | 'rate_of_rise'
  | 'velocity'
  | 'frequency'
  | 'tilt'
  | 'temperature'
  | 'pressure'
  | 'voltage'
  | 'ratio'

/**
 * SI unit by quantity, as it stands in births, series and the API. A unit tells its quantity, and m/s is a rate of rise, shown
 * per hour: the velocity of a floor is written in the other notation of the SI brochure, m·s⁻¹.
 */
export const SI_UNIT = {
  stage: 'm',
  acceleration: 'm/s²',
  rate_of_rise: 'm/s',
  velocity: 'm·s⁻¹',
  frequency: 'Hz',
  tilt: 'rad',
  temperature: 'K',
  pressure: 'Pa',
  voltage: 'V',
  ratio: '1',
} as const satisfies Record<Quantity, string>

export type SiUnit = (typeof SI_UNIT)[Quantity]

type Conversion = { quantity: Quantity; factor: number; offset?: number }

/** Units accepted at the border: SI value = factor x value + offset. */
export const UNITS: Readonly<Record<string, Conversion>> = {
  m: { quantity: 'stage', factor: 1 },
  cm: { quantity: 'stage', factor: 0.01 },
  mm: { quantity: 'stage', factor: 0.001 },
  ft: { quantity: 'stage', factor: M_PER_FT },
  in: { quantity: 'stage', factor: 0.0254 },
  'm/s²': { quantity: 'acceleration', factor: 1 },
  'm/s2': { quantity: 'acceleration', factor: 1 },
  gal: { quantity: 'acceleration', factor: M_S2_PER_GAL },
  g: { quantity: 'acceleration', factor: G_M_S2 },
  'm/s': { quantity: 'rate_of_rise', factor: 1 },
  'm/h': { quantity: 'rate_of_rise', factor: 1 / 3600 },
  'm·s⁻¹': { quantity: 'velocity', factor: 1 },
  'cm/s': { quantity: 'velocity', factor: 0.01 },
  'mm/s': { quantity: 'velocity', factor: 0.001 },
  Hz: { quantity: 'frequency', factor: 1 },
  rad: { quantity: 'tilt', factor: 1 },
  deg: { quantity: 'tilt', factor: Math.PI / 180 },
  K: { quantity: 'temperature', factor: 1 },
  degC: { quantity: 'temperature', factor: 1, offset: 273.15 },
  Pa: { quantity: 'pressure', factor: 1 },
  hPa: { quantity: 'pressure', factor: 100 },
  mbar: { quantity: 'pressure', factor: 100 },
  kPa: { quantity: 'pressure', factor: 1000 },
  bar: { quantity: 'pressure', factor: 100_000 },
  psi: { quantity: 'pressure', factor: PA_PER_PSI },
  V: { quantity: 'voltage', factor: 1 },
  '1': { quantity: 'ratio', factor: 1 },
}

/** Value in the SI unit of its quantity, or `undefined` for an unknown unit. */
export function toSi(value: number, unit: string): number | undefined {
  const u = UNITS[unit]
  return u === undefined ? undefined : u.factor * value + (u.offset ?? 0)
}

/** A difference (deadband, step) in SI: the factor applies, the offset does not. */
export function differenceToSi(value: number, unit: string): number | undefined {
  const u = UNITS[unit]
  return u === undefined ? undefined : u.factor * value
}

export const quantityOf = (unit: string): Quantity | undefined => UNITS[unit]?.quantity

/** How people read each quantity on a screen; the data stay SI. */
export const SCREEN_UNIT: Readonly<Record<Quantity, { unit: string; digits: number }>> = {
  stage: { unit: 'm', digits: 2 },
  acceleration: { unit: 'gal', digits: 1 },
  rate_of_rise: { unit: 'm/h', digits: 2 },
  velocity: { unit: 'cm/s', digits: 2 },
  frequency: { unit: 'Hz', digits: 3 },
  tilt: { unit: 'deg', digits: 3 },
  temperature: { unit: 'degC', digits: 1 },
  pressure: { unit: 'hPa', digits: 1 },
  voltage: { unit: 'V', digits: 2 },
  ratio: { unit: '1', digits: 3 },
}

/** SI value converted to any border unit of the same quantity. */
export function fromSi(value: number, unit: string): number | undefined {
  const u = UNITS[unit]
  return u === undefined ? undefined : (value - (u.offset ?? 0)) / u.factor
}
