/** The last occurrences of one alarm, from its journal entries: when, how far, and who answered after how long. Pure. */
import type { JournalEntryJson } from '../domain/alarm.ts'
import type { ExplainJson } from '../domain/api-desk.ts'
import type { OnsetBody, ReturnBody } from './alarm.ts'

type Line = ExplainJson['occurrences'][number]

/** Newest first. `rows` in the order of the journal. */
export function occurrencesOf(rows: readonly JournalEntryJson[]): Line[] {
  const lines: Array<Line & { key: string }> = []
  for (const { kind, body, occurrence, actor, at_ns } of rows) {
    const key = `${(body as { outbox?: string }).outbox} ${occurrence}`
    if (kind === 'onset') {
      const { onset_ns, peak, value } = body as OnsetBody
      const answer = { acknowledged_by: null, acknowledged_after_s: null }
      lines.push({ key, occurrence: occurrence ?? 0, onset_ns, returned_ns: null, peak: peak ?? value, ...answer })
    } else if (kind === 'return') {
      const { returned_ns, peak } = body as ReturnBody
      const line = lines.find((one) => one.key === key)
      if (line !== undefined)
        Object.assign(line, { returned_ns: returned_ns ?? line.returned_ns, peak: peak ?? line.peak })
    } else if (kind === 'acknowledge')
      for (const line of lines)
        if (line.acknowledged_by === null)
          Object.assign(line, {
            acknowledged_by: actor,
            acknowledged_after_s: Number(BigInt(at_ns) - BigInt(line.onset_ns)) / 1e9,
          })
  }
  return lines.map(({ key: _, ...line }) => line).reverse()
}
