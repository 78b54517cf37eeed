/**
 * The ledger: what was true, kept by the story itself, against what the journal says people were told. An occurrence is a span
 * in which a value was beyond its limit; the ledger finds it from the story's own function of time, never from the line.
 */
import type { JournalEntryJson } from '../../domain/alarm.ts'

/** Seconds since the story began; a span that goes on has no end. */
export type Span = { readonly from_s: number; readonly to_s: number | undefined }

export type Episodes = {
  readonly value: (at_s: number) => number
  readonly limit: number
  readonly deadband: number
  /** When the value is looked at. */
  readonly every_s: number
  readonly until_s: number
}

/** Raised at the limit or above, cleared a deadband below it, both as float32, as registers carry them. */
export function spansAbove({ value, limit, deadband, every_s, until_s }: Episodes): Span[] {
  const [raise, clear] = [Math.fround(limit), Math.fround(limit - deadband)]
  const spans: Span[] = []
  let from_s: number | undefined
  for (let at_s = 0; at_s <= until_s; at_s += every_s) {
    const now = Math.fround(value(at_s))
    if (from_s === undefined && now >= raise) from_s = at_s
    else if (from_s !== undefined && now < clear) {
      spans.push({ from_s, to_s: at_s })
      from_s = undefined
    }
  }
  if (from_s !== undefined) spans.push({ from_s, to_s: undefined })
  return spans
}

export type Reckoning = {
  readonly expected: number
  /** Occurrences of which nobody was told. */
  readonly missing: number
  /** Told more than once. */
  readonly doubled: number
  /** Told, and never there. */
  readonly invented: number
  /** Onset or return further from the truth than the tolerance, or the return not told at all. */
  readonly wrong: number
  /** Those that were told as late. */
  readonly late: number
}

type Told = {
  onset_s: number
  returned_s: number | undefined
  /** When people were told, each time. */
  noticed_s: number[]
  late: boolean
}

export type Question = {
  readonly alarm: string
  readonly begun_ns: bigint
  readonly spans: readonly Span[]
  /** One poll, and what a jittered clock may add. */
  readonly tolerance_s: number
}

export function reckon(
  entries: readonly JournalEntryJson[],
  { alarm, begun_ns, spans, tolerance_s }: Question,
): Reckoning {
  const told = toldOf(entries, alarm, begun_ns)
  const left = new Set(told)
  let [missing, doubled, wrong] = [0, 0, 0]
  for (const span of spans) {
    const matches = told.filter(({ onset_s }) => Math.abs(onset_s - span.from_s) <= tolerance_s)
    for (const match of matches) left.delete(match)
    const notices = matches.reduce((sum, { noticed_s }) => sum + noticed_s.length, 0)
    if (notices === 0) missing++
    if (notices > 1) doubled++
    const { returned_s } = matches[0] ?? {}
    const ended =
      span.to_s === undefined
        ? returned_s === undefined
        : returned_s !== undefined && Math.abs(returned_s - span.to_s) <= tolerance_s
    if (matches.length > 0 && !ended) wrong++
  }
  return {
    expected: spans.length,
    missing,
    doubled,
    invented: left.size,
    wrong,
    late: told.filter(({ late }) => late).length,
  }
}

function toldOf(entries: readonly JournalEntryJson[], alarm: string, begun_ns: bigint): Told[] {
  const told = new Map<string, Told>()
  const since_s = (ns: unknown): number => Number(BigInt(String(ns)) - begun_ns) / 1e9
  for (const entry of entries) {
    if (entry.alarm !== alarm) continue
    const body = entry.body as { outbox?: string; onset_ns?: string; returned_ns?: string | null; late?: boolean }
    const name = `${body.outbox} ${entry.occurrence}`
    const one = told.get(name)
    if (entry.kind === 'onset')
      told.set(name, {
        onset_s: since_s(body.onset_ns),
        returned_s: undefined,
        noticed_s: [],
        late: body.late === true,
      })
    else if (entry.kind === 'notice' && one !== undefined) one.noticed_s.push(since_s(entry.at_ns))
    else if (entry.kind === 'return' && one !== undefined && body.returned_ns != null)
      one.returned_s = since_s(body.returned_ns)
  }
  return [...told.values()]
}

/** From the truth to the first notice [s], of each span that was told, in order. */
export function delays_s(
  entries: readonly JournalEntryJson[],
  { alarm, begun_ns, spans, tolerance_s }: Question,
): number[] {
  const told = toldOf(entries, alarm, begun_ns)
  return spans.flatMap(({ from_s }) => {
    const noticed_s = told.find(({ onset_s }) => Math.abs(onset_s - from_s) <= tolerance_s)?.noticed_s[0]
    return noticed_s === undefined ? [] : [noticed_s - from_s]
  })
}

export const isExact = ({ missing, doubled, invented, wrong }: Reckoning): boolean =>
  missing + doubled + invented + wrong === 0

export const inWords = ({ expected, missing, doubled, invented, wrong, late }: Reckoning): string =>
  `${expected} occurrences: ${missing} missing, ${doubled} told twice, ${invented} invented, ${wrong} with a wrong time${late > 0 ? `, ${late} told late` : ''}`

export const together = (all: readonly Reckoning[]): Reckoning => ({
  expected: sum(all, 'expected'),
  missing: sum(all, 'missing'),
  doubled: sum(all, 'doubled'),
  invented: sum(all, 'invented'),
  wrong: sum(all, 'wrong'),
  late: sum(all, 'late'),
})
const sum = (all: readonly Reckoning[], key: keyof Reckoning): number => all.reduce((total, one) => total + one[key], 0)
