/**
 * Bytes of a Sparkplug B payload to values. Reads what the specification asks for and what older writers send: a missing
 * datatype (looked up in the birth), UInt32 in either integer field, and aliases.
 */
import { PropertySets } from './decode-properties.ts'
import { fieldsByNumber, type Raw, readRaw, toValue } from './decode-value.ts'
import {
  type DatatypeOf,
  expectWire,
  type Field,
  METRIC_FIELD,
  METRIC_WIRE,
  PAYLOAD_WIRE,
  PayloadError,
} from './fields.ts'
import { DataType, type Metric, type Payload, type Properties } from './payload.ts'
import { WireReader } from './wire-reader.ts'

const T = DataType

/** @throws PayloadError where the bytes are not a Sparkplug payload. */
export function decodePayload(bytes: Uint8Array, datatypeOf: DatatypeOf = () => undefined): Payload {
  try {
    return readPayload(new WireReader(bytes), datatypeOf)
  } catch (error) {
    if (error instanceof PayloadError) throw error
    throw new PayloadError(`not a Sparkplug B payload of ${bytes.length} bytes: ${(error as Error).message}`)
  }
}

function readPayload(r: WireReader, datatypeOf: DatatypeOf): Payload {
  let timestamp: number | undefined
  let seq: number | undefined
  const metrics: Metric[] = []
  const sets = new PropertySets()
  while (r.next()) {
    const { no, wire } = r
    expectWire(PAYLOAD_WIRE, no, wire)
    if (no === 1) timestamp = r.uint64()
    else if (no === 2) metrics.push(readMetric(r, sets, datatypeOf))
    else if (no === 3) seq = r.uint64()
    else r.skip(wire, no)
  }
  return { timestamp, seq, metrics }
}

/** Fields that leave nothing open: a writer who names no datatype has said it all the same. */
const CERTAIN: Partial<Record<Field, DataType>> = { float: T.Float, double: T.Double }

const METRIC_FIELDS = fieldsByNumber(METRIC_FIELD)

function readMetric(r: WireReader, sets: PropertySets, datatypeOf: DatatypeOf): Metric {
  const outer = r.enter()
  let name: string | undefined
  let alias: bigint | undefined
  let timestamp: number | undefined
  let datatype: DataType | undefined
  let historical = false
  let isNull = false
  let properties: Properties | undefined
  let field: Field | undefined
  let raw: Raw | undefined
  while (r.next()) {
    const { no, wire } = r
    expectWire(METRIC_WIRE, no, wire)
    const holds = METRIC_FIELDS[no]
    if (holds !== undefined) {
      raw = readRaw(r, holds)
      field = holds
    } else if (no === 1) name = r.text()
    else if (no === 2) alias = r.wide()
    else if (no === 3) timestamp = r.uint64()
    else if (no === 4) datatype = r.uint32() as DataType
    else if (no === 5) historical = r.bool()
    else if (no === 7) isNull = r.bool()
    else if (no === 9) properties = sets.next(r)
    else r.skip(wire, no)
  }
  r.leave(outer)
  const known = datatype ?? datatypeOf(name, alias)
  const certain = known === undefined && field !== undefined ? CERTAIN[field] : undefined
  const value = isNull || field === undefined ? null : toValue(field, raw!, known)
  return { name, alias, timestamp, datatype: datatype ?? certain, historical, value, properties }
}
