/** The site, its devices and their newest readings. */
import Type from 'typebox'
import type { Limit } from '../condition.ts'
import type { Flag } from '../reading.ts'
import { type Quantity, SI_UNIT } from '../units.ts'
import { Closed, Ns, NsOrNull, Nullable, NumberOrNull, TextOrNull } from './common.ts'
import { type ApiRoute, PREFIX } from './route.ts'

export const FlagNumber = Type.Unsafe<Flag>(Type.Enum([1, 2, 3, 4, 9]))
export const PriorityName = Type.Enum(['critical', 'high', 'medium', 'low'])
export const RuleJson = Closed({ en: Type.String(), 'zh-TW': Type.String() })

export const LimitParametersJson = Closed({
  low: Type.Optional(Type.Number()),
  window_s: Type.Optional(Type.Number()),
  target: Type.Optional(Type.Number()),
  channel: Type.Optional(Type.String()),
  pair_s: Type.Optional(Type.Number()),
  limits: Type.Optional(Type.Array(Type.String())),
  within_s: Type.Optional(Type.Number()),
  output: Type.Optional(Type.String()),
})
export const LimitJson = Type.Unsafe<Limit>(
  Closed({
    id: Type.String(),
    name: Type.String(),
    channel: Type.String(),
    direction: Type.Enum(['above', 'below']),
    limit: Type.Number(),
    deadband: Type.Number(),
    on_delay_s: Type.Number(),
    off_delay_s: Type.Number(),
    unit: Type.String(),
    priority: PriorityName,
    latch: Type.Boolean(),
    kind: Type.Optional(Type.String()),
    parameters: Type.Optional(LimitParametersJson),
  }),
)
export const LevelJson = Closed({
  id: Type.String(),
  name: Type.String(),
  stage_m: Type.Number(),
  severity: Type.String(),
  meaning: Type.String(),
})
export const WaterJson = Closed({
  id: Type.String(),
  name: Type.String(),
  kind: Type.String(),
  datum: Type.String(),
  gauge: Type.String(),
  levels: Type.Array(LevelJson),
  zero: Type.Optional(
    Closed(
      { elevation_m: Type.Number(), above: Type.String() },
      { description: 'Where stage zero lies above a vertical datum, where the site file says it.' },
    ),
  ),
  upstream: Type.Optional(
    Type.Array(Type.String(), { description: 'Ids of waters gauged upstream of this one, nearest first.' }),
  ),
})
export const StructureJson = Closed({
  id: Type.String(),
  name: Type.String(),
  kind: Type.String(),
  floors: Type.Array(Closed({ id: Type.String(), name: Type.String(), height_m: Type.Number() })),
})
export const SiteJson = Closed({
  site: Type.String(),
  name: Type.String(),
  time_zone: Type.String(),
  exercise: Type.Boolean({ description: 'True where any device is simulated: everything is then marked EXERCISE.' }),
  hash: Type.String(),
  software: Type.String(),
  structures: Type.Array(StructureJson),
  waters: Type.Array(WaterJson),
  limits: Type.Array(LimitJson),
})
export const ChannelJson = Closed({
  id: Type.String(),
  metric: Type.String(),
  quantity: Type.Unsafe<Quantity>(Type.Enum(Object.keys(SI_UNIT))),
  unit: Type.String(),
  kind: Type.Enum(['point', 'measure', 'axis']),
  range: Type.Union([Closed({ low: Type.Number(), high: Type.Number() }), Type.Null()], {
    description: 'What the sensor can measure, where its model says.',
  }),
})
export const DeviceStateName = Type.Enum(['online', 'offline', 'unknown'], {
  description: '`unknown`: the desk has not heard of it since it started, or its node is away.',
})
export const DeviceJson = Closed({
  id: Type.String(),
  name: Type.String(),
  node: Type.String(),
  model: Type.String(),
  floor: TextOrNull,
  simulated: Type.Boolean(),
  time_scale: Type.Number(),
  poll_ms: Type.Number(),
  state: DeviceStateName,
  since_ns: NsOrNull,
  reason: TextOrNull,
  last_ns: Type.Union([Ns, Type.Null()], { description: 'Newest instant of any channel; null: nothing yet.' }),
  stale_after_ms: Type.Number({ description: 'A channel older than this is stale (3 polls, at least 3 s).' }),
  channels: Type.Array(ChannelJson),
})
export const NodeJson = Closed({
  id: Type.String(),
  state: DeviceStateName,
  since_ns: NsOrNull,
  reason: TextOrNull,
  site_hash_agrees: Nullable(Type.Boolean()),
})
export const ReadingJson = Closed({
  channel: Type.String(),
  value: NumberOrNull,
  t_ns: Ns,
  flag: FlagNumber,
  reason: TextOrNull,
  detail: TextOrNull,
  exercise: Type.Boolean(),
})

export const SiteFileJson = Closed({
  path: Type.String({ description: 'As the desk was started with.' }),
  text: Type.String({
    description: 'The file as it is written now: `${NAME}` stands for itself, files with secrets are only named.',
  }),
  hash: Nullable(Type.String({ description: 'Hash of the site that it describes; null where it has mistakes.' })),
  running: Type.Boolean({ description: 'True where the desk runs on exactly this text.' }),
  running_hash: Type.String({ description: 'Hash of the site that the desk runs on.' }),
  summary: Nullable(Type.String({ description: 'What it describes; null where it has mistakes.' })),
  mistakes: Type.Array(
    Closed({
      line: Type.Integer({ description: 'From 1.' }),
      path: Type.String(),
      expected: Type.String(),
      got: Type.String(),
    }),
    { description: 'What `./plumbline check` says, in the order of the lines; none where the file is right.' },
  ),
})

const tag = 'site'
export const SITE_ROUTES = {
  site: {
    method: 'GET',
    path: `${PREFIX}/site`,
    access: 'read',
    tag,
    summary: 'The site file as people see it.',
    answer: SiteJson,
  },
  siteFile: {
    method: 'GET',
    path: `${PREFIX}/site/file`,
    access: 'engineer',
    tag,
    summary: 'The site file as it is written now, and what a check of it says.',
    answer: SiteFileJson,
    refuses: [404, 503],
  },
  devices: {
    method: 'GET',
    path: `${PREFIX}/devices`,
    access: 'read',
    tag,
    summary: 'Every device with its channels and state.',
    answer: Closed({ devices: Type.Array(DeviceJson) }),
    csv: true,
  },
  latest: {
    method: 'GET',
    path: `${PREFIX}/readings/latest`,
    access: 'read',
    tag,
    summary: 'The newest reading of every channel.',
    answer: Closed({ readings: Type.Array(ReadingJson) }),
    csv: true,
  },
} as const satisfies Record<string, ApiRoute>
