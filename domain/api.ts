/**
 * Shapes of the HTTP API, shared by `desk/` (which serves them) and the console (which reads them). All under `/api/v1`.
 * Instants are decimal strings of UTC nanoseconds (`…_ns`); values are SI.
 *
 * Every route, who may ask it, what it takes and answers: `api-schemas/` (one source for desk, console, OpenAPI and
 * docs/reference/api.md). The types here and in `api-desk.ts` are derived from it.
 *
 * Errors: RFC 9457 problem+json { type, title, status, detail, code, error: { code, message } } with 400 (body or query),
 * 401 (no session), 403, 404, 409 (stale or refused), 503 (store, journal or simulator away).
 * A request that changes anything needs the session cookie and `content-type: application/json`; a program sends
 * `Authorization: Bearer <token>` in place of the cookie. One on the desk's own machine that may read the desk's folder may
 * send the token of local.json (role admin), and the name of who runs it, percent-encoded, as `x-plumbline-actor`.
 */
import type { Static } from 'typebox'
import type * as alarms from './api-schemas/alarms.ts'
import type * as drills from './api-schemas/drills.ts'
import type { LiveEventOf } from './api-schemas/live.ts'
import type * as people from './api-schemas/people.ts'
import type * as series from './api-schemas/series.ts'
import type * as site from './api-schemas/site.ts'
import { isWide, type SampleArray } from './reading.ts'

export type LevelJson = Static<typeof site.LevelJson>
export type WaterJson = Static<typeof site.WaterJson>
export type StructureJson = Static<typeof site.StructureJson>
export type SiteJson = Static<typeof site.SiteJson>
/** The file of the site as it is written now, and what a check of it says. */
export type SiteFileJson = Static<typeof site.SiteFileJson>
export type ChannelJson = Static<typeof site.ChannelJson>
/** `unknown`: the desk has not heard of it since it started, or its node is away. */
export type DeviceStateName = Static<typeof site.DeviceStateName>
export type DeviceJson = Static<typeof site.DeviceJson>
export type NodeJson = Static<typeof site.NodeJson>
export type ReadingJson = Static<typeof site.ReadingJson>
/** The rule of a limit in words, by language. */
export type RuleJson = Static<typeof site.RuleJson>

/** [t_ns, min, mean, max, count, worst flag]; a column without readings is left out. */
export type SeriesColumnJson = Static<typeof series.SeriesColumnJson>
export type SeriesJson = Static<typeof series.SeriesJson>
export type BlockJson = Static<typeof series.BlockJson>
export type BlocksJson = Static<typeof series.BlocksJson>
export type GapJson = Static<typeof series.GapJson>
export type SpectrumJson = Static<typeof series.SpectrumJson>
export type HelicorderJson = Static<typeof series.HelicorderJson>

export type AcknowledgeBody = Static<typeof alarms.AcknowledgeBody>
export type SessionJson = Static<typeof people.SessionJson>

/**
 * First event after a connect that is not resumed is `snapshot`; then changes in order. Each has an `id:`; a client that lost
 * the line reconnects with it as Last-Event-ID, as browsers do by themselves.
 */
export type LiveEvent = LiveEventOf

export type DrillStartBody = Static<typeof drills.DrillStartBody>
/** What a node shall do: write a `writable` point [unit of the model], or silence a local output. */
export type CommandBody = Static<typeof drills.CommandBody>
export type CommandJson = Static<typeof drills.CommandJson>
/** `starting`: until the simulator plays and every edge node concerned has said that it takes part. */
export type DrillStatusName = DrillJson['status']
export type DrillJson = Static<typeof drills.DrillJson>
export type DrillOccurrenceJson = Static<typeof drills.DrillOccurrenceJson>
/** What people did about the drill's alarms, from the journal. */
export type DrillReportJson = Static<typeof drills.DrillReportJson>

/**
 * Binary WebSocket frame, little endian: u32 length of the header, header as UTF-8 JSON (BlockFrameHeader) padded with
 * spaces to a multiple of 4, then `axes.length` runs of `samples` integers of `sample_bytes` each.
 */
export type BlockFrameHeader = {
  device: string
  group: string
  axes: string[]
  samples: number
  /** 2: int16; 4: int32, of a sensor with more than 16 bits. */
  sample_bytes: 2 | 4
  t0_ns: string
  sample_rate_hz: number
  scale: number
  unit: string
  first_counter: number
  exercise: boolean
}

export function encodeBlockFrame(
  header: Omit<BlockFrameHeader, 'axes' | 'samples' | 'sample_bytes'>,
  axes: ReadonlyArray<{ axis: string; samples: SampleArray }>,
): Uint8Array {
  const samples = axes[0]?.samples.length ?? 0
  const wide = axes.some((axis) => isWide(axis.samples))
  const sample_bytes = wide ? 4 : 2
  const names = axes.map((a) => a.axis)
  const json = JSON.stringify({ ...header, axes: names, samples, sample_bytes } satisfies BlockFrameHeader)
  const head = new TextEncoder().encode(
    json.padEnd(json.length + ((4 - (new TextEncoder().encode(json).length % 4)) % 4)),
  )
  const out = new Uint8Array(4 + head.length + axes.length * samples * sample_bytes)
  const view = new DataView(out.buffer)
  view.setUint32(0, head.length, true)
  out.set(head, 4)
  let at = 4 + head.length
  for (const axis of axes)
    for (const sample of axis.samples) {
      if (wide) view.setInt32(at, sample, true)
      else view.setInt16(at, sample, true)
      at += sample_bytes
    }
  return out
}

export function decodeBlockFrame(frame: ArrayBuffer): { header: BlockFrameHeader; axes: SampleArray[] } {
  const view = new DataView(frame)
  const length = view.getUint32(0, true)
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(frame, 4, length))) as BlockFrameHeader
  const { samples, sample_bytes } = header
  const axes = header.axes.map((_, i) => {
    const at = 4 + length + i * samples * sample_bytes
    return sample_bytes === 4 ? new Int32Array(frame, at, samples) : new Int16Array(frame, at, samples)
  })
  return { header, axes }
}
