/**
 * What stands in a scenario file: a seeded timeline of what happens to the simulated devices of a site. One schema judges
 * it and gives the types; what the values mean together with a site is `check.ts`. Variants are chosen by key, never by
 * union, so that one mistake gives one message.
 */
import Type, { type Static } from 'typebox'
import { ID_PATTERN } from '../../domain/ids.ts'

const closed = { additionalProperties: false } as const
const Id = (description: string) => Type.String({ pattern: ID_PATTERN, description })
const Text = (description: string, maxLength = 200) => Type.String({ minLength: 1, maxLength, description })
const Above0 = (description: string, maximum?: number) =>
  Type.Number({ exclusiveMinimum: 0, ...(maximum !== undefined && { maximum }), description })
const Seconds = (description: string) => Above0(description, 1800)

const Play = Type.Object(
  {
    recording: Id('Name of a record in recordings/.'),
    from: Type.Optional(
      Type.String({ description: 'First instant played, ISO 8601; default the start of the record.' }),
    ),
    to: Type.Optional(Type.String({ description: 'Last instant played, ISO 8601; default its end.' })),
    scale: Type.Optional(Above0('Every value times this.', 1000)),
    scale_pga_m_s2: Type.Optional(Above0('Scales so that the strongest horizontal axis peaks here [m/s²].', 50)),
  },
  { ...closed, description: 'The device shows this record as it stands.' },
)

const Earthquake = Type.Object(
  {
    magnitude: Type.Optional(
      Type.Number({ minimum: 4, maximum: 8, description: 'Moment magnitude of a made motion.' }),
    ),
    distance_km: Type.Optional(Type.Number({ minimum: 1, maximum: 200, description: 'Distance to the rupture [km].' })),
    recording: Type.Optional(Id('A recorded ground motion in place of a made one.')),
    from: Type.Optional(Type.String({ description: 'First instant of the record, ISO 8601.' })),
    to: Type.Optional(Type.String({ description: 'Last instant of the record, ISO 8601.' })),
    pga_m_s2: Type.Optional(Above0('Peak of the stronger horizontal axis of the ground [m/s²].', 50)),
  },
  {
    ...closed,
    description: 'The ground shakes; buildings answer on each floor. Magnitude and distance, or a recording.',
  },
)

const Rain = Type.Object(
  {
    at_h: Type.Number({ minimum: 0, maximum: 96, default: 0, description: 'Start after the start of the storm [h].' }),
    total_mm: Above0('Depth [mm].', 3000),
    duration_h: Above0('Length [h].', 96),
    peak: Type.Number({
      minimum: 0,
      maximum: 1,
      default: 0.5,
      description: 'Where its peak stands, share of its length.',
    }),
    unevenness: Type.Number({ minimum: 0, maximum: 1, default: 0.3, description: 'How much single steps differ.' }),
  },
  { ...closed, description: 'One band of rain.' },
)

const Flood = Type.Object(
  {
    rain: Type.Array(Rain, { minItems: 1, maxItems: 20, description: 'Bands of rain; they add up.' }),
    gauges: Type.Optional(
      Type.Array(Id('A simulated gauge.'), {
        minItems: 1,
        description: "Gauges down the river; default every simulated gauge in the site's order.",
      }),
    ),
    crest_m: Type.Optional(
      Above0('Stage of the crest [m]; default 1.15 x the highest named level, 3 m without levels.'),
    ),
    area_km2: Type.Number({ minimum: 0.1, maximum: 10_000, default: 14, description: 'Area that drains there [km²].' }),
    curve_number: Type.Number({ minimum: 30, maximum: 98, default: 85, description: 'SCS curve number.' }),
    tc_h: Type.Number({ minimum: 0.25, maximum: 48, default: 1, description: 'Time of concentration [h].' }),
    baseflow_m3_s: Type.Number({
      minimum: 0.01,
      maximum: 1000,
      default: 0.5,
      description: 'Flow before the rain [m³/s].',
    }),
    lag_h: Type.Number({
      minimum: 0.1,
      maximum: 24,
      default: 0.5,
      description: 'From one gauge to the next one down [h].',
    }),
  },
  { ...closed, description: 'A storm over a catchment, seen by the gauges on its river.' },
)

