/**
 * Numbers, instants and ages as people read them, through `Intl`: SI in, screen units and the site's time zone out, the
 * offset always printed. Words around them are `i18n/`'s; nothing here reads a clock.
 */
import { amountOf, RULE_WORDS, spanText } from '../../domain/limit-words.ts'
import { fromSi, G_M_S2, M_PER_FT, M_S2_PER_GAL, type Quantity, SCREEN_UNIT } from '../../domain/units.ts'
import { SITE_UNITS, type Units } from './state/preferences.ts'

export type Language = 'en' | 'zh-TW'

export type Format = {
  readonly language: Language
  readonly time_zone: string
  number(value: number, digits: number): string
  /** SI value in its screen unit, e.g. `1.52 m`, `212.0 gal`. */
  quantity(value_si: number, quantity: Quantity): string
  /** The number alone in its screen unit, for axes and tables whose heads say the unit. */
  onScreen(value_si: number, quantity: Quantity): number
  /** The name of the screen unit, e.g. `m`, `%g`, `ft/h`. */
  unitName(quantity: Quantity): string
  /** By the SI unit and kind an alarm carries (default: a value); a unit that is none of ours is shown as it came. */
  inUnit(value_si: number, unit: string, kind?: string): string
  /** `14:05:12` in the site's zone. */
  clock(at_ms: number): string
  /** `14:05` in the site's zone. */
  shortClock(at_ms: number): string
  /** `14:05:12 +08:00`, with the date in front when it is not the day of `now_ms`. */
  instant(at_ms: number, now_ms: number): string
  /** `2 Mar, 14:05` in the zone shown. */
  dayClock(at_ms: number): string
  /** `2026-03-02` in the zone shown. */
  day(at_ms: number): string
  /** What a date field of the browser shows for an instant, in the zone shown: `2026-03-02T14:05`. */
  toField(at_ms: number): string
  /** The instant that such a field means in the zone shown; null where it is empty or unreadable. */
  fromField(text: string): number | null
  /** `+08:00`, the zone's offset at that instant. */
  offset(at_ms: number): string
  /** `12 s`, `3 min 05 s`, `2 h 10 min`, `3 d 4 h`. */
  duration(ms: number): string
  /** A guessed stretch of time, no finer than it is known: `7 min`, `50 min`, `3 h`. */
  about(ms: number): string
  /** A round stretch of time: `4 min`, `12 h`; otherwise as `duration`. */
  span(ms: number): string
}

const SCREEN_NAME: Readonly<Record<string, string>> = { degC: '°C', deg: '°', '1': '' }

const DURATION_WORDS: Readonly<Record<Language, Record<'s' | 'min' | 'h' | 'd', string>>> = {
  en: { s: 's', min: 'min', h: 'h', d: 'd' },
  'zh-TW': { s: '秒', min: '分', h: '小時', d: '天' },
}

/** Screen units that a person may choose in place of those of `domain/units.ts`: name, factor and digits. */
type Swap = { readonly name: string; readonly factor: number; readonly digits: number }
function swaps({ stage, acceleration }: Units): Readonly<Record<string, Swap>> {
  const G_PER_GAL = M_S2_PER_GAL / G_M_S2
  return {
    ...(stage === 'ft' && {
      m: { name: 'ft', factor: 1 / M_PER_FT, digits: 2 },
      'm/h': { name: 'ft/h', factor: 1 / M_PER_FT, digits: 2 },
    }),
    ...(acceleration === '%g' && { gal: { name: '%g', factor: 100 * G_PER_GAL, digits: 2 } }),
    ...(acceleration === 'm/s²' && { gal: { name: 'm/s²', factor: M_S2_PER_GAL, digits: 3 } }),
  }
}

