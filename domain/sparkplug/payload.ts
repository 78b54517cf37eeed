/**
 * Sparkplug B 3.0 payloads as values (the words of sparkplug_b.proto, chapter 6). Bytes are `codec.ts`'s business.
 * DataSets and Templates are not used by Plumbline; a foreign payload that holds them decodes with those metrics unread.
 */

/** Datatype numbers of chapter 6.4.16. */
export const DataType = {
  Int8: 1,
  Int16: 2,
  Int32: 3,
  Int64: 4,
  UInt8: 5,
  UInt16: 6,
  UInt32: 7,
  UInt64: 8,
  Float: 9,
  Double: 10,
  Boolean: 11,
  String: 12,
  DateTime: 13,
  Text: 14,
  UUID: 15,
  DataSet: 16,
  Bytes: 17,
  File: 18,
  Template: 19,
  PropertySet: 20,
  PropertySetList: 21,
  Int8Array: 22,
  Int16Array: 23,
  Int32Array: 24,
  Int64Array: 25,
  UInt8Array: 26,
  UInt16Array: 27,
  UInt32Array: 28,
  UInt64Array: 29,
  FloatArray: 30,
  DoubleArray: 31,
  BooleanArray: 32,
  StringArray: 33,
  DateTimeArray: 34,
} as const
export type DataType = (typeof DataType)[keyof typeof DataType]

/**
 * 8- to 32-bit integers, floats: number. 64-bit integers and DateTime: bigint. Int16Array and Int32Array: typed arrays;
 * Bytes and the other arrays: the raw bytes.
 */
export type Value = number | bigint | boolean | string | Uint8Array | Int16Array | Int32Array

export type Property = { readonly type: DataType; readonly value: number | bigint | boolean | string | null }
export type Properties = Readonly<Record<string, Property>>

export type Metric = {
  readonly name?: string
  readonly alias?: bigint
  /** UTC milliseconds. */
  readonly timestamp?: number
  /** MUST stand in a birth, SHOULD NOT in data and commands (tck-id-payloads-metric-datatype-*). */
  readonly datatype?: DataType
  readonly historical?: boolean
  /** null = is_null. */
  readonly value: Value | null
  readonly properties?: Properties
}

export type Payload = {
  /** UTC milliseconds. */
  readonly timestamp?: number
  readonly seq?: number
  readonly metrics: readonly Metric[]
}
