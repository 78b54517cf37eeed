/**
 * The part of a site file about alarms at the desk: how long they may be put aside, when they annunciate again, which
 * alarms the desk raises by itself about the line, and what their quality is measured against.
 */
import Type, { type Static } from 'typebox'
import { PRIORITIES } from './condition.ts'
import { ID_PATTERN } from './ids.ts'
import { UNITS } from './units.ts'

const closed = { additionalProperties: false } as const
const Seconds = (value: number, description: string) =>
  Type.Number({ minimum: 0, maximum: 604_800, default: value, description })
const Minutes = (value: number, description: string) =>
  Type.Number({ minimum: 0, maximum: 525_600, default: value, description })
const PriorityKey = Type.Enum([...PRIORITIES], { description: PRIORITIES.join(', ') })

/** One of the desk's own alarms. A delay is wall time: the desk has no other for what it watches. */
const Own = (
  priority: (typeof PRIORITIES)[number] | 'off',
  after_s: number,
  clear_after_s: number,
  description: string,
) =>
  Type.Object(
    {
      priority: Type.Enum([...PRIORITIES, 'off'], { default: priority, description: '`off`: never raised.' }),
      after_s: Seconds(after_s, 'Raised when it has held for so long [s].'),
      clear_after_s: Seconds(clear_after_s, 'Over when it has not held for so long [s].'),
    },
    { ...closed, default: {}, description },
  )

export const OWN_ALARMS = {
  edge_offline: Own('high', 30, 5, 'An edge node is away: all that it would tell is unknown.'),
  device_silent: Own('medium', 60, 10, 'A device does not answer although its edge node is there.'),
  data_suspect: Own('low', 300, 60, 'A channel gives values that fail their quality tests or are suspect.'),
  data_stale: Own('medium', 60, 10, 'A channel gives nothing new although its device is online.'),
  site_differs: Own('high', 30, 5, 'An edge node runs on another site file than the desk.'),
  broker: Own('high', 15, 5, 'The desk has no connection to the broker.'),
  store: Own('high', 30, 10, 'The series store cannot be read.'),
  ingest: Own('high', 60, 10, 'What brings readings into the store is away, or says that it cannot work.'),
  quarantine: Own('medium', 0, 0, 'Records were put aside because the store cannot take them as they are.'),
  foreign_lost: Own(
    'medium',
    0,
    60,
    'Data of a foreign Sparkplug node (`ingest.foreign`) were lost; nobody sends them again. Raised at once whatever `after_s` says; losses less than `clear_after_s` apart are one.',
  ),
  disk: Own('high', 30, 60, 'The disk of the desk is nearly full.'),
  clock: Own(
    'medium',
    0,
    600,
    'The wall clock of the desk was set, is off its time service or goes without one for 5 min; or that of an edge node is not to be trusted.',
  ),
  journal: Own('critical', 5, 5, 'The journal cannot be written, or its chain does not fit.'),
  canary: Own('high', 120, 30, 'What an edge node measures is seen live but does not arrive in the store.'),
  second_path: Own('high', 60, 60, 'An independent alarm path says something else than the desk.'),
} as const
export type OwnAlarm = keyof typeof OWN_ALARMS

export const SiteAlarms = Type.Object(
  {
    shelve_max_min: Type.Number({
      exclusiveMinimum: 0,
      maximum: 10_080,
      default: 480,
      description: 'The longest that an operator may shelve an alarm [min].',
    }),
    re_alarm_min: Type.Object(
      {
        critical: Minutes(120, 'Critical alarms [min].'),
        high: Minutes(0, 'High ones [min].'),
        medium: Minutes(0, 'Medium ones [min].'),
        low: Minutes(0, 'Low ones [min].'),
      },
      {
        ...closed,
        default: {},
        description: 'An acknowledged alarm that is still true annunciates again after so long [min]; 0 is never.',
      },
    ),
    step_up: Type.Array(
      Type.Object(
        {
          limit: Type.String({ pattern: ID_PATTERN, description: 'Id of a limit that judges a value.' }),
          beyond: Type.Number({ description: 'From this value on, in `unit`.' }),
          unit: Type.Optional(Type.Enum(Object.keys(UNITS), { description: 'Unit of `beyond`; default SI.' })),
          priority: PriorityKey,
        },
        closed,
      ),
      {
        maxItems: 256,
        default: [],
        description:
          'An alarm whose value goes so far beyond its limit becomes more severe: it is told again, also when it was acknowledged.',
      },
    ),
    k_of_n: Type.Array(
      Type.Object(
        {
          id: Type.String({ pattern: ID_PATTERN, description: 'Id; the alarm is `desk:<id>`.' }),
          name: Type.String({ minLength: 1, maxLength: 120, description: 'Name people use.' }),
          k: Type.Integer({ minimum: 1, maximum: 64, description: 'So many at once raise it.' }),
          limits: Type.Array(Type.String({ pattern: ID_PATTERN }), {
            minItems: 1,
            maxItems: 64,
            description: 'Ids of limits, of whatever nodes.',
          }),
          within_s: Seconds(0, 'A limit that was true so short a time ago still counts [s].'),
          priority: PriorityKey,
        },
        closed,
      ),
      {
        maxItems: 64,
        default: [],
        description:
          'Voting across edge nodes; within one node a limit of the kind `k_of_n` does it, also with the uplink cut.',
      },
    ),
    own: Type.Object(OWN_ALARMS, { ...closed, default: {}, description: 'Alarms about the line itself.' }),
    disk_free_percent: Type.Number({
      minimum: 0,
      maximum: 50,
      default: 5,
      description: 'Less free space than this is nearly full [%].',
    }),
    groups: Type.Object(
      {
        ground_motion_quiet_s: Seconds(
          120,
          'An earthquake is over when no limit of the structure was true for so long [s].',
        ),
        water_rise_quiet_s: Seconds(
          1800,
          'A rise of water is over when no limit of the water was true for so long [s].',
        ),
      },
      { ...closed, default: {}, description: 'Alarms with one cause are one event.' },
    ),
    journal_keep_days: Type.Number({
      minimum: 30,
      maximum: 36_525,
      default: 3653,
      description: 'Entries older than this are removed; the chain stays provable [d].',
    }),
    targets: Type.Object(
      {
        average_per_10_min: Type.Number({
          minimum: 0,
          default: 1,
          description: 'Annunciated alarms in 10 min, on average.',
        }),
        most_per_10_min: Type.Number({ minimum: 0, default: 10, description: 'The same, at most.' }),
        flood_share: Type.Number({
          minimum: 0,
          maximum: 1,
          default: 0.01,
          description: 'Share of the time in an alarm flood.',
        }),
        top_ten_share: Type.Number({
          minimum: 0,
          maximum: 1,
          default: 0.05,
          description: 'Share of the ten most frequent alarms.',
        }),
        chattering: Type.Number({ minimum: 0, default: 0, description: 'Alarms that chatter.' }),
        stale: Type.Number({ minimum: 0, default: 5, description: 'Alarms that stand for more than a day.' }),
        acknowledge_median_s: Type.Number({ minimum: 0, default: 300, description: 'Median time to acknowledge [s].' }),
        acknowledge_p95_s: Type.Number({ minimum: 0, default: 1800, description: 'Its 95th percentile [s].' }),
      },
      {
        ...closed,
        default: {},
        description:
          'What the quality figures are shown against. Guidance in the manner of EEMUA 191 and ISA-18.2, not the text of a standard.',
      },
    ),
  },
  { ...closed, default: {}, description: 'Alarms at the desk.' },
)
export type SiteAlarms = Static<typeof SiteAlarms>
