/**
 * A model is a device type's register map: what an engineer reads off the manual. The same file is read by the edge
 * (to decode) and by firmware-sim (to serve), so the two cannot disagree. Decoding itself is edge's.
 */
import Type, { type Static } from 'typebox'
import { ID_PATTERN } from './ids.ts'
import { type Quantity, UNITS } from './units.ts'

const Table = Type.Enum(['holding', 'input'], { description: 'Register table: holding (FC 3) or input (FC 4).' })
const Address = Type.Integer({ minimum: 0, maximum: 65_535, description: 'Register address, counted from 0.' })
const Unit = Type.Enum(Object.keys(UNITS))
const Metric = Type.String({
  pattern: '^[a-z0-9_]{1,32}(/[a-z0-9_]{1,32})?$',
  description: 'Metric name, e.g. `stage`.',
})

/** Order of the bytes A B C D of a 32-bit value as they come in two registers. */
const Order = Type.Enum(['ABCD', 'CDAB', 'BADC', 'DCBA'], {
  description: 'Byte order of 32-bit values: ABCD is high word first, high byte first.',
})

export const ScalarPoint = Type.Object(
  {
    metric: Metric,
    table: Table,
    address: Address,
    type: Type.Enum(['int16', 'uint16', 'int32', 'uint32', 'float32']),
    order: Type.Optional(Order),
    unit: Unit,
    scale: Type.Optional(Type.Number({ description: 'Value = scale x raw + offset, in `unit`; default 1.' })),
    offset: Type.Optional(Type.Number({ description: 'Default 0.' })),
    range: Type.Object(
      { low: Type.Number(), high: Type.Number() },
      { additionalProperties: false, description: 'What the sensor can measure, in `unit`; outside is out-of-range.' },
    ),
    invalid_codes: Type.Optional(Type.Array(Type.Number(), { description: 'Raw values that mean "no value".' })),
    status: Type.Optional(
      Type.Object(
        {
          address: Address,
          bit: Type.Integer({ minimum: 0, maximum: 15, description: 'Set = the value is invalid.' }),
        },
        { additionalProperties: false, description: 'Status word of the same table.' },
      ),
    ),
  },
  { additionalProperties: false },
)
export type ScalarPoint = Static<typeof ScalarPoint>

/**
 * A ring of samples behind a header that is read in one request. Header registers from `header_address` (u32 and u64 high
 * word first): 0-1 boot id, 2-3 counter of the newest sample (the first after a start is 0), 4-7 device time of the newest
 * sample [µs], 8-11 device time now [µs], 12-13 sample rate [mHz], 14-15 depth [samples per axis], 16 axes, 17 status.
 * Sample of counter c, axis a stands in register samples_address + (c mod depth) x axes + a, int16 two's complement.
 */
export const RING_HEADER_REGISTERS = 18
export const Ring = Type.Object(
  {
    group: Type.String({
      pattern: '^[a-z0-9_]{1,32}$',
      description: 'Metric group of the block, e.g. `acceleration`.',
    }),
    table: Table,
    header_address: Address,
    samples_address: Address,
    axes: Type.Array(Type.String({ pattern: '^[a-z]{1,8}$' }), { minItems: 1, maxItems: 12 }),
    sample_rate_hz: Type.Number({ exclusiveMinimum: 0, maximum: 1000 }),
    depth: Type.Integer({ minimum: 2, description: 'Samples per axis that the device holds.' }),
    block_samples: Type.Integer({
      minimum: 1,
      description: 'Samples per axis in a block; blocks start at its multiples.',
    }),
    unit: Unit,
    full_scale: Type.Number({
      exclusiveMinimum: 0,
      description: 'Value in `unit` of raw 32768; one step is full_scale / 32768.',
    }),
  },
  { additionalProperties: false },
)
export type Ring = Static<typeof Ring>

/** Measures the edge derives for devices of this model. */
export const MEASURE_IDS = ['pga', 'rate_of_rise'] as const
export type Measure = (typeof MEASURE_IDS)[number]
export const MEASURES: Readonly<Record<Measure, { quantity: Quantity; from: string }>> = {
  pga: { quantity: 'acceleration', from: 'acceleration' },
  rate_of_rise: { quantity: 'rate_of_rise', from: 'stage' },
}

export const Model = Type.Object(
  {
    id: Type.String({ pattern: ID_PATTERN }),
    name: Type.String({ minLength: 1 }),
    source: Type.String({ description: 'Manual and page the map was read from.' }),
    points: Type.Optional(Type.Array(ScalarPoint)),
    ring: Type.Optional(Ring),
    measures: Type.Optional(Type.Array(Type.Enum([...MEASURE_IDS]))),
    poll_ms: Type.Integer({
      minimum: 10,
      description: 'Default poll period; a device entry in the site may change it.',
    }),
    max_registers: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 125,
        description: 'Registers per request that the device allows; default 125.',
      }),
    ),
  },
  { additionalProperties: false },
)
export type Model = Static<typeof Model>

/** SI value of one step of a ring's int16. */
export const ringScale = (ring: Ring): number => (UNITS[ring.unit]!.factor * ring.full_scale) / 32_768
