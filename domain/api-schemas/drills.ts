/** Drills, commands to the field, and the simulator. */
import Type from 'typebox'
import { DRILL_MAX_H } from '../drill.ts'
import type { PlayStatus, ScenarioStatus, SimulatorStatus, Steer, WireStatus } from '../simulator-control.ts'
import type { WireFaults } from '../wire-faults.ts'
import { Closed, Line, Nothing, Ns, NsOrNull, Nullable, NumberOrNull, TextOrNull } from './common.ts'
import { type ApiRoute, PREFIX } from './route.ts'
import { RuleJson } from './site.ts'

const NAME_MAX = 100
/** A scenario is a short file. */
const SCENARIO_MAX = 256 * 1024

const DRILL_MAX_MIN = DRILL_MAX_H * 60
const Id = Line(160)
const Name = Line(NAME_MAX)

export const ScenarioRequest = Closed({
  name: Type.Optional(Name),
  text: Type.Optional(Line(SCENARIO_MAX)),
  seed: Type.Optional(Type.Integer({ minimum: 0, maximum: 2 ** 32 - 1 })),
})
export const DrillStartBody = Closed({
  name: Name,
  owner: Type.String({ minLength: 1, maxLength: NAME_MAX, description: 'Who answers for it.' }),
  recipients: Type.Optional(Type.Array(Name, { maxItems: 200, description: 'Who would be told; nobody else is.' })),
  scenario: ScenarioRequest,
  shadows: Type.Optional(
    Type.Array(Name, {
      maxItems: 200,
      description: 'Real devices that get a shadow; simulated devices take part as they are.',
    }),
  ),
  max_minutes: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: DRILL_MAX_MIN })),
})
export const DrillJson = Closed({
  id: Type.String(),
  name: Type.String(),
  owner: Type.String(),
  recipients: Type.Array(Type.String()),
  scenario: Closed(
    { name: TextOrNull, seed: NumberOrNull },
    { description: 'As the simulator plays it; null: not known (yet).' },
  ),
  shadows: Type.Array(Type.String()),
  status: Type.Enum(['starting', 'running', 'ended', 'failed'], {
    description: '`starting`: until the simulator plays and every edge node concerned has said that it takes part.',
  }),
  started_by: Type.String(),
  started_ns: Ns,
  until_ns: Type.String({ description: 'Then it ends by itself.' }),
  ended_ns: NsOrNull,
  ended_by: TextOrNull,
  why: Type.Union([Type.String(), Type.Null()], {
    description: 'Why it failed or ended, or what stands in its way now.',
  }),
})
export const DrillOccurrenceJson = Closed({
  alarm: Type.String(),
  limit_id: Type.String(),
  name: Type.String(),
  channel: Type.String(),
  occurrence: Type.Integer(),
  onset_ns: Ns,
  late: Type.Boolean({ description: 'Began and ended before the desk learned of it.' }),
  told_after_s: Type.Union([Type.Number(), Type.Null()], { description: 'From the onset; null: nobody was told [s].' }),
  acknowledged: Nullable(
    Closed({ by: Type.String(), after_s: Type.Number({ description: 'From being told [s].' }), comment: TextOrNull }),
  ),
  comments: Type.Array(Closed({ at_ns: Ns, by: Type.String(), text: Type.String() })),
  returned_ns: NsOrNull,
  peak: NumberOrNull,
  limit: Type.Number(),
  unit: Type.String(),
  kind: Type.String(),
  rule: Nullable(RuleJson),
})
export const DrillReportJson = Closed({
  drill: Closed({ id: Type.String(), name: Type.String() }),
  occurrences: Type.Array(DrillOccurrenceJson),
  summary: Closed({
    raised: Type.Number(),
    told: Type.Number(),
    acknowledged: Type.Number(),
    not_acknowledged: Type.Number(),
    ack_median_s: NumberOrNull,
    ack_longest_s: NumberOrNull,
  }),
  real: Closed(
    {
      count: Type.Number(),
      alarms: Type.Array(
        Closed({ alarm: Type.String(), name: Type.String(), occurrence: Type.Integer(), onset_ns: Ns }),
      ),
    },
    { description: 'Real alarms that came meanwhile: no part of the drill.' },
  ),
  complete: Type.Boolean({ description: 'False while it runs, and where there was more than can be listed.' }),
})

