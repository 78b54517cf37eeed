/**
 * Shapes of the HTTP API, shared by `desk/` (which serves them) and the console (which reads them). All under `/api/v1`.
 * Instants are decimal strings of UTC nanoseconds (`…_ns`); values are SI.
 *
 * GET  /site                                  SiteJson
 * GET  /devices                               { devices: DeviceJson[] }
 * GET  /readings/latest                       { readings: ReadingJson[] }
 * GET  /series?channel&from&to&points         SeriesJson      (from, to: ISO 8601 or ns)
 * GET  /blocks?channel&from&to                BlocksJson
 * GET  /gaps?from&to                          { gaps: GapJson[] }
 * GET  /alarms                                { alarms: AlarmJson[], now_ns }
 * POST /alarms/{id}/acknowledge               AcknowledgeBody -> AlarmJson
 * POST /alarms/{id}/comment                   { text } -> AlarmJson
 * POST /alarms/{id}/reset                     { etag } -> AlarmJson
 * GET  /journal?after&limit                   { entries: JournalEntryJson[] }
 * GET  /session                               SessionJson
 * POST /session                               { name, passphrase } -> SessionJson (sets the cookie)
 * DELETE /session                             SessionJson
 * POST /first-user                            { token, name, passphrase } -> SessionJson
 * GET  /drills                                { drills: DrillJson[] }      newest first
 * POST /drills                                DrillStartBody -> DrillJson
 * GET  /drills/{id}                           { drill: DrillJson, report: DrillReportJson }
 * POST /drills/{id}/end                       {} -> DrillJson
 * GET  /simulator                             SimulatorStatus (domain/simulator-control.ts); a session is needed
 * POST /simulator/play                        PlayRequest -> PlayStatus
 * POST /simulator/steer                       { play } & Steer -> PlayStatus
 * POST /simulator/scenario                    ScenarioRequest -> ScenarioStatus, or { stop: true } -> {}
 * POST /simulator/wire                        { node, link, faults: WireFaults } -> WireStatus
 * POST /simulator/fault                       { device, kind, code?, delay_ms? } -> {}
 * POST /commands                              CommandBody -> CommandJson once the node has done it (409 where it refuses)
 * (more: api-desk.ts)
 * GET  /live                                  server-sent events, LiveEvent as `event:` + JSON `data:`
 * GET  /live/blocks?device=ID                 WebSocket, binary block frames (below)
 *
 * Errors: RFC 9457 problem+json { type, title, status, detail, code, error: { code, message } } with 400 (body or query), 401 (no session), 403, 404, 409 (stale or refused), 503 (store, journal or simulator away).
 * A request that changes anything needs the session cookie and `content-type: application/json`; a program sends
 * `Authorization: Bearer <token>` in place of the cookie. One on the desk's own machine that may read the desk's folder may
 * send the token of local.json (role admin), and the name of who runs it, percent-encoded, as `x-plumbline-actor`.
 */
import type { Static } from 'typebox'
import type { AlarmJson, DrillMark, JournalEntryJson } from './alarm.ts'
import type * as people from './api-schemas/people.ts'
import type { Limit } from './condition.ts'
import { type Flag, isWide, type SampleArray } from './reading.ts'
import type { ScenarioRequest } from './simulator-control.ts'
import type { Quantity } from './units.ts'

export type LevelJson = { id: string; name: string; stage_m: number; severity: string; meaning: string }
export type WaterJson = { id: string; name: string; kind: string; datum: string; gauge: string; levels: LevelJson[] }
export type StructureJson = {
  id: string
  name: string
  kind: string
  floors: Array<{ id: string; name: string; height_m: number }>
}
export type SiteJson = {
  site: string
  name: string
  time_zone: string
  /** True where any device is simulated: the console then shows the EXERCISE banner. */
  exercise: boolean
  hash: string
  software: string
  structures: StructureJson[]
  waters: WaterJson[]
  limits: Limit[]
}

export type ChannelJson = {
  id: string
  metric: string
  quantity: Quantity
  unit: string
  kind: 'point' | 'measure' | 'axis'
  /** What the sensor can measure, where its model says. */
  range: { low: number; high: number } | null
}
/** `unknown`: the desk has not heard of it since it started, or its node is away. */
export type DeviceStateName = 'online' | 'offline' | 'unknown'
export type DeviceJson = {
  id: string
  name: string
  node: string
  model: string
  floor: string | null
  simulated: boolean
  time_scale: number
  poll_ms: number
  state: DeviceStateName
  since_ns: string | null
  reason: string | null
  /** Newest instant of any channel; null = nothing yet. */
  last_ns: string | null
  /** A channel older than this is stale (3 polls, at least 3 s). */
  stale_after_ms: number
  channels: ChannelJson[]
}
export type NodeJson = {
  id: string
  state: DeviceStateName
  since_ns: string | null
  reason: string | null
  site_hash_agrees: boolean | null
}

