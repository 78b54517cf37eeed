/**
 * The parts of a site file that judge: limits, quality tests of a channel, and local outputs. Their kinds are chosen by key,
 * as links are. What they must hold beyond this schema is `site-check-limits.ts` and `site-check-outputs.ts`.
 */
import Type, { type Static } from 'typebox'
import { PRIORITIES } from './condition.ts'
import { ID_PATTERN } from './ids.ts'
import { QualityTests } from './quality-schema.ts'
import { UNITS } from './units.ts'

const closed = { additionalProperties: false } as const
const Id = (description: string) => Type.String({ pattern: ID_PATTERN, description })
const Text = (description: string) => Type.String({ minLength: 1, maxLength: 200, description })
const Unit = Type.Enum(Object.keys(UNITS), { description: 'Unit in which this entry is written; stored as SI.' })
const Seconds = (description: string) => Type.Number({ exclusiveMinimum: 0, maximum: 31_536_000, description })
const Window = Type.Number({
  minimum: 1,
  maximum: 86_400,
  default: 900,
  description: 'The rate is taken over this time, in device time [s].',
})

export const SiteLimit = Type.Object(
  {
    id: Id('Id of the limit, unique in the site.'),
    name: Text('What people read when it is crossed.'),
    channel: Type.String({ description: 'Channel it watches: `<device>/<metric>`; of `k_of_n` where it is shown.' }),
    above: Type.Optional(Type.Number({ description: 'Raise at this value or higher.' })),
    below: Type.Optional(Type.Number({ description: 'Raise at this value or lower.' })),
    level: Type.Optional(Type.String({ description: 'Raise at a named level: `<water>/<level>`.' })),
    outside: Type.Optional(
      Type.Object(
        {
          low: Type.Number({ description: 'Raise at this value or lower.' }),
          high: Type.Number({ description: 'Raise at this value or higher.' }),
        },
        { ...closed, description: 'Raise outside a span.' },
      ),
    ),
    rising_faster_than: Type.Optional(
      Type.Object(
        {
          per_h: Type.Number({ exclusiveMinimum: 0, description: 'Raise at this rise or more, in `unit` per hour.' }),
          window_s: Window,
        },
        { ...closed, description: 'Raise when the value rises fast.' },
      ),
    ),
    reaching: Type.Optional(
      Type.Object(
        {
          level: Type.Optional(Type.String({ description: 'Named level: `<water>/<level>`.' })),
          value: Type.Optional(Type.Number({ description: 'Value, in `unit`.' })),
          within_s: Seconds('Raise when it would be reached in this time or less, in device time [s].'),
          window_s: Window,
        },
        {
          ...closed,
          description:
            'Raise when a rising value would reach a level soon if it went on as now. Not a forecast; a falling value never raises it.',
        },
      ),
    ),
    stale_s: Type.Optional(Seconds('Raise when there was no good value for this long, in device time [s].')),
    failed_s: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 31_536_000,
        description: 'Raise when quality control has failed the channel for this long, in device time [s].',
      }),
    ),
    differs_from: Type.Optional(
      Type.Object(
        {
          channel: Type.String({ description: 'Other channel of the same quantity: `<device>/<metric>`.' }),
          by: Type.Number({ exclusiveMinimum: 0, description: 'Raise at this difference or more, in `unit`.' }),
          pair_s: Type.Optional(
            Seconds(
              'Values further apart than this are not compared, in device time [s]; default two polls of the slower.',
            ),
          ),
        },
        { ...closed, description: 'Raise when two channels disagree; both must be heard.' },
      ),
    ),
    k_of_n: Type.Optional(
      Type.Object(
        {
          limits: Type.Array(Type.String(), {
            minItems: 2,
            maxItems: 20,
            description: 'Ids of limits of the same node.',
          }),
          k: Type.Integer({ minimum: 1, description: 'Raise when at least so many of them are true.' }),
          within_s: Type.Number({
            minimum: 0,
            maximum: 86_400,
            default: 0,
            description: 'A limit that has returned counts for this long afterwards, in device time [s].',
          }),
        },
        { ...closed, description: 'Raise when several other limits are true: 2 of 3 sensors, or level and rate.' },
      ),
    ),
    unit: Type.Optional(Unit),
    deadband: Type.Number({
      minimum: 0,
      default: 0,
      description: 'Clears this far on the safe side; in `unit`, of `rising_faster_than` per hour, of `reaching` in s.',
    }),
    on_delay_s: Type.Number({
      minimum: 0,
      default: 0,
      description: 'Must hold this long to raise, in device time [s].',
    }),
    off_delay_s: Type.Number({
      minimum: 0,
      default: 0,
      description: 'Must be clear this long to clear, in device time [s].',
    }),
    priority: Type.Enum([...PRIORITIES], { default: 'high', description: 'Priority of the alarm.' }),
    latch: Type.Optional(
      Type.Boolean({
        description:
          'Stays until reset; default true for values of acceleration and tilt and for `k_of_n` of such, else false.',
      }),
    ),
  },
  closed,
)
export type SiteLimit = Static<typeof SiteLimit>

