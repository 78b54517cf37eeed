/**
 * The message layout of sparkplug_b.proto: which field and wire type carries which datatype. Writing and reading bytes by
 * it is left to `encode.ts` and `decode.ts`.
 */
import { DataType } from './payload.ts'

const T = DataType

/** A payload that is not Sparkplug: says what was expected and what came. */
export class PayloadError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'PayloadError'
  }
}

/** Datatype from the birth for a metric of a DATA message that carries none. */
export type DatatypeOf = (name: string | undefined, alias: bigint | undefined) => DataType | undefined

export type Field = 'int' | 'long' | 'float' | 'double' | 'boolean' | 'string' | 'bytes'

/** The field of the `value` oneof in which each datatype travels (chapter 6.4.16). */
export function fieldOf(type: DataType): Field | undefined {
  switch (type) {
    case T.Int8:
    case T.Int16:
    case T.Int32:
    case T.UInt8:
    case T.UInt16:
    case T.UInt32:
      return 'int'
    case T.Int64:
    case T.UInt64:
    case T.DateTime:
      return 'long'
    case T.Float:
      return 'float'
    case T.Double:
      return 'double'
    case T.Boolean:
      return 'boolean'
    case T.String:
    case T.Text:
    case T.UUID:
      return 'string'
    case T.DataSet:
    case T.Template:
    case T.PropertySet:
    case T.PropertySetList:
      return undefined
    default:
      return 'bytes'
  }
}

export const METRIC_FIELD: Record<Field, number> = {
  int: 10,
  long: 11,
  float: 12,
  double: 13,
  boolean: 14,
  string: 15,
  bytes: 16,
}
export const PROPERTY_FIELD: Record<Field, number> = {
  int: 3,
  long: 4,
  float: 5,
  double: 6,
  boolean: 7,
  string: 8,
  bytes: 0,
}
export const FIELDS = Object.keys(METRIC_FIELD) as Field[]

/** Wire types of protobuf: how the bytes of a field are bounded. */
export const WIRE = { varint: 0, bit64: 1, lengthDelimited: 2, startGroup: 3, endGroup: 4, bit32: 5 } as const
export type Wire = (typeof WIRE)[keyof typeof WIRE]

const { varint, bit32, bit64, lengthDelimited } = WIRE
/** Wire types by field number, as sparkplug_b.proto gives them; unknown fields are skipped whatever they are. */
type Wires = readonly (Wire | undefined)[]
const wires = (of: Readonly<Record<number, Wire>>): Wires => Array.from({ length: 17 }, (_, no) => of[no])
export const PAYLOAD_WIRE: Wires = wires({ 1: varint, 2: lengthDelimited, 3: varint })
export const METRIC_WIRE: Wires = wires({
  ...{ 1: lengthDelimited, 2: varint, 3: varint, 4: varint, 5: varint, 7: varint, 9: lengthDelimited },
  ...{ 10: varint, 11: varint, 12: bit32, 13: bit64, 14: varint, 15: lengthDelimited, 16: lengthDelimited },
})
export const PROPERTIES_WIRE: Wires = wires({ 1: lengthDelimited, 2: lengthDelimited })
export const PROPERTY_WIRE: Wires = wires({
  ...{ 1: varint, 2: varint, 3: varint, 4: varint },
  ...{ 5: bit32, 6: bit64, 7: varint, 8: lengthDelimited },
})

export function expectWire(wires: Wires, no: number, wire: Wire): void {
  const expected = wires[no]
  if (expected !== undefined && expected !== wire)
    throw new PayloadError(`field ${no}: expected wire type ${expected}, got ${wire}`)
}

/** Typed arrays can then be copied as they are: Sparkplug's arrays are little-endian. */
export const LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1
