/**
 * Shapes of the HTTP API beside `api.ts`: what people do about alarms beyond answering them, who is told, who may sign in,
 * and how the line itself is. Routes and schemas: `api-schemas/`. Instants are decimal strings of UTC nanoseconds, values SI.
 */
import type { Static } from 'typebox'
import type * as alarms from './api-schemas/alarms.ts'
import type * as events from './api-schemas/events.ts'
import type * as notices from './api-schemas/notices.ts'
import type * as people from './api-schemas/people.ts'

export type ShelveBody = Static<typeof alarms.ShelveBody>
export type OutOfServiceBody = Static<typeof alarms.OutOfServiceBody>
/** Everything that a person asks about one alarm, on one page. */
export type ExplainJson = Static<typeof alarms.ExplainJson>
/** Alarms with one cause: an earthquake with its channels, a rise of water through its levels, an alarm flood. */
export type AlarmGroupJson = Static<typeof alarms.AlarmGroupJson>
/** Figures of ISA-18.2 / IEC 62682 for a span of time; targets are guidance and come from the site file. */
export type AlarmQualityJson = Static<typeof alarms.AlarmQualityJson>
export type MaintenanceBody = Static<typeof alarms.MaintenanceBody>
export type MaintenanceJson = Static<typeof alarms.MaintenanceJson>
/** One thing the line depends on; `unknown` is never `good`. */
export type HealthState = Static<typeof notices.HealthState>
export type SystemJson = Static<typeof notices.SystemJson>
export type DeliveryState = DeliveryJson['state']
export type DeliveryJson = Static<typeof alarms.DeliveryJson>
export type ContactJson = Static<typeof notices.ContactJson>
export type TeamJson = Static<typeof notices.TeamJson>
export type CapStatus = Static<typeof notices.CapStatusName>
export type CapJson = Static<typeof notices.CapJson>
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
export type EventJson = Static<typeof events.EventJson>
export type EventFloorJson = Static<typeof events.EventFloorJson>
export type EventDetailJson = Static<typeof events.EventDetailJson>
/** Of an alarm that a person or the system has put aside; the condition underneath goes on being judged. */
export type AlarmAside = Static<typeof alarms.AlarmAside>
