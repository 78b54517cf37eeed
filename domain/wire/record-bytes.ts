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
  const times = new Times()
  for (const reading of readings) {
    if (reading.flag !== GOOD || reading.value === null) {
      writeMetrics(w, [readingMetric(device, reading)])
      continue
    }
    const metric = w.open(2)
    w.tag(1, WIRE.lengthDelimited).text(reading.channel, names)
    times.write(w, reading)
    w.tag(METRIC_FIELD.double, WIRE.bit64).double(reading.value)
    // What is moved is no longer where it was written.
    if (w.close(metric)) times.forget()
  }
  writeMetrics(w, bodyMetrics(device, { readings: [], blocks, gaps }))
  return w.finish()
}

/**
 * Of each reading when it was taken and how exactly, in the fields of sparkplug_b.proto as `encode.ts` writes them for
 * `readingMetric`. Readings of one request share both: what was written for the one before is written again.
 */
class Times {
  #t_ns: bigint | undefined
  #half_width_ns = 0n
  /** Where it stands: [from, to). */
  #from = 0
  #to = 0

  write(w: WireWriter, { t_ns, half_width_ns }: Reading): void {
    if (t_ns === this.#t_ns && half_width_ns === this.#half_width_ns) {
      w.again(this.#from, this.#to)
      return
    }
    this.#from = w.at
    w.tag(3, WIRE.varint).unsigned(instantToMs(t_ns))
    const properties = w.open(9)
    w.tag(1, WIRE.lengthDelimited).text('t_ns').tag(1, WIRE.lengthDelimited).text('half_width_ns')
    writeInt64(w, t_ns)
    writeInt64(w, half_width_ns)
    w.close(properties)
    this.#to = w.at
    this.#t_ns = t_ns
    this.#half_width_ns = half_width_ns
  }

  forget(): void {
    this.#t_ns = undefined
  }
}

function writeInt64(w: WireWriter, value: bigint): void {
  const property = w.open(2)
  w.tag(1, WIRE.varint).unsigned(DataType.Int64).tag(PROPERTY_FIELD.long, WIRE.varint).wide(value)
  w.close(property)
}
