/** What a scenario says of water: floods out of rain, tides, and ponds with pumps and a gate. */
import Type from 'typebox'
import { CONSTITUENTS } from '../physics/tide.ts'
import { Above0, closed, Id, Within } from './schema-parts.ts'

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
const Bands = { minItems: 1, maxItems: 20, description: 'Bands of rain; they add up.' }

const RatingSegment = Type.Object(
  {
    from_m: Within(-100, 100, 'Stage from which this segment holds [m].'),
    C: Above0('Discharge at one metre above h0_m [m³/s].'),
    h0_m: Within(-100, 100, 'Stage of zero flow [m].'),
    b: Above0('Exponent.', 10),
  },
  { ...closed, description: 'Q = C (h − h0)^b.' },
)

const catchment = (area_km2: number, curve_number: number, tc_h: number, baseflow_m3_s: number) => ({
  area_km2: Type.Number({
    minimum: 0.01,
    maximum: 10_000,
    default: area_km2,
    description: 'Area that drains there [km²].',
  }),
  curve_number: Type.Number({ minimum: 30, maximum: 98, default: curve_number, description: 'SCS curve number.' }),
  tc_h: Type.Number({ minimum: 0.25, maximum: 48, default: tc_h, description: 'Time of concentration [h].' }),
  baseflow_m3_s: Type.Number({
    minimum: 0.001,
    maximum: 1000,
    default: baseflow_m3_s,
    description: 'Flow before the rain [m³/s].',
  }),
})

export const Flood = Type.Object(
  {
    rain: Type.Array(Rain, Bands),
    gauges: Type.Optional(
      Type.Array(Id('A simulated gauge.'), {
        minItems: 1,
        description: "Gauges down the river; default every simulated gauge in the site's order.",
      }),
    ),
    crest_m: Type.Optional(
      Above0('Stage of the crest [m]; default 1.15 x the highest named level, 3 m without levels.'),
    ),
    rating: Type.Optional(
      Type.Array(RatingSegment, {
        minItems: 1,
        maxItems: 10,
        description: 'Rating curve of the gauges in place of `crest_m`, from the lowest segment up.',
      }),
    ),
    reservoir: Type.Optional(
      Type.Object(
        { k: Above0('Factor.'), m: Above0('Exponent.', 5) },
        { ...closed, description: 'Storage S = k Q^m [m³] in place of the unit hydrograph of `tc_h`.' },
      ),
    ),
    ...catchment(14, 85, 1, 0.5),
    lag_h: Type.Number({
      minimum: 0.1,
      maximum: 24,
      default: 0.5,
      description: 'From one gauge to the next one down [h].',
    }),
  },
  { ...closed, description: 'A storm over a catchment, seen by the gauges on its river.' },
)

export const Tide = Type.Object(
  {
    mean_level_m: Within(-100, 100, 'Mean level above gauge datum [m].'),
    constituents: Type.Array(
      Type.Object(
        {
          name: Type.Enum(Object.keys(CONSTITUENTS) as Array<keyof typeof CONSTITUENTS>, {
            description: 'Harmonic constituent.',
          }),
          amplitude_m: Within(0, 20, 'Half its range [m].'),
          phase_deg: Type.Number({
            minimum: -360,
            maximum: 360,
            default: 0,
            description: 'Lag of its high water behind `at_s` [°].',
          }),
        },
        closed,
      ),
      { minItems: 1, maxItems: 8, description: 'They add up.' },
    ),
  },
  { ...closed, description: 'The sea: mean level and harmonic constituents.' },
)

const Hours = { from_h: Within(0, 1800, 'After `at_s` [h].'), to_h: Within(0, 1800, 'After `at_s` [h].') }

export const Pond = Type.Object(
  {
    area_m2: Above0('Surface [m²].'),
    bottom_m: Within(-100, 100, 'Bottom [m].'),
    start_m: Within(-100, 100, 'Level at `at_s` and before [m].'),
    pumps: Type.Array(
      Type.Object(
        {
          capacity_m3_s: Above0('What it lifts [m³/s].', 1000),
          on_m: Within(-100, 100, 'Level at which it starts [m].'),
          off_m: Within(-100, 100, 'Lower level at which it stops [m].'),
        },
        closed,
      ),
      { maxItems: 20, default: [], description: 'Each with its own levels.' },
    ),
    gate: Type.Optional(
      Type.Object(
        {
          width_m: Above0('Width [m].', 100),
          height_m: Above0('Height of the opening [m].', 20),
          sill_m: Within(-100, 100, 'Sill [m].'),
          open_at_m: Within(0, 20, 'Fall from pond to outside at which it opens [m].'),
          shut_at_m: Within(-20, 20, 'Smaller fall at which it shuts [m].'),
        },
        { ...closed, description: 'Lets water out by its own fall, never in.' },
      ),
    ),
    rain: Type.Array(Rain, { ...Bands, minItems: 0, default: [] }),
    ...catchment(0.5, 95, 0.25, 0.05),
    outside_m: Type.Number({
      minimum: -100,
      maximum: 100,
      default: 0,
      description: 'Level beyond the dike [m]; without `tide`.',
    }),
    tide: Type.Optional(Tide),
    failures: Type.Array(
      Type.Object(
        {
          pump: Type.Optional(Type.Integer({ minimum: 1, maximum: 20, description: 'This pump stands still.' })),
          gate: Type.Optional(Type.Boolean({ description: '`true`: the gate stays as it is.' })),
          ...Hours,
        },
        closed,
      ),
      { maxItems: 50, default: [], description: 'What does not work, and when.' },
    ),
  },
  { ...closed, description: 'A pond behind a dike: rain fills it, pumps and a gate empty it.' },
)
