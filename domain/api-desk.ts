/**
 * Shapes of the HTTP API beside `api.ts`: what people do about alarms beyond answering them, who is told, who may sign in,
 * and how the line itself is. All under `/api/v1`; instants are decimal strings of UTC nanoseconds, values SI.
 *
 * POST /alarms/{id}/shelve                    ShelveBody -> AlarmJson                (operator)
 * POST /alarms/{id}/unshelve                  { etag } -> AlarmJson                  (operator)
 * POST /alarms/{id}/out-of-service            OutOfServiceBody -> AlarmJson          (engineer)
 * POST /alarms/{id}/return-to-service         { etag } -> AlarmJson                  (engineer)
 * GET  /alarms/{id}/explain                   ExplainJson
 * GET  /alarm-groups?open                     { groups: AlarmGroupJson[] }           newest first
 * GET  /alarm-quality?from&to                 AlarmQualityJson
 * GET  /maintenance                           { windows: MaintenanceJson[] }
 * POST /maintenance                           MaintenanceBody -> MaintenanceJson     (engineer)
 * POST /maintenance/{id}/end                  {} -> MaintenanceJson                  (engineer)
 * GET  /journal?after&before&limit&from&to&alarm&actor&kind&format=json|csv
 * GET  /system                                SystemJson
 * GET  /notices?alarm&open                    { deliveries: DeliveryJson[] }
 * GET  /contacts                              { contacts: ContactJson[], teams: TeamJson[] }
 * POST /contacts/{id}/test                    { channel } -> DeliveryJson            (engineer)
 * GET  /cap                                   { alerts: CapJson[] }
 * POST /cap/{id}/release                      { etag, comment? } -> CapJson          (operator)
 * POST /cap/{id}/withdraw                     { etag, comment? } -> CapJson          (operator)
 * GET  /users                                 { users: UserJson[] }                  (admin)
 * POST /users                                 UserBody -> UserInviteJson             (admin)
 * PATCH /users/{name}                         UserChangeBody -> UserJson, with `reset` UserInviteJson (admin)
 * POST /invitation                            { token, passphrase } -> SessionJson (sets the cookie); the link is /#/invitation?token=…
 * POST /session/passphrase                    { passphrase, new_passphrase } -> SessionJson
 * DELETE /users/{name}                        {} -> {}                               (admin)
 * GET  /tokens                                { tokens: TokenJson[] }                (admin)
 * POST /tokens                                TokenBody -> TokenMadeJson             (admin)
 * DELETE /tokens/{id}                         {} -> {}                               (admin)
 * GET  /events?from&to&structure              { events: EventJson[] }                newest first
 * GET  /events/{id}                           EventDetailJson
 */
import type { Static } from 'typebox'
import type { AlarmState } from './alarm.ts'
import type { RuleJson } from './api.ts'
import type * as people from './api-schemas/people.ts'
import type { Limit, Priority } from './condition.ts'

export type ShelveBody = {
  etag: string
  /** At most `alarms.shelve_max_min` of the site file. */
  minutes: number
  /** Also ends when the condition returns. */
  one_shot?: boolean
  reason: string
}
export type OutOfServiceBody = { etag: string; reason: string; until_ns?: string | null }

/** Everything that a person asks about one alarm, on one page. */
export type ExplainJson = {
  alarm: string
  rule: RuleJson | null
  /** As the edge evaluates it; null = no birth has told it yet. */
  limit: Limit | null
  /** Line of the site file that says it, from 1; null for the system's own. */
  site_line: number | null
  site_text: string | null
  /** The newest value of its channel, with quality. */
  now: { value: number | null; t_ns: string; flag: number; reason: string | null } | null
  /** The last ones, newest first, at most 20. */
  occurrences: Array<{
    occurrence: number
    onset_ns: string
    returned_ns: string | null
    peak: number | null
    acknowledged_by: string | null
    acknowledged_after_s: number | null
  }>
  /** Every entry about the present occurrence, oldest first. */
  journal_seqs: number[]
  deliveries: DeliveryJson[]
}

/** Alarms with one cause: an earthquake with its channels, a rise of water through its levels, an alarm flood. */
export type AlarmGroupJson = {
  id: string
  kind: 'ground-motion' | 'water-rise' | 'alarm-flood' | 'node-offline'
  /** Structure, water or node it is about; null for an alarm flood. */
  about: string | null
  began_ns: string
  /** Null while it goes on. */
  ended_ns: string | null
  alarms: Array<{ alarm: string; occurrence: number; onset_ns: string }>
  priority: Priority
  exercise: boolean
}

