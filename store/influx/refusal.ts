/** What InfluxDB cannot keep although the embedded store could; each goes to quarantine with a text that says why. */
import { type Block, type Gap, type Reading, sampleInstant } from '../../domain/reading.ts'
import { TAG } from '../../domain/series.ts'
import { blockRefusal, gapRefusal, readingRefusal } from '../check.ts'
import { canBeKey } from './line-protocol.ts'

/** models/time.go of InfluxDB 1.x and 2.x: the outermost values of int64 mean something else. */
const INSTANT_MAX = 2n ** 63n - 3n
const canBeTime = (t_ns: bigint): boolean => t_ns <= INSTANT_MAX && t_ns >= -INSTANT_MAX

const time = (t_ns: bigint): string | undefined =>
  canBeTime(t_ns) ? undefined : `InfluxDB has no instant ${t_ns}: expected one between 1677 and 2262`
const keys = (...texts: readonly string[]): string | undefined => {
  const bad = texts.find((text) => !canBeKey(text))
  return bad === undefined ? undefined : `InfluxDB has no spelling for the name ${JSON.stringify(bad)}`
}

/** A column of 3.x is a tag or a field, never both. */
const NO_FIELD: readonly string[] = ['', 'time', TAG.site, TAG.device, TAG.group, TAG.boot]

export const influxReadingRefusal = (r: Reading): string | undefined =>
  readingRefusal(r) ?? time(r.t_ns) ?? keys(r.channel)

export const influxGapRefusal = (g: Gap): string | undefined =>
  gapRefusal(g) ?? time(g.from_ns) ?? keys(g.channels[0]!, g.reason)

export const influxBlockRefusal = (b: Block): string | undefined =>
  blockRefusal(b) ??
  time(sampleInstant(b, 0)) ??
  time(sampleInstant(b, b.axes[0]!.samples.length)) ??
  keys(b.device, b.group, ...b.axes.map((a) => a.axis)) ??
  (b.axes.some((a) => NO_FIELD.includes(a.axis)) ? 'InfluxDB takes no axis of that name' : undefined) ??
  (Number.isFinite(b.scale * 2 ** 31) ? undefined : `expected finite samples, got scale ${b.scale}`)
