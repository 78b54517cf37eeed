/**
 * What stands in a scenario file: a seeded timeline of what happens to the simulated devices of a site. The schema judges it
 * and gives the types, its actions in `schema-*.ts`; what the values mean together with a site is `check.ts`. Variants are
 * chosen by key, never by union, so that one mistake gives one message.
 */
import Type, { type Static } from 'typebox'
import { KINDS } from './kinds.ts'
import { Drift, FaultStep, Spike, Stuck, Uplink, Wire } from './schema-faults.ts'
import { Above0, closed, Id, Text } from './schema-parts.ts'
import { BuildingOf, Damage, Earthquake } from './schema-shaking.ts'
import { Flood, Pond, Tide } from './schema-water.ts'

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

const Step = Type.Object(
  {
    at_s: Type.Number({ minimum: 0, maximum: 1800, description: 'When, after the start of the round [s].' }),
    note: Type.Optional(Text('What a person sees.')),
    device: Type.Optional(Id('A simulated device of the site.')),
    first: Type.Optional(
      Type.Enum([...KINDS, 'link'], {
        description: 'The first simulated one of the site in place of `device`; `link` beside `wire`.',
      }),
    ),
    every: Type.Optional(
      Type.Enum([...KINDS, 'link'], {
        description: 'All simulated ones of the site in place of `device`; `link` beside `wire`.',
      }),
    ),
    link: Type.Optional(Text('`<node>/<link>`: the wire of these simulated devices, beside `wire`.')),
    node: Type.Optional(Id('The edge node whose `uplink` it is; default every one.')),
    structure: Type.Optional(
      Id('`earthquake` shakes and `damage` hurts this structure alone; default the whole site.'),
    ),
    play: Type.Optional(Play),
    earthquake: Type.Optional(Earthquake),
    damage: Type.Optional(Damage),
    flood: Type.Optional(Flood),
    tide: Type.Optional(Tide),
    pond: Type.Optional(Pond),
    stuck: Type.Optional(Stuck),
    spike: Type.Optional(Spike),
    drift: Type.Optional(Drift),
    fault: Type.Optional(FaultStep),
    wire: Type.Optional(Wire),
    uplink: Type.Optional(Uplink),
    restart: Type.Optional(Type.Object({}, { ...closed, description: 'Power off and on: `restart: {}`.' })),
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
export const ACTIONS = [
  'play',
  'earthquake',
  'damage',
  'flood',
  'tide',
  'pond',
  'stuck',
  'spike',
  'drift',
  'fault',
  'wire',
  'uplink',
  'restart',
] as const
export type Action = (typeof ACTIONS)[number]
export const actionsOf = (step: ScenarioStep): Action[] => ACTIONS.filter((key) => step[key] !== undefined)
/** Length of what lasts [s]; 0 of what happens at once or has its own length. */
export const lasts_s = ({ stuck, drift, fault, wire, uplink }: ScenarioStep): number =>
  (stuck ?? drift ?? fault ?? wire ?? uplink)?.for_s ?? 0