/** Figures of ISA-18.2 / IEC 62682 for a span of time; targets are guidance and come from the site file. */
export type AlarmQualityJson = {
  from_ns: string
  to_ns: string
  /** Annunciated alarms in each 10 minutes: only spans with any. */
  per_10_min: Array<[string, number]>
  annunciated: number
  average_per_10_min: number
  most_per_10_min: number
  floods: Array<{ from_ns: string; to_ns: string; alarms: number }>
  /** Share of the time in an alarm flood, 0 to 1. */
  flood_share: number
  chattering: Array<{ alarm: string; transitions: number; most_per_min: number }>
  fleeting: Array<{ alarm: string; count: number }>
  stale: Array<{ alarm: string; since_ns: string }>
  top: Array<{ alarm: string; count: number; share: number }>
  priorities: Record<Priority, number>
  acknowledge: { count: number; median_s: number | null; p95_s: number | null }
  shelved: Array<{ alarm: string; since_ns: string; until_ns: string; by: string }>
  targets: Record<string, number>
}

export type MaintenanceBody = { name: string; devices: string[]; from_ns?: string; until_ns: string; reason: string }
export type MaintenanceJson = {
  id: string
  name: string
  devices: string[]
  from_ns: string
  until_ns: string
  reason: string
  by: string
  status: 'planned' | 'running' | 'ended'
  ended_by: string | null
}

/** One thing the line depends on; `unknown` is never `good`. */
export type HealthState = 'good' | 'warning' | 'bad' | 'unknown'
export type SystemJson = {
  now_ns: string
  software: string
  started_ns: string
  parts: Array<{
    /** `broker`, `store`, `ingest`, `journal`, `disk`, `clock`, `canary`, `node/<id>`, `backup`, ... */
    id: string
    state: HealthState
    since_ns: string | null
    detail: string
    figures: Record<string, number | string | null>
  }>
}

export type DeliveryState = 'waiting' | 'sent' | 'failed' | 'unknown' | 'skipped'
export type DeliveryJson = {
  id: string
  /** Null for a test, a daily mail, and the like. */
  alarm: string | null
  occurrence: number | null
  contact: string
  channel: string
  step: number
  state: DeliveryState
  tries: number
  at_ns: string
  /** May have been sent before a crash. */
  possible_repeat: boolean
  detail: string | null
  exercise: boolean
}
export type ContactJson = {
  id: string
  name: string
  language: 'en' | 'zh-TW'
  /** Kind and where it leads, secrets left out. */
  channels: Array<{ id: string; kind: string; to: string }>
  on_duty: boolean
}
export type TeamJson = { id: string; name: string; members: string[]; on_duty: string[] }

export type CapStatus = 'Actual' | 'Exercise' | 'Test' | 'Draft'
export type CapJson = {
  id: string
  identifier: string
  alarm: string
  occurrence: number
  status: CapStatus
  msg_type: 'Alert' | 'Update' | 'Cancel'
  references: string[]
  sent_ns: string
  headline: RuleJson
  released_by: string | null
  withdrawn_by: string | null
  exercise: boolean
  /** Suspect values are never released by themselves. */
  unconfirmed: boolean
  etag: string
}

export type UserJson = Static<typeof people.UserJson>
export type UserBody = Static<typeof people.UserBody>
/** The person sets the passphrase by the link, once, before it expires. */
export type UserInviteJson = Static<typeof people.UserInviteJson>
export type UserChangeBody = Static<typeof people.UserChangeBody>
export type TokenBody = Static<typeof people.TokenBody>
export type TokenJson = Static<typeof people.TokenJson>
/** Shown once. */
export type TokenMadeJson = Static<typeof people.TokenMadeJson>

/** A ground-motion event: shaking of one structure, from its sensors. */
export type EventJson = {
  id: string
  structure: string
  onset_ns: string
  ended_ns: string | null
  /** Largest of its floors [m/s²]. */
  pga_m_s2: number | null
  /** Floor shaking, intensity-equivalent; never ground intensity. */
  intensity: string | null
  channels_expected: number
  channels_complete: number
  exercise: boolean
  alarms: string[]
}
export type EventFloorJson = {
  floor: string
  height_m: number
  device: string | null
  pga_m_s2: number | null
  pgv_m_s: number | null
  intensity: string | null
  /** Largest and lasting inter-storey drift ratio to the instrumented floor below; null = not to be told. */
  drift_ratio: number | null
  residual_drift_ratio: number | null
  tilt_rad: number | null
  /** Share of the expected samples that are there and good, 0 to 1. */
  complete: number
}
export type EventDetailJson = {
  event: EventJson
  floors: EventFloorJson[]
  /** Dominant frequency before, during and after [Hz]. */
  frequency_hz: { before: number | null; during: number | null; after: number | null }
  method: string
}

/** Of an alarm that a person or the system has put aside; the condition underneath goes on being judged. */
export type AlarmAside = {
  /** A to F: what it would be. */
  readonly underlying: AlarmState
  readonly shelved: { by: string; at_ns: string; until_ns: string; one_shot: boolean; reason: string } | null
  readonly suppressed: { cause: 'maintenance' | 'parent' | 'node-offline'; reason: string; since_ns: string } | null
  readonly out_of_service: { by: string; at_ns: string; until_ns: string | null; reason: string } | null
}