export const WriteCommand = Closed({ kind: Type.Literal('write'), device: Id, metric: Id, value: Type.Number() })
export const SilenceCommand = Closed({ kind: Type.Literal('silence'), output: Id })
export const CommandBody = Type.Union([WriteCommand, SilenceCommand], {
  description: 'Writes a `writable` point [unit of the model] (engineer), or silences a local output (operator).',
})
export const CommandJson = Closed({
  id: Type.String(),
  node: Type.String(),
  asked: CommandBody,
  by: Type.String(),
  asked_ns: Ns,
  answered_ns: Type.Union([Ns, Type.Null()], { description: 'Null: the node did not answer in time.' }),
  outcome: Type.Enum(['done', 'refused', 'unanswered']),
  detail: Type.String(),
})

const Chance = Type.Optional(Type.Number({ minimum: 0, maximum: 1 }))
export const PlayBody = Closed({
  as: Type.Union([Id, Type.Record(Type.String({ minLength: 1, maxLength: 200 }), Id)]),
  files: Type.Array(Closed({ name: Line(255), base64: Type.String() }), { maxItems: 1000 }),
  recording: Type.Optional(Id),
  speed: Type.Optional(Type.Number({ minimum: 0.1, maximum: 100 })),
  scale: Type.Optional(Type.Number()),
  scale_pga_m_s2: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
  start_s: Type.Optional(Type.Number({ minimum: 0 })),
  loop: Type.Optional(Type.Boolean()),
  unit: Type.Optional(Id),
  dt_s: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
})
export const SteerBody = Closed({
  play: Id,
  action: Type.Unsafe<Steer['action']>(Type.Enum(['pause', 'resume', 'stop', 'seek'])),
  position_s: Type.Optional(Type.Number({ minimum: 0 })),
})
export const ScenarioBody = Type.Union([ScenarioRequest, Closed({ stop: Type.Literal(true) })])
const Faults = Closed({
  delay: Type.Optional(
    Closed({ chance: Chance, ms: Type.Number({ minimum: 0 }), jitter_ms: Type.Optional(Type.Number({ minimum: 0 })) }),
  ),
  drop: Chance,
  truncate: Chance,
  duplicate: Chance,
  misnumber: Chance,
  corrupt: Chance,
  reorder: Chance,
  way: Type.Optional(Type.Enum(['requests', 'replies'])),
  units: Type.Optional(Type.Array(Type.Integer({ minimum: 0, maximum: 255 }), { maxItems: 256 })),
})
export const WireBody = Closed({ node: Id, link: Id, faults: Type.Unsafe<WireFaults>(Faults) })
export const FaultBody = Closed({
  device: Id,
  kind: Id,
  code: Type.Optional(Type.Integer({ minimum: 0, maximum: 65_535 })),
  delay_ms: Type.Optional(Type.Number({ minimum: 0 })),
})
const Texts = Type.Array(Type.String())
export const PlayStatusJson = Type.Unsafe<PlayStatus>(
  Closed({
    id: Type.String(),
    name: Type.String(),
    devices: Texts,
    state: Type.Enum(['playing', 'paused', 'ended']),
    position_s: Type.Number(),
    length_s: Type.Number(),
    speed: Type.Number(),
    loop: Type.Boolean(),
    left_out: Type.Optional(Texts),
    notes: Type.Optional(Texts),
  }),
)
export const ScenarioStatusJson = Type.Unsafe<ScenarioStatus>(
  Closed({
    name: Type.String(),
    description: Type.String(),
    seed: Type.Number(),
    position_s: Type.Number(),
    duration_s: Type.Number(),
    round: Type.Integer(),
    loop: Type.Boolean(),
    skipped: Texts,
    notes: Type.Optional(Texts),
  }),
)
export const WireStatusJson = Type.Unsafe<WireStatus>(
  Closed({
    node: Type.String(),
    link: Type.String(),
    faults: Faults,
    counts: Type.Record(Type.String(), Type.Number()),
  }),
)
export const SimulatorStatusJson = Type.Unsafe<SimulatorStatus>(
  Closed({
    devices: Type.Array(Closed({ id: Type.String(), model: Type.String(), fault: Type.String() })),
    plays: Type.Array(PlayStatusJson),
    scenario: Nullable(ScenarioStatusJson),
    wires: Type.Array(WireStatusJson),
    drill: TextOrNull,
  }),
)

