/**
 * What a model file may hold, as a schema: it validates, and `npm run generate` makes the published schema and the reference of
 * it. The words it is made of, and what follows from them, are `model.ts`'s.
 */
import Type, { type Static } from 'typebox'
import { ID_PATTERN } from './ids.ts'
import {
  BIT_TABLES,
  MEASURE_IDS,
  ORDERS,
  type PointType as PointTypeId,
  REGISTER_TABLES,
  TYPE_REGISTERS,
} from './model.ts'
import { QualityTests } from './quality-schema.ts'
import { UNITS } from './units.ts'

const RegisterTable = Type.Enum([...REGISTER_TABLES], {
  description: 'Register table: holding (FC 3) or input (FC 4).',
})
const AnyTable = Type.Enum([...REGISTER_TABLES, ...BIT_TABLES], {
  description: 'Table: holding (FC 3), input (FC 4), coil (FC 1) or discrete (FC 2).',
})
const Address = Type.Integer({
  minimum: 0,
  maximum: 65_536,
  description: 'Address as the manual counts it: from `address_base` of the model, default 0.',
})
const Unit = Type.Enum(Object.keys(UNITS))
const Metric = Type.String({
  pattern: '^[a-z0-9_]{1,32}(/[a-z0-9_]{1,32})?$',
  description: 'Metric name, e.g. `stage`.',
})

const Order = Type.Enum([...ORDERS[1], ...ORDERS[2], ...ORDERS[4]], {
  description: 'Byte order on the wire: A is the highest byte of the value; as many letters as the type has bytes.',
})

const PointType = Type.Enum(Object.keys(TYPE_REGISTERS) as PointTypeId[], {
  description: '`bit`: one bit, of a bit table or of a register; `bits`: a field of a register; bcd: decimal digits.',
})

const Status = Type.Object(
  {
    address: Address,
    bit: Type.Optional(Type.Integer({ minimum: 0, maximum: 15, description: 'Set = the value is invalid.' })),
    mask: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 65_535, description: 'Any of these bits set = the value is invalid.' }),
    ),
    codes: Type.Optional(
      Type.Array(Type.Integer({ minimum: 0, maximum: 65_535 }), {
        minItems: 1,
        description: 'The whole word equal to one of these = the value is invalid.',
      }),
    ),
  },
  { additionalProperties: false, description: 'Status word of the same table: at least one of bit, mask, codes.' },
)

export const ScalarPoint = Type.Object(
  {
    metric: Metric,
    table: AnyTable,
    address: Address,
    type: PointType,
    order: Type.Optional(Order),
    bit: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 15,
        description: 'Of `bit` and `bits` in a register: lowest bit; 0 = lowest.',
      }),
    ),
    bits: Type.Optional(Type.Integer({ minimum: 1, maximum: 16, description: 'Of `bits`: length of the field.' })),
    byte: Type.Optional(
      Type.Enum(['high', 'low'], { description: 'Of int8 and uint8: which byte of the register; default low.' }),
    ),
    unit: Unit,
    unit_register: Type.Optional(
      Type.Object(
        {
          address: Address,
          codes: Type.Record(Type.String({ pattern: '^[0-9]{1,5}$' }), Unit, {
            description: 'Unit by code; another code makes the value invalid.',
          }),
        },
        {
          additionalProperties: false,
          description:
            'A register of the same table that says in which unit the device gives the value, in place of `unit`.',
        },
      ),
    ),
    scale: Type.Optional(Type.Number({ description: 'Value = scale x raw + offset, in `unit`; default 1.' })),
    offset: Type.Optional(Type.Number({ description: 'Default 0.' })),
    range: Type.Object(
      { low: Type.Number(), high: Type.Number() },
      { additionalProperties: false, description: 'What the sensor can measure, in `unit`; outside is out-of-range.' },
    ),
    invalid_codes: Type.Optional(Type.Array(Type.Number(), { description: 'Raw values that mean "no value".' })),
    status: Type.Optional(Status),
    quality: Type.Optional(QualityTests),
    alone: Type.Optional(Type.Boolean({ description: 'Never read together with its neighbours; default false.' })),
    writable: Type.Optional(
      Type.Boolean({ description: 'May be written, within `range`; of holding registers and coils. Default false.' }),
    ),
  },
  { additionalProperties: false },
)
export type ScalarPoint = Static<typeof ScalarPoint>

/** Something that the device says of itself, read once after it came online and shown in its birth. */
const Info = Type.Object(
  {
    name: Type.String({ pattern: '^[a-z0-9_]{1,32}$', description: 'E.g. `serial_number`.' }),
    table: RegisterTable,
    address: Address,
    type: Type.Enum(['string', 'uint16', 'uint32', 'bcd32']),
    registers: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 64, description: 'Of `string`: two characters to a register.' }),
    ),
    order: Type.Optional(Order),
  },
  { additionalProperties: false },
)
export type Info = Static<typeof Info>

