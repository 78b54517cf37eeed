/**
 * An outbox whose segments come and go within minutes. What is committed goes by whole segments, 8 MiB each by default: a line
 * that is only watched for hours would never see one go, and could not tell a disk that fills from one that does not.
 */
import { segmentBytesFor } from '../edge/outbox.ts'

const MIB = 1
const each = { max_mib: MIB }
/** `nodes[].outbox` of a site file. */
export const SMALL_OUTBOX = { conditions: each, readings: each, blocks: each }
/** Each of the three streams holds a segment whose last record is not committed yet, and one that has just begun [kB]. */
export const SMALL_OUTBOX_KB_MAX = 3 * 2 * (segmentBytesFor(MIB * 2 ** 20) / 1e3)