export function createFormat(language: Language, wanted_zone: string, units: Units = SITE_UNITS): Format {
  const swapped = swaps(units)
  const time_zone = isTimeZone(wanted_zone) ? wanted_zone : 'UTC'
  const number = memoize((digits: number) => {
    const format = new Intl.NumberFormat(language, { minimumFractionDigits: digits, maximumFractionDigits: digits })
    return (value: number) => {
      const text = format.format(value)
      // A true minus sign is as wide as a digit; and what rounds to zero has no sign.
      return text.startsWith('-')
        ? Number(text.replaceAll(/[^\d.]/g, '')) === 0
          ? text.slice(1)
          : `−${text.slice(1)}`
        : text
    }
  })
  const parts = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(language, { timeZone: time_zone, hourCycle: 'h23', ...options })
  const clock = parts({ hour: '2-digit', minute: '2-digit', second: '2-digit' })
  const shortClock = parts({ hour: '2-digit', minute: '2-digit' })
  const day = new Intl.DateTimeFormat('sv-SE', { timeZone: time_zone, dateStyle: 'short' })
  const zone = new Intl.DateTimeFormat('en-US', { timeZone: time_zone, timeZoneName: 'longOffset' })

  const dayClock = parts({ day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' })
  const fieldClock = new Intl.DateTimeFormat('sv-SE', { timeZone: time_zone, hour: '2-digit', minute: '2-digit' })
  const nameOf = (unit: string) => swapped[unit]?.name ?? SCREEN_NAME[unit] ?? unit.replace('degC', '°C')
  const inScreenUnit = (value: number, unit: string, wanted_digits: number) => {
    const { factor, digits } = swapped[unit] ?? { factor: 1, digits: wanted_digits }
    const name = nameOf(unit)
    return `${number(digits)(value * factor)}${name === '' || name === '°' ? name : ` ${name}`}`
  }
  const quantity = (value_si: number, q: Quantity) => {
    const { unit, digits } = SCREEN_UNIT[q]
    return inScreenUnit(fromSi(value_si, unit) ?? value_si, unit, digits)
  }
  const offset = (at_ms: number) => {
    const name = zone.formatToParts(at_ms).find((p) => p.type === 'timeZoneName')?.value ?? 'GMT'
    return name === 'GMT' ? '+00:00' : name.slice('GMT'.length)
  }
  const spell = DURATION_WORDS[language]
  const two = (n: number) => String(n).padStart(2, '0')
  const duration = (ms: number) => {
    const s = Math.max(0, Math.floor(ms / 1000))
    if (s < 60) return `${s} ${spell.s}`
    if (s < 3600) return `${Math.floor(s / 60)} ${spell.min} ${two(s % 60)} ${spell.s}`
    if (s < 86_400) return `${Math.floor(s / 3600)} ${spell.h} ${two(Math.floor((s % 3600) / 60))} ${spell.min}`
    return `${Math.floor(s / 86_400)} ${spell.d} ${Math.floor((s % 86_400) / 3600)} ${spell.h}`
  }

  return {
    language,
    time_zone,
    number: (value, digits) => number(digits)(value),
    quantity,
    onScreen: (value_si, q) => {
      const { unit } = SCREEN_UNIT[q]
      return (fromSi(value_si, unit) ?? value_si) * (swapped[unit]?.factor ?? 1)
    },
    unitName: (q) => nameOf(SCREEN_UNIT[q].unit),
    inUnit: (value_si, unit, kind = 'above') => {
      const amount = amountOf(value_si, unit, kind)
      if (amount !== undefined) return inScreenUnit(amount.value, amount.unit, amount.digits)
      return unit === 's' ? spanText(value_si, RULE_WORDS[language].span) : `${number(3)(value_si)} ${unit}`
    },
    clock: (at_ms) => clock.format(at_ms),
    shortClock: (at_ms) => shortClock.format(at_ms),
    dayClock: (at_ms) => dayClock.format(at_ms),
    day: (at_ms) => day.format(at_ms),
    toField: (at_ms) => `${day.format(at_ms)}T${fieldClock.format(at_ms)}`,
    fromField: (text) => {
      const asUtc_ms = Date.parse(`${text}Z`)
      if (Number.isNaN(asUtc_ms)) return null
      // The offset of the instant itself: the first guess may lie on the other side of a change of clocks.
      const guess_ms = Date.parse(`${text}${offset(asUtc_ms)}`)
      return Date.parse(`${text}${offset(guess_ms)}`)
    },
    offset,
    instant: (at_ms, now_ms) => {
      const date = day.format(at_ms)
      const time = `${clock.format(at_ms)} ${offset(at_ms)}`
      return date === day.format(now_ms) ? time : `${date} ${time}`
    },
    duration,
    about: (ms) => {
      const min = Math.max(1, ms / 60_000)
      if (min < 10) return `${Math.round(min)} ${spell.min}`
      if (min < 97.5) return `${Math.round(min / 5) * 5} ${spell.min}`
      const half_hours = Math.round(min / 30)
      return `${number(half_hours % 2)(half_hours / 2)} ${spell.h}`
    },
    span: (ms) => {
      const unit = (
        [
          [86_400_000, 'd'],
          [3600_000, 'h'],
          [60_000, 'min'],
        ] as const
      ).find(([size]) => ms >= size && ms % size === 0)
      return unit === undefined ? duration(ms) : `${ms / unit[0]} ${spell[unit[1]]}`
    },
  }
}

export function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

function memoize<K, V>(make: (key: K) => V): (key: K) => V {
  const known = new Map<K, V>()
  return (key) => {
    const value = known.get(key) ?? make(key)
    known.set(key, value)
    return value
  }
}