const DrillId = Closed({ id: Line(200) })
const drills = 'drills'
const tag = 'simulator'
export const DRILL_ROUTES = {
  drills: {
    method: 'GET',
    path: `${PREFIX}/drills`,
    access: 'read',
    tag: drills,
    summary: 'Drills, newest first, at most 200.',
    answer: Closed({ drills: Type.Array(DrillJson) }),
    csv: true,
  },
  drill: {
    method: 'GET',
    path: `${PREFIX}/drills/:id`,
    access: 'read',
    tag: drills,
    summary: 'A drill and what people did in it.',
    params: DrillId,
    answer: Closed({ drill: DrillJson, report: DrillReportJson }),
    refuses: [404],
  },
  startDrill: {
    method: 'POST',
    path: `${PREFIX}/drills`,
    access: 'operator',
    tag: drills,
    summary: 'Starts a drill.',
    body: DrillStartBody,
    answer: DrillJson,
    refuses: [409, 503],
  },
  endDrill: {
    method: 'POST',
    path: `${PREFIX}/drills/:id/end`,
    access: 'operator',
    tag: drills,
    summary: 'Ends a drill.',
    params: DrillId,
    body: Nothing,
    answer: DrillJson,
    refuses: [404, 409, 503],
  },
  command: {
    method: 'POST',
    path: `${PREFIX}/commands`,
    access: 'operator',
    tag: 'commands',
    summary: 'Has an edge node write a point or silence an output; answered once the node has done it.',
    body: CommandBody,
    answer: CommandJson,
    refuses: [404, 409, 503],
  },
  simulator: {
    method: 'GET',
    path: `${PREFIX}/simulator`,
    access: 'viewer',
    tag,
    summary: 'What the simulator plays.',
    answer: SimulatorStatusJson,
    refuses: [503],
  },
  play: {
    method: 'POST',
    path: `${PREFIX}/simulator/play`,
    access: 'engineer',
    tag,
    summary: 'Plays a recording as a simulated device.',
    body: PlayBody,
    answer: PlayStatusJson,
    refuses: [409, 503],
  },
  steer: {
    method: 'POST',
    path: `${PREFIX}/simulator/steer`,
    access: 'engineer',
    tag,
    summary: 'Pauses, resumes, seeks or stops what plays.',
    body: SteerBody,
    answer: PlayStatusJson,
    refuses: [409, 503],
  },
  scenario: {
    method: 'POST',
    path: `${PREFIX}/simulator/scenario`,
    access: 'engineer',
    tag,
    summary: 'Starts a scenario, or stops it.',
    body: ScenarioBody,
    answer: Type.Union([ScenarioStatusJson, Nothing]),
    refuses: [409, 503],
  },
  wire: {
    method: 'POST',
    path: `${PREFIX}/simulator/wire`,
    access: 'engineer',
    tag,
    summary: 'Spoils a wire, or mends it.',
    body: WireBody,
    answer: WireStatusJson,
    refuses: [409, 503],
  },
  fault: {
    method: 'POST',
    path: `${PREFIX}/simulator/fault`,
    access: 'engineer',
    tag,
    summary: 'Makes a simulated device fail, or work again.',
    body: FaultBody,
    answer: Nothing,
    refuses: [409, 503],
  },
} as const satisfies Record<string, ApiRoute>