const FullScale = Type.Number({
  exclusiveMinimum: 0,
  description: 'Value in `unit` of raw 2^(bits - 1), 32768 for 16 bits; one step is full_scale / 2^(bits - 1).',
})
const SampleBits = Type.Optional(
  Type.Integer({
    minimum: 16,
    maximum: 32,
    description: 'Bits of a sample, default 16; with more each sample takes two registers, sign-extended to 32 bits.',
  }),
)
const SampleOrder = Type.Optional(
  Type.Enum([...ORDERS[2]], { description: 'Byte order of a sample of two registers; default ABCD.' }),
)

const Group = Type.String({
  pattern: '^[a-z0-9_]{1,32}$',
  description: 'Metric group of the block, e.g. `acceleration`.',
})
/** What a ring and a queue of samples have in common. @param depth what their depth counts */
const sampled = (depth: string) => ({
  axes: Type.Array(Type.String({ pattern: '^[a-z]{1,8}$' }), { minItems: 1, maxItems: 12 }),
  sample_rate_hz: Type.Number({ exclusiveMinimum: 0, maximum: 1000 }),
  depth: Type.Integer({ minimum: 2, description: depth }),
  block_samples: Type.Integer({
    minimum: 1,
    description: 'Samples per axis in a block; blocks start at its multiples.',
  }),
  unit: Unit,
  full_scale: FullScale,
  bits: SampleBits,
  order: SampleOrder,
  quality: Type.Optional(QualityTests),
})

/**
 * A ring of samples behind a header that is read in one request. Header registers from `header_address` (u32 and u64 high
 * word first): 0-1 boot id, 2-3 counter of the newest sample (the first after a start is 0), 4-7 device time of the newest
 * sample [µs], 8-11 device time now [µs], 12-13 sample rate [mHz], 14-15 depth [samples per axis], 16 axes, 17 status.
 * Sample of counter c, axis a stands from register samples_address + ((c mod depth) x axes + a) x w on, two's complement,
 * where w is 1 for samples of 16 bits and 2 for longer ones.
 */
export const Ring = Type.Object(
  {
    group: Group,
    table: RegisterTable,
    header_address: Address,
    samples_address: Address,
    ...sampled('Samples per axis that the device holds.'),
  },
  { additionalProperties: false },
)
export type Ring = Static<typeof Ring>

/**
 * Samples in a queue that function 24 reads, for devices without room for a ring. The queue at `pointer_address` holds,
 * oldest first, the u32 counter of its newest sample (high word first) and then up to `depth` samples of all axes, as in a
 * ring; with the counter at most 31 registers (Modbus Application Protocol 1.1b3, 6.18). Reading does not clear it: the
 * counter tells what is new. The header in the holding registers has the layout of `Ring`.
 */
export const Fifo = Type.Object(
  {
    group: Group,
    pointer_address: Address,
    header_address: Address,
    ...sampled('Samples per axis in a full queue.'),
  },
  { additionalProperties: false },
)
export type Fifo = Static<typeof Fifo>

export const Model = Type.Object(
  {
    id: Type.String({ pattern: ID_PATTERN }),
    name: Type.String({ minLength: 1 }),
    source: Type.String({ description: 'Manual and page the map was read from.' }),
    points: Type.Optional(Type.Array(ScalarPoint)),
    ring: Type.Optional(Ring),
    fifo: Type.Optional(Fifo),
    info: Type.Optional(Type.Array(Info, { maxItems: 20, description: 'What the device says of itself.' })),
    address_base: Type.Optional(
      Type.Enum([0, 1], {
        description: 'From what the addresses of this file count: 0 as on the wire (default), 1 as "register numbers".',
      }),
    ),
    measures: Type.Optional(
      Type.Array(
        Type.Enum([...MEASURE_IDS], {
          description:
            '`pga`, `pgv`, `natural_frequency`: of a ring or queue `acceleration`; `rate_of_rise`: of a point `stage`.',
        }),
      ),
    ),
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
    max_bits: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 2000,
        description: 'Bits per request that the device allows; default 2000.',
      }),
    ),
    max_gap: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 100,
        description: 'Unasked registers that a request may read on its way; 0 = none; default 8.',
      }),
    ),
    holes: Type.Optional(
      Type.Array(Type.Object({ table: AnyTable, from: Address, to: Address }, { additionalProperties: false }), {
        description: 'Addresses, both ends included, that no request may touch.',
      }),
    ),
  },
  { additionalProperties: false },
)
export type Model = Static<typeof Model>
