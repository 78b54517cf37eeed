/** The part of a site file that says what a simulated device plays, and what its sensor makes of it. */
import Type from 'typebox'
import { ID_PATTERN } from './ids.ts'

const closed = { additionalProperties: false } as const

const Play = Type.Object(
  {
    recording: Type.String({ pattern: ID_PATTERN, description: 'Name of a record in recordings/.' }),
    from: Type.Optional(
      Type.String({ description: 'First instant played, ISO 8601; default the start of the record.' }),
    ),
    to: Type.Optional(Type.String({ description: 'Last instant played, ISO 8601; default its end.' })),
    quiet_s: Type.Number({ minimum: 0, default: 60, description: 'Quiet between two rounds, in device time [s].' }),
    lead_s: Type.Number({ minimum: 0, default: 0, description: 'Quiet before the first round, in device time [s].' }),
  },
  { ...closed, description: 'What a simulated device plays, round after round.' },
)
const AtLeast0 = (description: string) => Type.Optional(Type.Number({ minimum: 0, description }))
const Any = (description: string) => Type.Optional(Type.Number({ description }))
const Imperfections = Type.Object(
  {
    seed: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 4_294_967_295,
        description: 'Seed of noise and jitter; default from the id.',
      }),
    ),
    range: Type.Optional(
      Type.Object(
        { low: Type.Number({ description: 'Lowest value shown.' }), high: Type.Number({ description: 'Highest.' }) },
        { ...closed, description: 'What the sensor can show; beyond it saturates. SI, as all values here.' },
      ),
    ),
    bits: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 32, description: 'Converter: 2^bits - 1 steps over `range`.' }),
    ),
    noise_rms: AtLeast0('Standard deviation of white noise.'),
    offset: Any('Offset.'),
    offset_per_K: Any('Offset per kelvin away from the reference temperature.'),
    gain_per_K: Any('Relative change of sensitivity per kelvin.'),
    reference_c: Any('Temperature at which offset and gain are as told [°C]; default 20.'),
    clock_ppm: Type.Optional(
      Type.Number({ minimum: -10_000, maximum: 10_000, description: 'How much too fast its clock runs [ppm].' }),
    ),
    clock_jitter_ns: AtLeast0("Standard deviation of a sample's instant [ns]."),
    startup_s: AtLeast0('Device time after a boot during which there is no value [s].'),
  },
  { ...closed, description: 'What the sensor makes of the truth; default a perfect sensor.' },
)
export const SiteSimulated = Type.Object(
  {
    time_scale: Type.Number({ exclusiveMinimum: 0, default: 1, description: 'Device seconds per real second.' }),
    play: Play,
    imperfections: Type.Optional(Imperfections),
  },
  { ...closed, description: 'The device is simulated; everything it gives is marked EXERCISE.' },
)
