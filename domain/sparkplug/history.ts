/**
 * What can be told of a payload without its values: whether all of it is history, and until when. A host that wants only
 * the present counts such a payload in the order of messages and reads no further.
 */
import { expectWire, METRIC_WIRE, PAYLOAD_WIRE } from './fields.ts'
import { WireReader } from './wire-reader.ts'

export type History = {
  readonly timestamp: number | undefined
  readonly seq: number | undefined
  /** The latest time of its metrics, without those that bear the time of sending; UTC ms. */
  readonly newest_ms: number
}

/**
 * `undefined` where a metric is not marked is_historical or bears no time, and where the bytes are no payload.
 * @param undated names of metrics whose time is that of sending
 */
export function historyOf(bytes: Uint8Array, undated: ReadonlySet<string>): History | undefined {
  try {
    return read(new WireReader(bytes), undated)
  } catch {
    // Why they are none is said by whoever decodes them then.
    return undefined
  }
}

function read(r: WireReader, undated: ReadonlySet<string>): History | undefined {
  let timestamp: number | undefined
  let seq: number | undefined
  let newest_ms = -1
  while (r.next()) {
    const { no, wire } = r
    expectWire(PAYLOAD_WIRE, no, wire)
    if (no === 1) timestamp = r.uint64()
    else if (no === 3) seq = r.uint64()
    else if (no === 2) {
      const at_ms = timeOfPast(r, undated)
      if (at_ms === undefined) return undefined
      if (at_ms > newest_ms) newest_ms = at_ms
    } else r.skip(wire, no)
  }
  return newest_ms < 0 ? undefined : { timestamp, seq, newest_ms }
}

/** Time of the metric that begins here, if it is history; 0 for one that is not dated. */
function timeOfPast(r: WireReader, undated: ReadonlySet<string>): number | undefined {
  const outer = r.enter()
  let at_ms: number | undefined
  let dated = true
  let historical = false
  while (r.next()) {
    const { no, wire } = r
    expectWire(METRIC_WIRE, no, wire)
    if (no === 1) dated = !undated.has(r.text())
    else if (no === 3) at_ms = r.uint64()
    else if (no === 5) historical = r.bool()
    else r.skip(wire, no)
  }
  r.leave(outer)
  if (!historical) return undefined
  return dated ? at_ms : 0
}
