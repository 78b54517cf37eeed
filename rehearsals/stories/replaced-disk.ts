/**
 * The disk of an edge node is replaced while an alarm stands and after others have come and gone: the new outbox counts from 1
 * again. What comes then is told as new, what was told before is not told again, and the chain of the journal stays whole.
 */
import { rm } from 'node:fs/promises'
import { inWords, isExact, reckon, spansAbove } from './ledger.ts'
import type { Row } from './row.ts'
import { SimulatedLine } from './simulated-line.ts'
import { gaugeOf, POLL_S, riverSite } from './waters.ts'

const BEGUN = new Date('2026-03-10T08:00:00Z')
const LIMIT = { limit: 2, deadband: 0.1 } as const
/** The gauge is above for twenty minutes of every hour; the disk goes at half past, with the third one told and over. */
const stage = (at_s: number): number => (at_s % 3600 >= 600 && at_s % 3600 < 1800 ? 2.4 : 1.2)
const REPLACED_S = 2 * 3600 + 2400
const HOURS = 6

export async function replacedDisk(): Promise<Row> {
  const line = await SimulatedLine.of({
    begun: BEGUN,
    file: riverSite([{ id: 'quay', node: 'n1', limit_m: LIMIT.limit, deadband_m: LIMIT.deadband }]),
    devices: { quay: gaugeOf(BEGUN, stage) },
  })
  try {
    await line.seconds(REPLACED_S)
    await line.stop('n1')
    await rm(line.edgeFolder('n1'), { recursive: true })
    await line.seconds(60)
    await line.startEdge('n1')
    await line.seconds(HOURS * 3600 - REPLACED_S - 60)
    const journal = await line.journal()
    const told = reckon(journal, {
      alarm: 'n1:quay-high',
      begun_ns: line.begun,
      spans: spansAbove({ value: stage, ...LIMIT, every_s: POLL_S, until_s: HOURS * 3600 }),
      tolerance_s: POLL_S,
    })
    const onsets = journal.filter(({ kind, alarm }) => kind === 'onset' && alarm === 'n1:quay-high')
    const outboxes = new Set(onsets.map(({ body }) => (body as Named).outbox))
    return {
      promised: 'the disk of an edge node is replaced: occurrences before and after it told once each',
      counted: `${inWords(told)}; outboxes ${outboxes.size}`,
      holds: isExact(told) && outboxes.size === 2,
    }
  } finally {
    await line.end()
  }
}
type Named = { readonly outbox: string }
