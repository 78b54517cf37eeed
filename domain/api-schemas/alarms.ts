/** Alarms, what people do about them, maintenance, and the journal. */
import Type from 'typebox'
import { type AlarmJson as Alarm, type JournalEntryJson as Entry, STATE_LETTER } from '../alarm.ts'
import { Closed, Etag, InstantText, Line, Nothing, Ns, NsOrNull, Nullable, NumberOrNull, TextOrNull } from './common.ts'
import { type ApiRoute, PREFIX } from './route.ts'
import { FlagNumber, LimitJson, LimitParametersJson, PriorityName, RuleJson } from './site.ts'

const TEXT_MAX = 2000
const AlarmStateName = Type.Unsafe<keyof typeof STATE_LETTER>(Type.Enum(Object.keys(STATE_LETTER)))
const Reason = Line(500)

export const AlarmAside = Closed({
  underlying: AlarmStateName,
  shelved: Nullable(
    Closed({ by: Type.String(), at_ns: Ns, until_ns: Ns, one_shot: Type.Boolean(), reason: Type.String() }),
  ),
  suppressed: Nullable(
    Closed({ cause: Type.Enum(['maintenance', 'parent', 'node-offline']), reason: Type.String(), since_ns: Ns }),
  ),
  out_of_service: Nullable(Closed({ by: Type.String(), at_ns: Ns, until_ns: NsOrNull, reason: Type.String() })),
})
export const AlarmJson = Type.Unsafe<Alarm>(
  Closed({
    id: Type.String(),
    node: Type.String(),
    limit_id: Type.String(),
    name: Type.String(),
    channel: Type.String(),
    kind: Type.String(),
    parameters: Nullable(LimitParametersJson),
    state: AlarmStateName,
    priority: PriorityName,
    latch: Type.Boolean(),
    occurrence: Type.Integer(),
    onset_ns: NsOrNull,
    returned_ns: NsOrNull,
    learned_ns: NsOrNull,
    value: NumberOrNull,
    peak: NumberOrNull,
    limit: Type.Number(),
    unit: Type.String(),
    flag: FlagNumber,
    unconfirmed: Type.Boolean(),
    exercise: Type.Boolean(),
    drill: Nullable(Closed({ id: Type.String(), name: Type.String() })),
    late: Type.Array(Closed({ occurrence: Type.Integer(), onset_ns: Ns, returned_ns: NsOrNull, learned_ns: Ns })),
    late_unlisted: Type.Integer(),
    acknowledged_by: TextOrNull,
    acknowledged_ns: NsOrNull,
    comments: Type.Array(Closed({ at_ns: Ns, by: Type.String(), text: Type.String() })),
    aside: Nullable(AlarmAside),
    unknown: Nullable(Closed({ since_ns: Ns, cause: Type.String() })),
    group: TextOrNull,
    etag: Type.String(),
  }),
)
export const JournalEntryJson = Type.Unsafe<Entry>(
  Closed({
    seq: Type.Integer(),
    at_ns: Ns,
    kind: Type.String(),
    alarm: TextOrNull,
    occurrence: Nullable(Type.Integer()),
    actor: Type.String(),
    body: Type.Unknown(),
    hash: Type.String(),
  }),
)
export const AcknowledgeBody = Closed({
  occurrence: Type.Integer({
    minimum: 0,
    description: 'The highest occurrence seen on the screen; a newer one refuses with 409.',
  }),
  etag: Etag,
  comment: Type.Optional(Type.String({ maxLength: TEXT_MAX })),
})
export const CommentBody = Closed({ text: Line(TEXT_MAX) })
export const EtagBody = Closed({ etag: Etag })
export const ShelveBody = Closed({
  etag: Etag,
  minutes: Type.Number({
    exclusiveMinimum: 0,
    maximum: 525_600,
    description: 'At most `alarms.shelve_max_min` of the site file.',
  }),
  one_shot: Type.Optional(Type.Boolean({ description: 'Also ends when the condition returns.' })),
  reason: Reason,
})
export const OutOfServiceBody = Closed({ etag: Etag, reason: Reason, until_ns: Type.Optional(NsOrNull) })

