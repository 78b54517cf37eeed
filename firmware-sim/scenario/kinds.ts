/** What a scenario calls devices: by what they measure. Which devices of a site those are is `targets.ts`. */
import { type Model, sampledOf } from '../../domain/model.ts'
import { type Quantity, quantityOf } from '../../domain/units.ts'

/** A kind of device by the quantity that it measures; a device of several quantities is of several kinds. */
export const KIND_QUANTITY = {
  gauge: 'stage',
  accelerometer: 'acceleration',
  tilt: 'tilt',
  temperature: 'temperature',
  pressure: 'pressure',
  voltage: 'voltage',
  ratio: 'ratio',
} as const satisfies Record<string, Quantity>
export type Kind = keyof typeof KIND_QUANTITY
export const KINDS = Object.keys(KIND_QUANTITY) as readonly Kind[]

/** How far a reading is off, by the quantity that is: every key wears its SI unit. */
export const SIZE_QUANTITY = {
  stage_m: 'stage',
  acceleration_m_s2: 'acceleration',
  tilt_rad: 'tilt',
  temperature_K: 'temperature',
  pressure_Pa: 'pressure',
  voltage_V: 'voltage',
  ratio: 'ratio',
} as const satisfies Record<string, Quantity>
export type Size = { readonly [K in keyof typeof SIZE_QUANTITY]?: number | undefined }
export const SIZES = Object.keys(SIZE_QUANTITY) as ReadonlyArray<keyof Size>

/** 0 for a quantity that the size says nothing of. */
export const sizeOf = (size: Size, quantity: Quantity): number =>
  SIZES.reduce((sum, key) => sum + (SIZE_QUANTITY[key] === quantity ? (size[key] ?? 0) : 0), 0)

/** Points that measure: no switches, nothing that a master writes, no motion that wants samples. */
export const measuringPoints = ({ points = [] }: Pick<Model, 'points'>) =>
  points.filter(({ type, writable, unit }) => {
    const quantity = quantityOf(unit)
    return (
      type !== 'bit' &&
      type !== 'bits' &&
      writable !== true &&
      Object.values<unknown>(KIND_QUANTITY).includes(quantity) &&
      quantity !== 'acceleration'
    )
  })

/** A device with samples plays motion alone; whatever stands beside its samples holds steady. */
export function kindsOf(model: Model): Kind[] {
  const sampled = sampledOf(model)
  if (sampled !== undefined) return quantityOf(sampled.unit) === 'acceleration' ? ['accelerometer'] : []
  const measured = new Set(measuringPoints(model).map((point) => quantityOf(point.unit)))
  return KINDS.filter((kind) => measured.has(KIND_QUANTITY[kind]))
}
