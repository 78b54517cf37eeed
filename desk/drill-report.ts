/**
 * What people did in a drill, from the rows that the journal holds between its start and its end. Pure; nothing is kept
 * beside the journal, so the report says the same whenever it is asked for.
 */
import type { DrillMark, JournalEntryJson } from '../domain/alarm.ts'
import type { DrillOccurrenceJson, DrillReportJson, RuleJson } from '../domain/api.ts'
import { instant, secondsBetween } from '../domain/time.ts'
import { DRILL_ENDED, type NoticeBody, type OnsetBody, type ReturnBody } from './alarm.ts'

/** Occurrences listed, and real alarms; a chattering sensor must not make a report of gigabytes. */
export const REPORT_OCCURRENCES_MAX = 2000

type Kept = Pick<JournalEntryJson, 'at_ns' | 'kind' | 'alarm' | 'occurrence' | 'actor' | 'body'>
type Told = NoticeBody & {
  readonly name: string
  readonly channel: string
  /** Not in entries of an older desk, which knew only limits on the value. */
  readonly kind?: string
  readonly rule?: RuleJson
  readonly drill?: DrillMark
}
type Line = { -readonly [K in keyof DrillOccurrenceJson]: DrillOccurrenceJson[K] } & {
  outbox: string
  told_ns: string | null
}

const secondsFrom = (from_ns: string, to_ns: string): number =>
  secondsBetween(instant(BigInt(to_ns)), instant(BigInt(from_ns)))

/** Rows in their order; those of no alarm may be left out. `over`: they reach to the end of the drill. */
export function drillReport(drill: DrillMark, entries: Iterable<Kept>, over: boolean): DrillReportJson {
  const report = new Report(drill)
  for (const entry of entries) if (entry.alarm !== null) report.take(entry, entry.alarm)
  return report.json(over)
}

class Report {
  readonly #drill: DrillMark
  readonly #lines: Line[] = []
  /** Lines of an alarm, oldest first. */
  readonly #ofAlarm = new Map<string, Line[]>()
  readonly #real: DrillReportJson['real']['alarms'] = []
  #realCount = 0
  #unlisted = 0

  constructor({ id, name }: DrillMark) {
    this.#drill = { id, name }
  }

  take(entry: Kept, alarm: string): void {
    if (entry.kind === 'onset') this.#onset(entry, alarm)
    else if (entry.kind === 'notice') this.#notice(entry, alarm)
    else if (entry.kind === 'return') this.#returned(entry, alarm)
    else if (entry.kind === 'acknowledge') this.#acknowledged(entry, alarm)
    else if (entry.kind === 'comment') this.#comment(entry, alarm, (entry.body as { text: string }).text)
    else if (entry.kind === 'state') this.#state(entry, alarm)
  }

  #onset(entry: Kept, alarm: string): void {
    const body = entry.body as OnsetBody
    const occurrence = entry.occurrence ?? 0
    const limit_id = alarm.slice(alarm.indexOf(':') + 1)
    if (body.drill?.id !== this.#drill.id) {
      if (body.drill !== undefined || body.exercise) return
      this.#realCount++
      if (this.#real.length < REPORT_OCCURRENCES_MAX)
        this.#real.push({ alarm, name: limit_id, occurrence, onset_ns: body.onset_ns })
      return
    }
    if (this.#lines.length >= REPORT_OCCURRENCES_MAX) {
      this.#unlisted++
      return
    }
    const { outbox, onset_ns, late, limit, unit } = body
    const line: Line = {
      ...{ alarm, limit_id, name: limit_id, channel: '', occurrence, onset_ns, late, limit, unit, outbox },
      ...{ told_after_s: null, told_ns: null, acknowledged: null, comments: [], returned_ns: null },
      ...{ kind: 'above', rule: null },
      peak: body.peak ?? body.value,
    }
    this.#lines.push(line)
    this.#ofAlarm.set(alarm, [...(this.#ofAlarm.get(alarm) ?? []), line])
  }

  #find(alarm: string, outbox: string, occurrence: number | null): Line | undefined {
    return this.#ofAlarm.get(alarm)?.find((line) => line.outbox === outbox && line.occurrence === occurrence)
  }

  #notice({ body, at_ns, occurrence }: Kept, alarm: string): void {
    const { outbox, name, channel, kind = 'above', rule = null } = body as Told
    const real = this.#real.find((one) => one.alarm === alarm && one.occurrence === occurrence)
    if (real !== undefined) real.name = name
    const line = this.#find(alarm, outbox, occurrence)
    if (line === undefined || line.told_ns !== null) return
    Object.assign(line, { name, channel, kind, rule, told_ns: at_ns, told_after_s: secondsFrom(line.onset_ns, at_ns) })
  }

  #returned({ body, occurrence }: Kept, alarm: string): void {
    const { outbox, returned_ns, peak } = body as ReturnBody
    const line = this.#find(alarm, outbox, occurrence)
    if (line === undefined) return
    line.returned_ns = returned_ns ?? line.returned_ns
    line.peak = peak ?? line.peak
  }

  /** Covers every occurrence up to the one that was seen. */
  #acknowledged(entry: Kept, alarm: string): void {
    const comment = (entry.body as { comment?: string }).comment ?? null
    for (const line of this.#ofAlarm.get(alarm) ?? []) {
      const after_s = secondsFrom(line.told_ns ?? line.onset_ns, entry.at_ns)
      line.acknowledged ??= { by: entry.actor, after_s, comment }
    }
  }

  #comment({ at_ns, actor: by }: Kept, alarm: string, text: string): void {
    this.#ofAlarm.get(alarm)?.at(-1)?.comments.push({ at_ns, by, text })
  }

  /** The worst value seen of one that was still true. */
  #state({ body }: Kept, alarm: string): void {
    const { because, peak } = body as { because: string; peak?: number | null }
    const line = this.#ofAlarm.get(alarm)?.at(-1)
    if (because === DRILL_ENDED && line?.returned_ns === null) line.peak = peak ?? line.peak
  }

  json(over: boolean): DrillReportJson {
    const occurrences = this.#lines.map(({ outbox: _, told_ns: __, ...line }) => line)
    const after = occurrences.flatMap(({ acknowledged }) => acknowledged?.after_s ?? []).sort((a, b) => a - b)
    return {
      drill: this.#drill,
      occurrences,
      summary: {
        raised: occurrences.length + this.#unlisted,
        told: occurrences.filter((line) => line.told_after_s !== null).length,
        acknowledged: after.length,
        not_acknowledged: occurrences.length - after.length,
        ack_median_s: median(after),
        ack_longest_s: after.at(-1) ?? null,
      },
      real: { count: this.#realCount, alarms: this.#real },
      complete: over && this.#unlisted === 0 && this.#realCount === this.#real.length,
    }
  }
}

function median(sorted: readonly number[]): number | null {
  const half = Math.floor(sorted.length / 2)
  if (sorted.length === 0) return null
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2
}
