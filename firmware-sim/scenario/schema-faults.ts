/** What a scenario says of things that go wrong: sensors, devices, wires and the way to the broker. */
import Type from 'typebox'
import { Above0, closed, Seconds, Within } from './schema-parts.ts'

const Size = (what: string) => ({
  stage_m: Type.Optional(Within(-100, 100, `${what} of a gauge [m].`)),
  acceleration_m_s2: Type.Optional(Within(-50, 50, `${what} of an accelerometer, every axis [m/s²].`)),
  tilt_rad: Type.Optional(Within(-1.6, 1.6, `${what} of a tilt meter, every axis [rad].`)),
  temperature_K: Type.Optional(Within(-200, 200, `${what} of a thermometer [K].`)),
  pressure_Pa: Type.Optional(Within(-1e7, 1e7, `${what} of a pressure sensor [Pa].`)),
  voltage_V: Type.Optional(Within(-1000, 1000, `${what} of a voltage [V].`)),
  ratio: Type.Optional(Within(-1e6, 1e6, `${what} of what has no unit.`)),
})
export const Stuck = Type.Object(
  { for_s: Seconds('How long [s].') },
  { ...closed, description: 'The sensor goes on showing the value it had.' },
)
export const Spike = Type.Object(Size('Height'), {
  ...closed,
  description: 'One value (a sample; of a gauge or the like a second, of a tilt meter a tenth) too high.',
})
export const Drift = Type.Object(
  { for_s: Seconds('How long [s]; then it is back.'), ...Size('How far it has gone at the end') },
  { ...closed, description: 'The value walks away evenly.' },
)

export const FAULT_KINDS = [
  'hang',
  'close',
  'nan',
  'invalid-code',
  'status',
  'wrong-order',
  'truncate',
  'short',
  'wrong-transaction',
  'wrong-crc',
  'wrong-unit',
  'exception',
  'delay',
] as const
export const FaultStep = Type.Object(
  {
    kind: Type.Enum([...FAULT_KINDS], {
      description: '`hang` is a dropout: no answer; `wrong-order`: words as another firmware sends them.',
    }),
    for_s: Seconds('How long [s].'),
    code: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 11, description: 'Modbus exception of `exception`; default 4.' }),
    ),
    delay_ms: Type.Optional(Type.Integer({ minimum: 1, maximum: 60_000, description: 'Of `delay`; default 500 ms.' })),
  },
  { ...closed, description: 'What the device does wrong, in its registers or on the wire.' },
)

const Chance = (what: string) => Type.Optional(Within(0, 1, `Chance per frame that it is ${what}.`))
export const Wire = Type.Object(
  {
    for_s: Seconds('How long [s].'),
    delay: Type.Optional(
      Type.Object(
        {
          ms: Within(0, 60_000, 'How late [ms].'),
          jitter_ms: Type.Optional(Within(0, 60_000, 'Up to this much later [ms].')),
          chance: Type.Optional(Within(0, 1, 'Chance per frame; default 1.')),
        },
        { ...closed, description: 'Late; frames of one way never overtake one another by it.' },
      ),
    ),
    drop: Chance('lost'),
    truncate: Chance('cut short'),
    duplicate: Chance('sent twice'),
    misnumber: Chance('given another transaction or unit id'),
    corrupt: Chance('wrong in one bit'),
    reorder: Chance('overtaken by the next'),
    way: Type.Optional(Type.Enum(['requests', 'replies'], { description: 'Only this way; default both.' })),
    units: Type.Optional(
      Type.Array(Type.Integer({ minimum: 0, maximum: 255 }), {
        minItems: 1,
        maxItems: 256,
        description: 'Only frames of these unit ids; default all.',
      }),
    ),
  },
  { ...closed, description: 'What the wire of a link does to Modbus frames.' },
)

export const Uplink = Type.Object(
  {
    for_s: Seconds('How long [s].'),
    cut: Type.Optional(Type.Boolean({ description: '`true`: connections are reset, new ones too.' })),
    half_open: Type.Optional(Type.Boolean({ description: '`true`: connections stand, but nothing comes through.' })),
    delay_ms: Type.Optional(Within(1, 60_000, 'Everything is this late, each way [ms].')),
    bytes_per_s: Type.Optional(Above0('No more than this comes through, each way [B/s].', 1e9)),
  },
  { ...closed, description: "What happens to an edge node's connection to the broker." },
)
