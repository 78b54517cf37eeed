/** How one person wants to see the console: language, theme, clock and units. The data stay SI and UTC. */
import type { Language } from '../format.ts'
import { isLanguage } from '../i18n/index.ts'

export const THEMES = ['auto', 'light', 'dark', 'night'] as const
export const CLOCKS = ['site', 'local', 'utc'] as const
export const STAGE_UNITS = ['m', 'ft'] as const
export const ACCELERATION_UNITS = ['gal', '%g', 'm/s²'] as const

export type Theme = (typeof THEMES)[number]
export type ClockChoice = (typeof CLOCKS)[number]
export type Units = {
  readonly stage: (typeof STAGE_UNITS)[number]
  readonly acceleration: (typeof ACCELERATION_UNITS)[number]
}
export type Preferences = {
  readonly language: Language
  readonly theme: Theme
  readonly clock: ClockChoice
  readonly units: Units
}

export const SITE_UNITS: Units = { stage: 'm', acceleration: 'gal' }

/** What was kept, read with distrust: whatever is not one of ours is as if it had never been chosen. */
export function readPreferences(text: string | null, language: Language): Preferences {
  const kept = parse(text)
  const units = isRecord(kept.units) ? kept.units : {}
  return {
    language: typeof kept.language === 'string' && isLanguage(kept.language) ? kept.language : language,
    theme: oneOf(THEMES, kept.theme, 'auto'),
    clock: oneOf(CLOCKS, kept.clock, 'site'),
    units: {
      stage: oneOf(STAGE_UNITS, units.stage, SITE_UNITS.stage),
      acceleration: oneOf(ACCELERATION_UNITS, units.acceleration, SITE_UNITS.acceleration),
    },
  }
}

/** The zone that the clock stands for. */
export const zoneOf = (clock: ClockChoice, site_zone: string, local_zone: string): string =>
  clock === 'utc' ? 'UTC' : clock === 'local' ? local_zone : site_zone

type Loose = Readonly<Record<string, unknown>>
const isRecord = (value: unknown): value is Loose => typeof value === 'object' && value !== null

const oneOf = <T extends string>(all: readonly T[], value: unknown, otherwise: T): T =>
  all.find((one) => one === value) ?? otherwise

function parse(text: string | null): Loose {
  try {
    const value: unknown = JSON.parse(text ?? '{}')
    return isRecord(value) ? value : {}
  } catch {
    return {}
  }
}
