/** Whether a list has changed since it was last read. Pure. */
import { createHash } from 'node:crypto'

/** Weak, because the bytes may differ: the desk's clock, which stands in some answers, is no change. */
export function etagOf(answer: object, csv: boolean): string {
  const { now_ns: _, ...rest } = answer as { now_ns?: string }
  const hash = createHash('sha256').update(JSON.stringify(rest)).digest('base64url').slice(0, 22)
  return `W/"${csv ? 'csv-' : ''}${hash}"`
}
