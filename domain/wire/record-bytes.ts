/**
 * The body of a record as bytes. What stands in it is `record.ts`'s; here good readings, of which a gateway makes thousands a
 * second, are written without making objects of them first.
 */
import { GOOD, type Reading } from '../reading.ts'
import { writeMetrics } from '../sparkplug/encode.ts'
import { METRIC_FIELD, PROPERTY_FIELD, WIRE } from '../sparkplug/fields.ts'
import { DataType } from '../sparkplug/payload.ts'
import { WireWriter } from '../sparkplug/wire-writer.ts'
import { instantToMs } from '../time.ts'
import { bodyMetrics, type RecordBody, readingMetric } from './record.ts'

/** Nothing is awaited while it is in use. */
const writer = new WireWriter()

/** The bytes of `bodyMetrics`. */
export function encodeBody(device: string, { readings, blocks, gaps }: RecordBody): Uint8Array {
  const w = writer.restart()
  const names = device.length + 1
  let [t_ns, timestamp] = [0n, 0]
  for (const reading of readings) {
    if (reading.flag !== GOOD || reading.value === null) {
      writeMetrics(w, [readingMetric(device, reading)])
      continue
    }
    // Those of one request share their instant.
    if (reading.t_ns !== t_ns) {
      t_ns = reading.t_ns
      timestamp = instantToMs(reading.t_ns)
    }
    writeGood(w, reading, reading.value, names, timestamp)
  }
  writeMetrics(w, bodyMetrics(device, { readings: [], blocks, gaps }))
  return w.finish()
}

/** Fields of sparkplug_b.proto as `encode.ts` writes them for `readingMetric`. */
function writeGood(w: WireWriter, reading: Reading, value: number, names: number, timestamp: number): void {
  const metric = w.open(2)
  w.tag(1, WIRE.lengthDelimited).text(reading.channel, names).tag(3, WIRE.varint).unsigned(timestamp)
  const properties = w.open(9)
  w.tag(1, WIRE.lengthDelimited).text('t_ns').tag(1, WIRE.lengthDelimited).text('half_width_ns')
  writeInt64(w, reading.t_ns)
  writeInt64(w, reading.half_width_ns)
  w.close(properties)
  w.tag(METRIC_FIELD.double, WIRE.bit64).double(value)
  w.close(metric)
}

function writeInt64(w: WireWriter, value: bigint): void {
  const property = w.open(2)
  w.tag(1, WIRE.varint).unsigned(DataType.Int64).tag(PROPERTY_FIELD.long, WIRE.varint).wide(value)
  w.close(property)
}