/** Keys of a limit that choose its kind; exactly one is given. */
export const LIMIT_KEYS = [
  'above',
  'below',
  'level',
  'outside',
  'rising_faster_than',
  'reaching',
  'stale_s',
  'failed_s',
  'differs_from',
  'k_of_n',
] as const
export type LimitKey = (typeof LIMIT_KEYS)[number]

/** Quality tests of one channel of a device, in place of those its model says. */
export const SiteQuality = Type.Object(
  {
    metric: Type.String({ description: 'Metric of a channel of the device, e.g. `stage`, `acceleration/x` or `pga`.' }),
    unit: Unit,
    defaults: Type.Boolean({ default: true, description: 'Tests of the model stand where this entry has none.' }),
    tests: QualityTests,
  },
  closed,
)
export type SiteQuality = Static<typeof SiteQuality>

const Point = (description: string) =>
  Type.Object(
    {
      device: Type.String({ description: 'Id of a device of the same node.' }),
      point: Type.Optional(Type.String({ description: 'Metric of a point of its model.' })),
      coil: Type.Optional(
        Type.Integer({ minimum: 0, maximum: 65_535, description: 'Or a coil by its address on the wire.' }),
      ),
    },
    { ...closed, description },
  )

export const SiteOutput = Type.Object(
  {
    id: Id('Id of the output, unique in the site.'),
    name: Text('Name people use, e.g. "Siren on the roof".'),
    drives: Point('What is switched: a `writable` point or a coil.'),
    on_value: Type.Number({ default: 1, description: 'Value written to switch on, in the unit of the point.' }),
    off_value: Type.Number({ default: 0, description: 'Value written to switch off.' }),
    when: Type.Object(
      {
        any: Type.Optional(
          Type.Array(Type.String(), { minItems: 1, description: 'On while any of these limits is true.' }),
        ),
        all: Type.Optional(
          Type.Array(Type.String(), { minItems: 1, description: 'On while all of these limits are true.' }),
        ),
        desk_offline_s: Type.Optional(Seconds('On when the desk has been away for this long [s].')),
      },
      { ...closed, description: 'What switches it on: at least one of these; any of them does.' },
    ),
    pulse_s: Type.Optional(Seconds('Sounds so long at each new cause [s].')),
    hold: Type.Optional(Type.Boolean({ description: 'True: on as long as its cause.' })),
    until_acknowledged: Type.Optional(
      Type.Boolean({ description: 'True: on until silenced, also after its cause has gone.' }),
    ),
    max_s: Type.Number({
      exclusiveMinimum: 0,
      maximum: 86_400,
      default: 900,
      description: 'Off after so long at the latest, whatever its cause [s].',
    }),
    silence: Type.Optional(Point('Button or bit that acknowledges locally: it goes from 0 to 1.')),
    poll_ms: Type.Integer({
      minimum: 100,
      maximum: 10_000,
      default: 500,
      description: 'How often `silence` is read [ms].',
    }),
    priority: Type.Enum([...PRIORITIES], {
      default: 'high',
      description: 'Priority of the alarm when it cannot be driven.',
    }),
  },
  closed,
)
export type SiteOutput = Static<typeof SiteOutput>
/** Keys of an output that choose how long it is on; exactly one is given. */
export const OUTPUT_MODES = ['pulse_s', 'hold', 'until_acknowledged'] as const
export type OutputMode = (typeof OUTPUT_MODES)[number]
