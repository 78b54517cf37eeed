/** What became of a planned batch: what goes into the state database, and what each of its records is answered. Pure. */
import type { AppendOutcome } from '../../domain/ports.ts'
import { addRange } from '../../domain/ranges.ts'
import type { KeptRecord, Ranges, RejectedRecord } from '../../domain/record.ts'
import type { Part, Planner } from './plan.ts'
import type { Mark } from './rollups.ts'
import type { Commit } from './state.ts'

/** What is remembered of a batch once the server has taken its lines. */
export function commitOf(records: readonly KeptRecord[], plan: Planner): Commit {
  const marks = new Map<string, bigint>()
  const ranges = new Map<string, Ranges>()
  const gaps: Commit['gaps'][number][] = []
  const touched = new Map<string, Mark>()
  const refused: RejectedRecord[] = []
  for (const part of plan.parts) {
    // Also of what was refused: the hour was announced as stale.
    for (const { owner, hour } of part.touched ?? []) touched.set(`${hour} ${owner}`, { owner, hour })
    if (part.refused !== undefined) {
      const { identity, device, exercise } = records[part.record]!
      refused.push({ identity, device, exercise, reason: part.refused, body: part.body() })
      continue
    }
    if (part.mark !== undefined) {
      const [owner, newest_ns] = part.mark
      if (newest_ns > (marks.get(owner) ?? -(2n ** 63n))) marks.set(owner, newest_ns)
    }
    if (part.range !== undefined) {
      const [owner, { first, n }] = part.range
      ranges.set(owner, addRange(ranges.get(owner) ?? [], first, first + n - 1))
    }
    if (part.gap !== undefined) gaps.push(part.gap)
  }
  const identities = records.filter((_, i) => !plan.records[i]!.known).map((record) => record.identity)
  return { identities, marks: [...marks], ranges: [...ranges], gaps, refused, touched: [...touched.values()] }
}

/** What each record is answered. */
export function outcomesOf({ records, parts }: Planner): AppendOutcome[] {
  const refused = new Map<number, Part[]>()
  for (const part of parts)
    if (part.refused !== undefined) refused.set(part.record, [...(refused.get(part.record) ?? []), part])
  return records.map(({ known, stored, same }, i) => {
    const [first, ...rest] = refused.get(i) ?? []
    if (first !== undefined)
      return {
        kind: 'quarantined',
        reason: rest.length === 0 ? first.refused! : `${first.refused} (and ${rest.length} more)`,
      }
    return { kind: known || (stored === 0 && same > 0) ? 'duplicate' : 'stored' }
  })
}
