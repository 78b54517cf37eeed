/**
 * Words of the alarm life cycle, ISA-18.2 / IEC 62682. The machine itself lives in `desk/`; these are what the API,
 * the journal and the console share.
 */
import type { AlarmAside } from './api-desk.ts'
import type { LimitKind, LimitParameters, Priority } from './condition.ts'
import type { Flag } from './reading.ts'

export type AlarmState =
  | 'normal' // A
  | 'unacknowledged' // B
  | 'acknowledged' // C
  | 'returned-unacknowledged' // D
  | 'latched-unacknowledged' // E
  | 'latched-acknowledged' // F
  | 'shelved' // G
  | 'suppressed' // H, by design
  | 'out-of-service' // I

/** The letters of the standard's state diagram. */
export const STATE_LETTER: Readonly<Record<AlarmState, string>> = {
  normal: 'A',
  unacknowledged: 'B',
  acknowledged: 'C',
  'returned-unacknowledged': 'D',
  'latched-unacknowledged': 'E',
  'latched-acknowledged': 'F',
  shelved: 'G',
  suppressed: 'H',
  'out-of-service': 'I',
}

/** The drill that an occurrence belongs to. */
export type DrillMark = { readonly id: string; readonly name: string }

/** `/api/v1/alarms` row. Instants are decimal strings of UTC nanoseconds: JSON numbers cannot hold them. */
export type AlarmJson = {
  /** `<node>:<limit>` */
  id: string
  node: string
  limit_id: string
  name: string
  channel: string
  /** What the limit judges. Only of `above`, `below` and `outside` are limit, value and peak values of the channel. */
  kind: LimitKind | (string & {})
  parameters: LimitParameters | null
  state: AlarmState
  priority: Priority
  latch: boolean
  occurrence: number
  onset_ns: string | null
  returned_ns: string | null
  /** When the desk learned of the present occurrence. */
  learned_ns: string | null
  value: number | null
  peak: number | null
  limit: number
  unit: string
  flag: Flag
  unconfirmed: boolean
  exercise: boolean
  /** The drill that the present occurrence belongs to; a real alarm during a drill has none. */
  drill: DrillMark | null
  /** Occurrences that began and ended unseen and are not acknowledged yet. */
  late: Array<{
    occurrence: number
    onset_ns: string
    /** Null while the record of the return is still on its way. */
    returned_ns: string | null
    learned_ns: string
  }>
  /** Late occurrences beyond those listed; all of them are journalled. */
  late_unlisted: number
  acknowledged_by: string | null
  acknowledged_ns: string | null
  comments: Array<{ at_ns: string; by: string; text: string }>
  /** Present while it is put aside, or suppressed by design. */
  aside: AlarmAside | null
  /** Whether the condition is known at all: what is unknown is never clear. */
  unknown: { since_ns: string; cause: string } | null
  /** The group of alarms with one cause that the present occurrence belongs to. */
  group: string | null
  /** Changes with every transition; a command that names an older one is refused with 409. */
  etag: string
}

/** One row of the journal as the API shows it. */
export type JournalEntryJson = {
  seq: number
  at_ns: string
  kind: JournalKind
  alarm: string | null
  occurrence: number | null
  actor: string
  body: unknown
  hash: string
}

export type JournalKind =
  | 'onset' // a condition became true
  | 'return' // it became false
  | 'notice' // people were told; exactly one per occurrence
  | 'acknowledge'
  | 'comment'
  | 'reset'
  | 'state' // the alarm entered another state of the table
  | 'node' // an edge node was born or died
  | 'site' // an edge's site hash differs or agrees again
  | 'session' // sign-in, sign-out, first user made
  | 'start' // the desk started
  | 'silenced' // somebody silenced an output at the panel; no alarm
  | 'drill' // a drill was started, placed, confirmed, refused, failed or ended
  | 'command' // a command to the field was asked for, done, refused, or not answered
  | 'simulator' // somebody made the simulator do something
  | 'shelve' // an operator put an alarm aside for a time; `unshelve` ends it, by a person or by the clock
  | 'unshelve'
  | 'suppress' // by design: maintenance, a parent fault, a node that is away; `unsuppress` ends it
  | 'unsuppress'
  | 'out-of-service' // an engineer took it out of service; `return-to-service` ends it
  | 'return-to-service'
  | 're-alarm' // nobody resolved it for so long that it annunciates again
  | 'maintenance' // a window was planned, began or ended
  | 'group' // alarms with one cause became a group, or it ended
  | 'delivery' // a message to a contact: planned, sent, failed, unknown
  | 'cap' // a CAP message was drafted, released, sent or withdrawn
  | 'user' // somebody was invited, changed or removed
  | 'token' // an API token was made or revoked
  | 'config' // the desk runs on another site file than before
  | 'second-path' // an independent alarm path disagreed with the desk, or agrees again
  | 'chain' // the head of the chain was written into a mail or a log
