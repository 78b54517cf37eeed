/** A drill and its report as people read them on a terminal. Times of day are the site's; what happened is the desk's word. */
import { onScreen } from '../desk/notice.ts'
import type { DrillJson, DrillOccurrenceJson, DrillReportJson } from '../domain/api.ts'
import { hasAmount } from '../domain/limit-words.ts'
import { instant, instantToMs } from '../domain/time.ts'

export function drillLine(drill: DrillJson, time_zone: string): string {
  const { id, status, name, owner, started_ns, ended_ns, until_ns } = drill
  const to = ended_ns === null ? `until at most ${time(until_ns, time_zone)}` : `to ${time(ended_ns, time_zone)}`
  const why = drill.why === null ? '' : ` (${drill.why})`
  return `${id}  ${status}  "${name}", ${owner}, ${time(started_ns, time_zone)} ${to}${why}`
}

export function reportText(drill: DrillJson, report: DrillReportJson, time_zone: string): string {
  const { scenario, shadows, recipients } = drill
  const { summary, real } = report
  const { raised, told, acknowledged, ack_median_s, ack_longest_s } = summary
  const lines = [
    `EXERCISE  drill "${drill.name}" (${drill.id}), ${drill.status}`,
    `owner       ${drill.owner}; started by ${drill.started_by}`,
    `time        ${time(drill.started_ns, time_zone)} to ${drill.ended_ns === null ? 'now: it still runs' : time(drill.ended_ns, time_zone)} (${time_zone})`,
    ...(drill.why === null ? [] : [`why         ${drill.why}`]),
    `scenario    ${scenario.name ?? 'own text'}, seed ${scenario.seed ?? 'of the scenario'}`,
    `shadows     ${shadows.length === 0 ? 'none; simulated devices only' : shadows.join(', ')}`,
    `recipients  ${recipients.length === 0 ? 'none' : recipients.join(', ')}`,
    '',
    `${raised} raised, ${told} told, ${acknowledged} acknowledged, ${summary.not_acknowledged} not acknowledged` +
      (ack_median_s === null
        ? ''
        : `; acknowledged after ${seconds(ack_median_s)} (median), ${seconds(ack_longest_s!)} (longest)`),
    ...report.occurrences.flatMap((occurrence) => ['', ...occurrenceLines(occurrence, time_zone)]),
    '',
    real.count === 0
      ? 'No real alarm came during the drill.'
      : `${real.count} REAL alarm${real.count === 1 ? '' : 's'} came during the drill and ${real.count === 1 ? 'is' : 'are'} no part of it:`,
    ...real.alarms.map(({ alarm, name, onset_ns }) => `  ${time(onset_ns, time_zone)}  ${name} (${alarm})`),
    ...(report.complete || drill.ended_ns === null
      ? []
      : ['', 'There was more than a report can list; the journal has all of it.']),
  ]
  return `${lines.join('\n')}\n`
}

function occurrenceLines(occurrence: DrillOccurrenceJson, time_zone: string): string[] {
  const { name, alarm, channel, onset_ns, told_after_s, acknowledged, returned_ns, late } = occurrence
  const answer =
    acknowledged === null
      ? 'NOT acknowledged'
      : `acknowledged by ${acknowledged.by} after ${seconds(acknowledged.after_s)}${acknowledged.comment === null ? '' : `: ${acknowledged.comment}`}`
  return [
    `${time(onset_ns, time_zone)}  ${name} (${alarm}, ${channel})${late ? '  LATE' : ''}`,
    `  ${amountText(occurrence)}; ` +
      (returned_ns === null ? 'no return seen' : `returned ${time(returned_ns, time_zone)}`),
    `  ${told_after_s === null ? 'NOT told' : `told after ${seconds(told_after_s)}`}; ${answer}`,
    ...occurrence.comments.map(({ at_ns, by, text }) => `  ${time(at_ns, time_zone)}  ${by}: ${text}`),
  ]
}

/** Peak against limit; of what judges something else than the value, its rule. */
function amountText({ peak, limit, unit, kind, rule }: DrillOccurrenceJson): string {
  if (!hasAmount(kind)) return rule?.en ?? 'no value'
  const worst = `worst ${peak === null ? 'unknown' : onScreen(peak, unit, kind)}`
  return rule === null ? `${worst}, limit ${onScreen(limit, unit, kind)}` : `${worst}, ${rule.en}`
}

const seconds = (s: number): string =>
  s < 120 ? `${s.toFixed(1)} s` : `${Math.floor(s / 60)} min ${Math.floor(s % 60)} s`

function time(ns: string, time_zone: string): string {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone: time_zone, dateStyle: 'short', timeStyle: 'medium' })
  return format.format(instantToMs(instant(BigInt(ns))))
}