export const MaintenanceBody = Closed({
  name: Line(120),
  devices: Type.Array(Line(160), { minItems: 1, maxItems: 1000 }),
  from_ns: Type.Optional(Ns),
  until_ns: Ns,
  reason: Reason,
})
export const MaintenanceJson = Closed({
  id: Type.String(),
  name: Type.String(),
  devices: Type.Array(Type.String()),
  from_ns: Ns,
  until_ns: Ns,
  reason: Type.String(),
  by: Type.String(),
  status: Type.Enum(['planned', 'running', 'ended']),
  ended_by: TextOrNull,
})
export const DeliveryJson = Closed({
  id: Type.String(),
  alarm: Type.Union([Type.String(), Type.Null()], { description: 'Null for a test, a daily mail, and the like.' }),
  occurrence: Nullable(Type.Integer()),
  contact: Type.String(),
  channel: Type.String(),
  step: Type.Integer(),
  state: Type.Enum(['waiting', 'sent', 'failed', 'unknown', 'skipped']),
  tries: Type.Integer(),
  at_ns: Ns,
  possible_repeat: Type.Boolean({ description: 'May have been sent before a crash.' }),
  detail: TextOrNull,
  exercise: Type.Boolean(),
})
export const ExplainJson = Closed({
  alarm: Type.String(),
  rule: Nullable(RuleJson),
  limit: Nullable(LimitJson),
  site_line: Nullable(
    Type.Integer({
      description: 'Line of the site file where the limit is written, or the device or output it comes from.',
    }),
  ),
  site_text: Nullable(Type.String({ description: 'That entry as it is written.' })),
  now: Nullable(Closed({ value: NumberOrNull, t_ns: Ns, flag: Type.Integer(), reason: TextOrNull })),
  occurrences: Type.Array(
    Closed({
      occurrence: Type.Integer(),
      onset_ns: Ns,
      returned_ns: NsOrNull,
      peak: NumberOrNull,
      acknowledged_by: TextOrNull,
      acknowledged_after_s: NumberOrNull,
    }),
    { description: 'The last ones, newest first, at most 20.' },
  ),
  journal_seqs: Type.Array(Type.Integer(), {
    description: 'Every entry about the present occurrence, oldest first.',
  }),
  deliveries: Type.Array(DeliveryJson),
})
export const AlarmGroupJson = Closed({
  id: Type.String(),
  kind: Type.Enum(['ground-motion', 'water-rise', 'alarm-flood', 'node-offline']),
  about: TextOrNull,
  began_ns: Ns,
  ended_ns: NsOrNull,
  alarms: Type.Array(Closed({ alarm: Type.String(), occurrence: Type.Integer(), onset_ns: Ns })),
  priority: PriorityName,
  exercise: Type.Boolean(),
})
const Count = Type.Number()
export const AlarmQualityJson = Closed({
  from_ns: Ns,
  to_ns: Ns,
  per_10_min: Type.Array(Type.Tuple([Ns, Count]), { description: 'Annunciated alarms: only spans with any.' }),
  annunciated: Count,
  average_per_10_min: Count,
  most_per_10_min: Count,
  floods: Type.Array(Closed({ from_ns: Ns, to_ns: Ns, alarms: Count })),
  flood_share: Type.Number({ description: 'Share of the time in an alarm flood, 0 to 1.' }),
  chattering: Type.Array(Closed({ alarm: Type.String(), transitions: Count, most_per_min: Count })),
  fleeting: Type.Array(Closed({ alarm: Type.String(), count: Count })),
  stale: Type.Array(Closed({ alarm: Type.String(), since_ns: Ns })),
  top: Type.Array(Closed({ alarm: Type.String(), count: Count, share: Count })),
  priorities: Closed({ critical: Count, high: Count, medium: Count, low: Count }),
  acknowledge: Closed({ count: Count, median_s: NumberOrNull, p95_s: NumberOrNull }),
  shelved: Type.Array(Closed({ alarm: Type.String(), since_ns: Ns, until_ns: Ns, by: Type.String() })),
  targets: Type.Record(Type.String(), Type.Number()),
})
export const JOURNAL_PAGE_MAX = 1000

const AlarmId = Closed({ id: Line(200) })
const WindowId = Closed({ id: Line(200) })
const tag = 'alarms'
const act = <const R extends Partial<ApiRoute>>(action: string, more: R) =>
  ({
    method: 'POST',
    path: `${PREFIX}/alarms/:id/${action}`,
    tag,
    params: AlarmId,
    answer: AlarmJson,
    refuses: [404, 409, 503],
    ...more,
  }) as const

