/**
 * The message layout of sparkplug_b.proto: which field and wire type carries which datatype. Writing and reading bytes by
 * it is left to `encode.ts` and `decode.ts`.
 */
import { WireType } from '@bufbuild/protobuf/wire'
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

const { Varint, Bit32, Bit64, LengthDelimited } = WireType
/** Wire types by field number, as sparkplug_b.proto gives them; unknown fields are skipped whatever they are. */
type Wires = Readonly<Record<number, WireType>>
export const PAYLOAD_WIRE: Wires = { 1: Varint, 2: LengthDelimited, 3: Varint }
export const METRIC_WIRE: Wires = {
  ...{ 1: LengthDelimited, 2: Varint, 3: Varint, 4: Varint, 5: Varint, 7: Varint, 9: LengthDelimited },
  ...{ 10: Varint, 11: Varint, 12: Bit32, 13: Bit64, 14: Varint, 15: LengthDelimited, 16: LengthDelimited },
}
export const PROPERTIES_WIRE: Wires = { 1: LengthDelimited, 2: LengthDelimited }
export const PROPERTY_WIRE: Wires = {
  ...{ 1: Varint, 2: Varint, 3: Varint, 4: Varint },
  ...{ 5: Bit32, 6: Bit64, 7: Varint, 8: LengthDelimited },
}

export function expectWire(wires: Wires, no: number, wire: WireType): void {
  const expected = wires[no]
  if (expected !== undefined && expected !== wire)
    throw new PayloadError(`field ${no}: expected wire type ${expected}, got ${wire}`)
}

/** Typed arrays can then be copied as they are: Sparkplug's arrays are little-endian. */
export const LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1
