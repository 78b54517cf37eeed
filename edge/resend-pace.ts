/**
 * How resending shares the node with everything live: it goes in pieces, and after each piece it rests for as long as that
 * took and longer, so that polls, limits and alarms have their turn in between, also where broker and desk run on the same
 * machine. A backlog waits for hours as well as for minutes; an alarm does not. Pure.
 */
import { NS_PER_MS } from '../domain/time.ts'

/** Bytes read, packed and sent in one piece: a millisecond or two of a small machine, and all that an alarm waits behind. */
export const PIECE_BYTES = 32 * 1024
const REST_TIMES = 2n
/** A piece that waited for a disk says nothing of the work in it. */
const REST_MAX_NS = 50n * NS_PER_MS

/** @param took_ns from the beginning of the piece until it was handed to the connection */
export function restAfter(took_ns: bigint): bigint {
  const rest_ns = took_ns * REST_TIMES
  return rest_ns < REST_MAX_NS ? rest_ns : REST_MAX_NS
}
