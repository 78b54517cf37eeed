/** Tests only: the El Centro record and the building of Chopra's examples in the book's units (kip, inch, second). */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Building } from './building.ts'

/** The book's g [in/s²]. */
export const G_IN_S2 = 386.4
export const EL_CENTRO_RATE_HZ = 50

/** Acceleration in units of g. */
export const elCentro_g = Float64Array.from(
  readFileSync(join(import.meta.dirname, 'elcentro-1940', 'elcentro_chopra.csv'), 'utf8')
    .trim()
    .split('\n')
    .slice(1),
  (line) => Number(line.split(',')[1]),
)

/** Chopra sec. 12.8 and 13.2.6: 100 kip, 31.54 kip/in and 12 ft a storey. The physics takes any consistent units. */
export const CHOPRA_MASS = 100 / G_IN_S2
export const CHOPRA_STIFFNESS = 31.54
export const CHOPRA_HEIGHT_IN = 144
export const chopraBuilding: Building = {
  storeys: Array.from({ length: 5 }, () => ({
    mass_kg: CHOPRA_MASS,
    stiffness_N_m: CHOPRA_STIFFNESS,
    height_m: CHOPRA_HEIGHT_IN,
  })),
  damping: { ratio: 0.05, modes: [1, 3] },
}
