/**
 * A model is a device type's register map: what an engineer reads off the manual. The same file is read by the edge
 * (to decode) and by firmware-sim (to serve), so the two cannot disagree. What the file may hold is `model-schema.ts`, which
 * only whoever reads files needs at run time; decoding itself is edge's.
 */
import type { Model, Ring } from './model-schema.ts'
import { type Quantity, UNITS } from './units.ts'

export type { Fifo, Info, Model, Ring, ScalarPoint } from './model-schema.ts'

export const REGISTER_TABLES = ['holding', 'input'] as const
export const BIT_TABLES = ['coil', 'discrete'] as const
/** Registers: holding (FC 3) and input (FC 4); bits: coil (FC 1) and discrete (FC 2). */
export type RegisterTable = (typeof REGISTER_TABLES)[number]
export type BitTable = (typeof BIT_TABLES)[number]

/**
 * Order in which the bytes of a value come, two to a register; A is the highest byte of the value. One letter a byte:
 * 2 for 16-bit values, 4 for 32-bit, 8 for 64-bit ones. Default: the highest word and byte first.
 */
export const ORDERS = {
  1: ['AB', 'BA'],
  2: ['ABCD', 'CDAB', 'BADC', 'DCBA'],
  4: ['ABCDEFGH', 'GHEFCDAB', 'BADCFEHG', 'HGFEDCBA', 'CDABGHEF', 'DCBAHGFE'],
} as const
export type Order = (typeof ORDERS)[1 | 2 | 4][number]
/** Registers (or, in a bit table, bits) that a value of each type takes. */
export const TYPE_REGISTERS = {
  bit: 1,
  bits: 1,
  int8: 1,
  uint8: 1,
  int16: 1,
  uint16: 1,
  bcd16: 1,
  float16: 1,
  int32: 2,
  uint32: 2,
  bcd32: 2,
  float32: 2,
  int64: 4,
  uint64: 4,
  float64: 4,
} as const
export type PointType = keyof typeof TYPE_REGISTERS
/** Registers of the header of a ring or a queue. */
export const RING_HEADER_REGISTERS = 18
/** What one request of function 24 gives, and what of it is the counter. */
export const FIFO_REGISTERS_MAX = 31
export const FIFO_COUNTER_REGISTERS = 2
/** Measures the edge derives for devices of this model. */
export const MEASURE_IDS = ['pga', 'pgv', 'natural_frequency', 'rate_of_rise'] as const
export type Measure = (typeof MEASURE_IDS)[number]
export const MEASURES: Readonly<Record<Measure, { quantity: Quantity; from: string }>> = {
  pga: { quantity: 'acceleration', from: 'acceleration' },
  pgv: { quantity: 'velocity', from: 'acceleration' },
  natural_frequency: { quantity: 'frequency', from: 'acceleration' },
  rate_of_rise: { quantity: 'rate_of_rise', from: 'stage' },
}

/** What a ring and a queue have in common: evenly spaced samples of some axes. */
export type Sampled = Pick<
  Ring,
  'group' | 'axes' | 'sample_rate_hz' | 'depth' | 'block_samples' | 'unit' | 'full_scale' | 'bits' | 'order' | 'quality'
>

/** The samples that devices of a model give in blocks, however they are read. */
export const sampledOf = (model: Pick<Model, 'ring' | 'fifo'>): Sampled | undefined => model.ring ?? model.fifo

type Bits = Pick<Sampled, 'bits'>

/** Raw value of full scale: the lowest is its negative, the highest one less. */
export const fullScaleSteps = ({ bits = 16 }: Bits): number => 2 ** (bits - 1)

/** Samples of more than 16 bits take two registers each. */
export const isWideSampled = ({ bits = 16 }: Bits): boolean => bits > 16
export const sampleWords = (sampled: Bits): number => (isWideSampled(sampled) ? 2 : 1)

/** SI value of one step of a ring's or queue's samples. */
export const ringScale = (ring: Pick<Sampled, 'unit' | 'full_scale' | 'bits'>): number =>
  (UNITS[ring.unit]!.factor * ring.full_scale) / fullScaleSteps(ring)