export const ALARM_ROUTES = {
  alarms: {
    method: 'GET',
    path: `${PREFIX}/alarms`,
    access: 'read',
    tag,
    summary: 'Every alarm as it is now.',
    answer: Closed({ alarms: Type.Array(AlarmJson), now_ns: Ns }),
    csv: true,
  },
  acknowledge: act('acknowledge', {
    access: 'operator',
    summary: 'Acknowledges everything up to the occurrence that was seen.',
    body: AcknowledgeBody,
  }),
  comment: act('comment', { access: 'operator', summary: 'Adds words.', body: CommentBody }),
  reset: act('reset', {
    access: 'operator',
    summary: 'Lets go of a latched alarm whose condition has returned.',
    body: EtagBody,
  }),
  shelve: act('shelve', {
    access: 'operator',
    summary: 'Puts the alarm aside for a time.',
    body: ShelveBody,
    refuses: [404, 409, 503],
  }),
  unshelve: act('unshelve', { access: 'operator', summary: 'Ends the shelving.', body: EtagBody }),
  outOfService: act('out-of-service', {
    access: 'engineer',
    summary: 'Takes the alarm out of service.',
    body: OutOfServiceBody,
  }),
  returnToService: act('return-to-service', { access: 'engineer', summary: 'Ends it.', body: EtagBody }),
  explain: {
    method: 'GET',
    path: `${PREFIX}/alarms/:id/explain`,
    access: 'read',
    tag,
    summary: 'Everything that a person asks about one alarm.',
    params: AlarmId,
    answer: ExplainJson,
    refuses: [404],
  },
  groups: {
    method: 'GET',
    path: `${PREFIX}/alarm-groups`,
    access: 'read',
    tag,
    summary: 'Alarms with one cause, newest first.',
    query: Type.Object({ open: Type.Optional(Type.Boolean()) }),
    answer: Closed({ groups: Type.Array(AlarmGroupJson) }),
    csv: true,
  },
  quality: {
    method: 'GET',
    path: `${PREFIX}/alarm-quality`,
    access: 'read',
    tag,
    summary: 'Figures of ISA-18.2 / IEC 62682 for a span of time.',
    query: Type.Object({ from: InstantText, to: InstantText }),
    answer: AlarmQualityJson,
  },
  maintenance: {
    method: 'GET',
    path: `${PREFIX}/maintenance`,
    access: 'read',
    tag,
    summary: 'Maintenance windows.',
    answer: Closed({ windows: Type.Array(MaintenanceJson) }),
    csv: true,
  },
  planMaintenance: {
    method: 'POST',
    path: `${PREFIX}/maintenance`,
    access: 'engineer',
    tag,
    summary: 'Plans a window, or begins one.',
    body: MaintenanceBody,
    answer: MaintenanceJson,
    refuses: [409, 503],
  },
  endMaintenance: {
    method: 'POST',
    path: `${PREFIX}/maintenance/:id/end`,
    access: 'engineer',
    tag,
    summary: 'Ends a window.',
    params: WindowId,
    body: Nothing,
    answer: MaintenanceJson,
    refuses: [404, 409, 503],
  },
  journal: {
    method: 'GET',
    path: `${PREFIX}/journal`,
    access: 'read',
    tag,
    summary: 'The journal in the order in which it was written; pages by `after` or `before`, without them the newest.',
    query: Type.Object({
      after: Type.Optional(Type.Integer({ minimum: 0, description: 'Row number: entries behind it.' })),
      before: Type.Optional(Type.Integer({ minimum: 0, description: 'Row number: entries before it.' })),
      limit: Type.Integer({ minimum: 1, maximum: JOURNAL_PAGE_MAX, default: 100 }),
      from: Type.Optional(InstantText),
      to: Type.Optional(InstantText),
      alarm: Type.Optional(Line(200)),
      actor: Type.Optional(Line(200)),
      kind: Type.Optional(Line(64)),
    }),
    answer: Closed({ entries: Type.Array(JournalEntryJson) }),
    csv: true,
  },
} as const satisfies Record<string, ApiRoute>
