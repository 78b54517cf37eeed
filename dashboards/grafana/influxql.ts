/**
 * InfluxQL texts of the dashboards from the names of `domain/series.ts`, in the part of the language that InfluxDB 1.6 to
 * 3.x all answer (`portable-influxql.ts` checks it). `$timeFilter`, `$__interval` and variables are Grafana's to fill in.
 */
import { FAIL, MISSING } from '../../domain/reading.ts'
import { FIELD, INFLUX_POLICY, MEASUREMENT, TAG } from '../../domain/series.ts'

export const name = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`
export const text = (value: string): string => `'${value.replace(/['\\]/g, '\\$&')}'`
export const is = (tag: string, value: string): string => `${name(tag)} = ${text(value)}`
/** A variable that may stand for several values, or all. */
export const isAnyOf = (tag: string, variable: string): string => `${name(tag)} =~ /^\${${variable}:regex}$/`
export const isNot = (tag: string, value: string): string => `${name(tag)} != ${text(value)}`

/** The site that the dashboard was made for shares its database perhaps. */
export const OF_SITE = is(TAG.site, '$site')
export const IN_RANGE = '$timeFilter'
/** What is as it is now: samples of the desk come every 15 s, so nothing in this time means that nobody was there. */
export const NOW = 'time > now() - 1m'
export const NOW_S = 60

/** What failed its tests or was missing is no value of the water or the building. */
export const USABLE = `${name(FIELD.reading.flag)} != ${FAIL} AND ${name(FIELD.reading.flag)} != ${MISSING}`

export const FROM = {
  reading: `FROM ${name(MEASUREMENT.reading)}`,
  gap: `FROM ${name(MEASUREMENT.gap)}`,
  event: `FROM ${name(MEASUREMENT.event)}`,
  motion: `FROM ${name(MEASUREMENT.motion)}`,
  hours: `FROM ${name(MEASUREMENT.rollup_1h)}`,
  alarm: `FROM ${name(MEASUREMENT.alarm)}`,
  health: `FROM ${name(MEASUREMENT.health)}`,
  wave: `FROM ${name(INFLUX_POLICY.raw)}.${name(MEASUREMENT.wave)}`,
} as const

export const where = (...conditions: readonly string[]): string => `WHERE ${conditions.join(' AND ')}`

/** Columns of the chart's width; where there is nothing stays a hole. */
export const columns = (...tags: readonly string[]): string =>
  `GROUP BY ${['time($__interval)', ...tags.map(name)].join(', ')} fill(null)`
/** Columns that hold something, of series that come now and then. */
export const filled = (...tags: readonly string[]): string =>
  `GROUP BY ${['time($__interval)', ...tags.map(name)].join(', ')} fill(none)`
export const by = (...tags: readonly string[]): string => `GROUP BY ${tags.map(name).join(', ')}`

/** `factor` from SI to the unit of the panel. */
export const scaled = (call: string, factor: number): string => (factor === 1 ? call : `${call} * ${factor}`)
