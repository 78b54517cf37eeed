/**
 * The site file: what is watched, by which devices, through which nodes, and what raises an alarm. One schema validates,
 * gives the types, and generates `site.schema.json` and the reference. Reading and judging a file is `site-load.ts`.
 * Variants are chosen by key (`tcp: {...}`), never by union, so that one mistake gives one message.
 */
import Type, { type Static } from 'typebox'
import { ID_PATTERN } from './ids.ts'
import { SiteAlarms } from './site-alarms.ts'
import { SiteBroker } from './site-broker.ts'
import { SiteArea, SiteCap } from './site-cap.ts'
import { SiteDesk } from './site-desk.ts'
import { Door } from './site-door.ts'
import { SiteLimit } from './site-limit.ts'
import { SiteMirror } from './site-mirror.ts'
import { NodeSchema } from './site-node.ts'
import { SiteNotices } from './site-notices.ts'

const closed = { additionalProperties: false } as const
const Id = (description: string) => Type.String({ pattern: ID_PATTERN, description })
const Text = (description: string) => Type.String({ minLength: 1, maxLength: 200, description })

const Floor = Type.Object(
  {
    id: Id('Id of the floor.'),
    name: Text('Name people use.'),
    height_m: Type.Number({ description: 'Height above ground [m].' }),
  },
  closed,
)
const Structure = Type.Object(
  {
    id: Id('Id of the structure.'),
    name: Text('Name people use.'),
    kind: Type.Enum(['building', 'bridge', 'tower'], { description: 'What stands there.' }),
    floors: Type.Array(Floor, { minItems: 1, description: 'From the ground up.' }),
    area: Type.Optional(SiteArea),
  },
  closed,
)

export const SEVERITIES = ['action', 'minor', 'moderate', 'major'] as const
const WaterLevel = Type.Object(
  {
    id: Id('Id of the level, unique in its water.'),
    name: Text('Name of the level, e.g. "Level 1 (red)".'),
    stage: Type.Number({ description: 'Stage above gauge datum, in `unit` of the water.' }),
    severity: Type.Enum([...SEVERITIES], { description: 'Order and colour of the level.' }),
    meaning: Text('What it means nearby: who does what.'),
  },
  closed,
)
const Water = Type.Object(
  {
    id: Id('Id of the water.'),
    name: Text('Name people use.'),
    kind: Type.Enum(['river', 'basin', 'drain', 'sea'], { description: 'What water it is.' }),
    datum: Text('What stage zero is.'),
    unit: Type.Enum(['m', 'cm', 'ft'], { default: 'm', description: 'Unit of `levels[].stage`.' }),
    gauge: Type.String({ description: 'Channel that gives the stage, e.g. `dead-run/stage`.' }),
    levels: Type.Array(WaterLevel, { default: [], description: 'Named levels, any order.' }),
    zero: Type.Optional(
      Type.Object(
        {
          elevation: Type.Number({ description: 'Elevation of stage zero, in `unit` of the water.' }),
          above: Text('The vertical datum it is above, e.g. TWVD2001.'),
        },
        { ...closed, description: 'Where stage zero lies; with it the console shows elevations as well.' },
      ),
    ),
    upstream: Type.Optional(
      Type.Array(Id('Id of another water.'), { description: 'Waters gauged upstream of this one, nearest first.' }),
    ),
    area: Type.Optional(SiteArea),
  },
  closed,
)

const KeptDays = (days: number, description: string) =>
  Type.Number({ minimum: 0, maximum: 36_525, default: days, description })

export const SiteSchema = Type.Object(
  {
    site: Id('Id of the site; the Sparkplug group.'),
    name: Text('Name people use.'),
    time_zone: Type.String({ default: 'UTC', description: 'IANA time zone of the site, e.g. Asia/Taipei.' }),
    structures: Type.Array(Structure, { default: [] }),
    waters: Type.Array(Water, { default: [] }),
    nodes: Type.Array(NodeSchema, { minItems: 1 }),
    limits: Type.Array(SiteLimit, { default: [] }),
    broker: SiteBroker,
    store: Type.Object(
      {
        influx: Type.Optional(
          Type.Object(
            {
              url: Type.String({ pattern: '^https?://', description: 'Base address, e.g. http://127.0.0.1:8086.' }),
              database: Type.String({
                pattern: '^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$',
                default: 'plumbline',
                description: 'Database X; waveforms go to X/raw, exercises to X-exercise and X-exercise/raw.',
              }),
              user: Type.Optional(Text('User name (InfluxDB 1.x).')),
              password_file: Type.Optional(Text('File with the password; never the password itself.')),
              token_file: Type.Optional(Text('File with the API token (InfluxDB 2.x and 3.x).')),
              org: Type.Optional(Text('Organization (InfluxDB 2.x); needed only where the token sees several.')),
              keep_days: Type.Optional(
                Type.Integer({
                  minimum: 1,
                  maximum: 36_500,
                  description:
                    'Readings and gaps are kept so long where Plumbline makes the database; default for ever.',
                }),
              ),
              keep_raw_days: Type.Optional(
                Type.Integer({
                  minimum: 1,
                  maximum: 36_500,
                  description: 'The same of waveforms and blocks.',
                }),
              ),
            },
            { ...closed, description: 'Series go to InfluxDB instead of the embedded store.' },
          ),
        ),
        retention: Type.Object(
          {
            blocks_d: KeptDays(30, 'Waveforms [d].'),
            events_d: KeptDays(3653, 'Waveforms around readings of their device beyond a limit of the site [d].'),
            readings_d: KeptDays(731, 'Single readings [d].'),
            rollups_d: KeptDays(0, 'Least, mean and greatest of each minute and hour [d].'),
          },
          { ...closed, default: {}, description: 'How long the embedded store keeps series; 0 is for ever.' },
        ),
      },
      {
        ...closed,
        default: {},
        description: 'Where series are kept, and how long; default the embedded store in the data folder.',
      },
    ),
    ingest: Type.Object(
      {
        foreign: Type.Array(Type.String({ pattern: '^[^/+#]{1,128}$' }), {
          maxItems: 256,
          default: [],
          description:
            'Sparkplug nodes of the group that are none of `nodes` and are stored too, or `*` for all; what of them is lost on the way nobody sends again.',
        }),
        metrics: Door('ingest'),
      },
      { ...closed, default: {}, description: 'What brings readings and waveforms into the store.' },
    ),
    alarms: SiteAlarms,
    desk: SiteDesk,
    mirror: Type.Optional(SiteMirror),
    sim: Type.Optional(
      Type.Object({ metrics: Door('the simulator') }, { ...closed, description: 'The simulator of this site.' }),
    ),
    notices: Type.Optional(SiteNotices),
    cap: Type.Optional(SiteCap),
  },
  { ...closed, title: 'Plumbline site file' },
)
export type SiteFile = Static<typeof SiteSchema>
export type SiteNode = SiteFile['nodes'][number]
export type SiteLink = SiteNode['links'][number]
export type SiteDevice = SiteLink['devices'][number]
export type SiteWater = SiteFile['waters'][number]
export type SiteStructure = SiteFile['structures'][number]
