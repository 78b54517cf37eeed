/** Readings, gaps and blocks as lines. The same part always gives the same lines: written twice they are stored once. */
import { splitChannel } from '../../domain/ids.ts'
import type { PointField, SeriesPoint } from '../../domain/ports.ts'
import {
  type Block,
  FAIL,
  type Flag,
  type Gap,
  GOOD,
  MISSING,
  NOT_EVALUATED,
  type Reading,
  type SampleArray,
  SUSPECT,
  sampleArray,
} from '../../domain/reading.ts'
import { FIELD, MEASUREMENT, TAG } from '../../domain/series.ts'
import { axesText, isWideIn } from '../packed.ts'
import { canBeKey, escapeKey, integerField, line, stringField, tagSet } from './line-protocol.ts'

/** From harmless to worst (`worstFlag` of domain/reading.ts). */
export const RANKED: readonly Flag[] = [MISSING, NOT_EVALUATED, GOOD, SUSPECT, FAIL]

export function readingLine(site: string, reading: Reading): string {
  const { channel, value, flag, half_width_ns, reason, detail, t_ns } = reading
  const { device, metric } = splitChannel(channel)
  const tags = tagSet({ [TAG.site]: site, [TAG.channel]: channel, [TAG.device]: device, [TAG.metric]: metric })
  const field = FIELD.reading
  return line(
    MEASUREMENT.reading + tags,
    {
      [field.value]: value === null ? undefined : String(value),
      [field.flag]: integerField(flag),
      [field.flag_rank]: integerField(RANKED.indexOf(flag)),
      [field.half_width_ns]: integerField(half_width_ns),
      [field.reason]: reason === undefined ? undefined : stringField(reason),
      [field.detail]: detail === undefined ? undefined : stringField(detail),
    },
    t_ns,
  )
}

export const gapDevice = (gap: Gap): string => splitChannel(gap.channels[0]!).device

export function gapLine(site: string, gap: Gap, shift_ns: number): string {
  const tags = tagSet({ [TAG.site]: site, [TAG.device]: gapDevice(gap), [TAG.reason]: gap.reason })
  const field = FIELD.gap
  return line(
    MEASUREMENT.gap + tags,
    {
      [field.channels]: stringField(JSON.stringify(gap.channels)),
      [field.to_ns]: integerField(gap.to_ns),
      [field.shift_ns]: integerField(shift_ns),
      [field.expected]: integerField(gap.expected),
      [field.missing]: integerField(gap.missing),
    },
    gap.from_ns + BigInt(shift_ns),
  )
}

/** Instant of sample `i` of a run, as `sampleInstant` of domain/reading.ts counts it. */
export const sampleAt_ns = (t0_ns: bigint, i: number, sample_rate_hz: number): bigint =>
  t0_ns + BigInt(Math.round((i * 1e9) / sample_rate_hz))

/** The point of the whole block first, then one point per sample. */
export function blockLines(site: string, block: Block, shift_ns: number): { block: string; wave: string[] } {
  const { axes, t0_ns, sample_rate_hz, scale, first_counter } = block
  const n = axes[0]!.samples.length
  const tags = tagSet({
    [TAG.site]: site,
    [TAG.device]: block.device,
    [TAG.group]: block.group,
    [TAG.boot]: String(block.boot_id),
  })
  const at_ns = t0_ns + BigInt(shift_ns)
  const field = FIELD.block
  const whole = line(
    MEASUREMENT.block + tags,
    {
      [field.first_counter]: integerField(first_counter),
      [field.last_counter]: integerField(first_counter + n - 1),
      [field.last_ns]: integerField(sampleAt_ns(t0_ns, n - 1, sample_rate_hz)),
      [field.shift_ns]: integerField(shift_ns),
      [field.half_width_ns]: integerField(block.half_width_ns),
      [field.sample_rate_hz]: String(sample_rate_hz),
      [field.scale]: String(scale),
      [field.unit]: stringField(block.unit),
      [field.axes]: stringField(axesText(axes.map((a) => a.axis))),
      [field.samples]: stringField(samplesText(block)),
    },
    at_ns,
  )
  const keys = axes.map(({ axis }, a) => `${a === 0 ? `${MEASUREMENT.wave}${tags} ` : ','}${escapeKey(axis)}=`)
  const wave: string[] = new Array(n)
  for (let i = 0; i < n; i++) {
    let text = ''
    for (let a = 0; a < keys.length; a++) text += keys[a]! + axes[a]!.samples[i]! * scale
    wave[i] = `${text} ${sampleAt_ns(at_ns, i, sample_rate_hz)}`
  }
  return { block: whole, wave }
}

/** Every platform that Node 24 runs on is little-endian. */
const samplesText = (block: Block): string =>
  Buffer.concat(
    block.axes.map(({ samples }) => Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength)),
  ).toString('base64')

/** `count` samples of 16 or of 32 bits, as the length of the text says. */
export function samplesOf(text: string, count: number): SampleArray {
  const bytes = Buffer.from(text, 'base64')
  const wide = isWideIn(bytes, count)
  const out = sampleArray(wide, bytes.length >> (wide ? 2 : 1))
  new Uint8Array(out.buffer).set(bytes.subarray(0, out.byteLength))
  return out
}

export const pointLine = ({ measurement, tags, fields, t_ns }: SeriesPoint): string =>
  line(
    measurement + tagSet(tags),
    Object.fromEntries(
      Object.entries(fields).map(([key, value]) => [key, value === undefined ? undefined : fieldText(value)]),
    ),
    t_ns,
  )

function fieldText(value: PointField): string {
  if (typeof value === 'string') return stringField(value)
  return typeof value === 'bigint' ? integerField(value) : String(value)
}

/** Why a point has no line, if it has none. */
export function canBePoint({ tags, fields }: SeriesPoint): string | undefined {
  const bad = Object.entries(tags).find(([, value]) => !canBeKey(value))
  if (bad !== undefined) return `tag ${bad[0]}: ${JSON.stringify(bad[1]).slice(0, 80)} can be no tag in InfluxDB`
  const all = Object.entries(fields).filter(([, value]) => value !== undefined)
  if (all.length === 0) return 'it has no field'
  const odd = all.find(([, value]) => typeof value === 'number' && !Number.isFinite(value))
  return odd && `field ${odd[0]}: expected a finite number, got ${odd[1]}`
}