const Size = (what: string) => ({
  stage_m: Type.Optional(Type.Number({ minimum: -100, maximum: 100, description: `${what} of a gauge [m].` })),
  acceleration_m_s2: Type.Optional(
    Type.Number({ minimum: -50, maximum: 50, description: `${what} of an accelerometer, every axis [m/s²].` }),
  ),
})
const Stuck = Type.Object(
  { for_s: Seconds('How long [s].') },
  { ...closed, description: 'The sensor goes on showing the value it had.' },
)
const Spike = Type.Object(Size('Height'), {
  ...closed,
  description: 'One value (a second of a gauge, a sample) too high.',
})
const Drift = Type.Object(
  { for_s: Seconds('How long [s]; then it is back.'), ...Size('How far it has gone at the end') },
  { ...closed, description: 'The value walks away evenly.' },
)

export const FAULT_KINDS = [
  'hang',
  'close',
  'nan',
  'invalid-code',
  'status',
  'truncate',
  'short',
  'wrong-transaction',
  'wrong-crc',
  'wrong-unit',
  'exception',
  'delay',
] as const
const FaultStep = Type.Object(
  {
    kind: Type.Enum([...FAULT_KINDS], { description: '`hang` is a dropout: no answer.' }),
    for_s: Seconds('How long [s].'),
    code: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 11, description: 'Modbus exception of `exception`; default 4.' }),
    ),
    delay_ms: Type.Optional(Type.Integer({ minimum: 1, maximum: 60_000, description: 'Of `delay`; default 500 ms.' })),
  },
  { ...closed, description: 'What the device does wrong, in its registers or on the wire.' },
)

const KINDS = ['gauge', 'accelerometer'] as const
const Step = Type.Object(
  {
    at_s: Type.Number({ minimum: 0, maximum: 1800, description: 'When, after the start of the round [s].' }),
    note: Type.Optional(Text('What a person sees.')),
    device: Type.Optional(Id('A simulated device of the site.')),
    first: Type.Optional(
      Type.Enum([...KINDS], { description: 'The first simulated one of the site in place of `device`.' }),
    ),
    every: Type.Optional(
      Type.Enum([...KINDS], { description: 'All simulated ones of the site in place of `device`.' }),
    ),
    structure: Type.Optional(Id('`earthquake` shakes this structure alone; default the whole site.')),
    play: Type.Optional(Play),
    earthquake: Type.Optional(Earthquake),
    flood: Type.Optional(Flood),
    stuck: Type.Optional(Stuck),
    spike: Type.Optional(Spike),
    drift: Type.Optional(Drift),
    fault: Type.Optional(FaultStep),
    restart: Type.Optional(Type.Object({}, { ...closed, description: 'Power off and on: `restart: {}`.' })),
  },
  closed,
)

const BuildingOf = Type.Object(
  {
    structure: Id('A structure of the site.'),
    storeys: Type.Integer({ minimum: 1, maximum: 60, description: 'Storeys above ground.' }),
    frequency_hz: Type.Optional(Above0('First natural frequency [Hz]; default 10 / storeys.', 20)),
    damping: Type.Number({ minimum: 0.001, maximum: 0.3, default: 0.05, description: 'Share of critical.' }),
  },
  closed,
)

export const ScenarioSchema = Type.Object(
  {
    name: Id('Id of the scenario.'),
    description: Text('What happens and what a person should see.', 1000),
    seed: Type.Integer({ minimum: 0, maximum: 2 ** 32 - 1, default: 1, description: 'Same seed, same registers.' }),
    loop: Type.Boolean({ default: true, description: 'Again and again, or once and then calm.' }),
    duration_s: Type.Integer({ minimum: 10, maximum: 1800, description: 'Length of a round [s].' }),
    water_time_scale: Type.Number({
      minimum: 1,
      maximum: 3600,
      default: 1,
      description: 'Device seconds of every gauge per real second, so that a flood of hours passes in minutes.',
    }),
    ambient_m_s2: Type.Number({
      minimum: 0,
      maximum: 0.1,
      default: 0.0005,
      description: 'RMS of the calm ground [m/s²].',
    }),
    buildings: Type.Array(BuildingOf, { default: [], description: 'Default: a storey per 3.5 m of the site file.' }),
    timeline: Type.Array(Step, { default: [], maxItems: 500, description: 'What happens, any order.' }),
  },
  { ...closed, title: 'Plumbline scenario' },
)
export type ScenarioFile = Static<typeof ScenarioSchema>
export type ScenarioStep = ScenarioFile['timeline'][number]

/** What a step may do: exactly one of these keys. */
export const ACTIONS = ['play', 'earthquake', 'flood', 'stuck', 'spike', 'drift', 'fault', 'restart'] as const
export type Action = (typeof ACTIONS)[number]
export const actionsOf = (step: ScenarioStep): Action[] => ACTIONS.filter((key) => step[key] !== undefined)