export type ReadingJson = {
  channel: string
  value: number | null
  t_ns: string
  flag: Flag
  reason: string | null
  detail: string | null
  exercise: boolean
}
/** [t_ns, min, mean, max, count, worst flag]; a column without readings is left out. */
export type SeriesColumnJson = [string, number, number, number, number, number]
export type SeriesJson = { channel: string; unit: string; columns: SeriesColumnJson[] }
export type BlockJson = {
  t0_ns: string
  sample_rate_hz: number
  scale: number
  unit: string
  first_counter: number
  boot_id: number
  axes: Record<string, number[]>
}
export type BlocksJson = { device: string; group: string; blocks: BlockJson[] }
export type GapJson = {
  channels: string[]
  from_ns: string
  to_ns: string
  expected: number
  missing: number
  reason: string
}

export type AcknowledgeBody = {
  /** The highest occurrence seen on the screen; a newer one refuses with 409. */
  occurrence: number
  etag: string
  comment?: string
}
export type SessionJson = Static<typeof people.SessionJson>

/** First event after every connect is `snapshot`; then changes in order. A client that lost the line reconnects. */
export type LiveEvent =
  | {
      event: 'snapshot'
      data: {
        now_ns: string
        alarms: AlarmJson[]
        devices: DeviceJson[]
        nodes: NodeJson[]
        readings: ReadingJson[]
        /** False while the series store cannot be read. */
        store_available: boolean
        /** The drill that runs. */
        drill: DrillJson | null
      }
    }
  | { event: 'alarm'; data: AlarmJson }
  | { event: 'notice'; data: JournalEntryJson }
  | { event: 'device'; data: DeviceJson }
  | { event: 'node'; data: NodeJson }
  | { event: 'readings'; data: ReadingJson[] }
  /**
   * A drill changed. When the shadow devices of a drill come or go, a new `snapshot` follows: it takes the place of
   * everything told before.
   */
  | { event: 'drill'; data: DrillJson }
  /** Every second: lets a client tell a quiet line from a dead one, and show ages by the desk's clock. */
  | { event: 'tick'; data: { now_ns: string; store_available: boolean } }

/** The rule of a limit in words, by language. */
export type RuleJson = { en: string; 'zh-TW': string }

export type DrillStartBody = {
  name: string
  /** Who answers for it. */
  owner: string
  /** Who would be told; nobody else is. */
  recipients?: string[]
  scenario: ScenarioRequest
  /** Real devices that get a shadow; simulated devices take part as they are. */
  shadows?: string[]
  max_minutes?: number
}

/** What a node shall do: write a `writable` point [unit of the model], or silence a local output. */
export type CommandBody =
  | { kind: 'write'; device: string; metric: string; value: number }
  | { kind: 'silence'; output: string }
export type CommandJson = {
  id: string
  node: string
  asked: CommandBody
  by: string
  asked_ns: string
  /** Null = the node did not answer in time. */
  answered_ns: string | null
  outcome: 'done' | 'refused' | 'unanswered'
  detail: string
}

/** `starting`: until the simulator plays and every edge node concerned has said that it takes part. */
export type DrillStatusName = 'starting' | 'running' | 'ended' | 'failed'
export type DrillJson = {
  id: string
  name: string
  owner: string
  recipients: string[]
  /** As the simulator plays it; null = not known (yet). */
  scenario: { name: string | null; seed: number | null }
  shadows: string[]
  status: DrillStatusName
  started_by: string
  started_ns: string
  /** Then it ends by itself. */
  until_ns: string
  ended_ns: string | null
  ended_by: string | null
  /** Why it failed or ended, or what stands in its way now. */
  why: string | null
}

export type DrillOccurrenceJson = {
  alarm: string
  limit_id: string
  name: string
  channel: string
  occurrence: number
  onset_ns: string
  /** Began and ended before the desk learned of it. */
  late: boolean
  /** From the onset until people were told [s]; null = they were not told. */
  told_after_s: number | null
  /** `after_s` from being told [s]; null = nobody acknowledged it. */
  acknowledged: { by: string; after_s: number; comment: string | null } | null
  comments: Array<{ at_ns: string; by: string; text: string }>
  /** Null = it was still true when the drill ended, or the record of the return never came. */
  returned_ns: string | null
  peak: number | null
  limit: number
  unit: string
  kind: string
  /** In words, where limit and value do not say it. */
  rule: RuleJson | null
}

/** What people did about the drill's alarms, from the journal. */
export type DrillReportJson = {
  drill: DrillMark
  occurrences: DrillOccurrenceJson[]
  summary: {
    raised: number
    told: number
    acknowledged: number
    not_acknowledged: number
    ack_median_s: number | null
    ack_longest_s: number | null
  }
  /** Real alarms that came meanwhile: no part of the drill. */
  real: { count: number; alarms: Array<{ alarm: string; name: string; occurrence: number; onset_ns: string }> }
  /** False while the drill runs, and where there was more than can be listed. */
  complete: boolean
}

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
