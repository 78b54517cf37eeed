/**
 * What is due of an incident and when: the first message after a moment of grouping, each step after the time-out of the one
 * before it, news of what joined, and the word that it is over. Pure: `(incident, policy, instant) -> action`. Times are those
 * of a clock that never steps; what was due while the desk was away is due now, each step once.
 */
import type { SiteNotices, SitePolicy } from '../../domain/site-notices.ts'
import {
  type Delivery,
  type DeliveryAction,
  higher,
  highest,
  type Incident,
  unansweredOf,
  untoldOf,
} from './incident.ts'

export type Due = {
  readonly action: Extract<DeliveryAction, 'alarm' | 'update' | 'returned'>
  readonly cycle: number
  readonly step: number
  readonly round: number
  readonly at_t: number
}

export type Rules = Pick<SiteNotices, 'grouping'>

const MINUTE = 60_000
/** A gauge on the edge of its limit is not over because it dipped below it once. */
export const SETTLED_MS = 30_000

/** The next thing to do about an incident, whenever that is; `undefined` where nothing is left to do. */
export function nextDue(
  incident: Incident,
  policy: SitePolicy,
  rules: Rules,
  failed: boolean,
  now_t: number,
): Due | undefined {
  if (unansweredOf(incident).length === 0) return overDue(incident)
  const place = { cycle: incident.cycle, step: incident.step, round: incident.round }
  if (incident.step < 0)
    return { action: 'alarm', cycle: 0, step: 0, round: 0, at_t: incident.opened_t + rules.grouping.wait_s * 1000 }
  const step = nextStep(incident, policy, failed, now_t)
  const news = newsDue(incident, rules)
  const update: Due | undefined = news === undefined ? undefined : { action: 'update', ...place, at_t: news }
  const over = overDue(incident)
  return [step, update, over]
    .filter((due): due is Due => due !== undefined)
    .reduce<Due | undefined>((first, due) => (first === undefined || due.at_t < first.at_t ? due : first), undefined)
}

/** Of what joined: at once where it is worse than what was told, else not too often. */
function newsDue(incident: Incident, { grouping }: Rules): number | undefined {
  const untold = untoldOf(incident)
  if (untold.length === 0) return undefined
  const worse = higher(highest(untold.map(({ priority }) => priority)), incident.told_priority)
  return worse
    ? incident.joined_t + grouping.wait_s * 1000
    : Math.max(incident.message_t + grouping.update_min * MINUTE, incident.joined_t + grouping.wait_s * 1000)
}

/** Once all of it has returned; said to those who were told of it. */
function overDue(incident: Incident): Due | undefined {
  const { members, told, said_returned, returned_t, cycle, step, round } = incident
  if (said_returned || told.length === 0 || !members.every(({ returned }) => returned)) return undefined
  return { action: 'returned', cycle, step, round, at_t: returned_t + SETTLED_MS }
}

function nextStep(incident: Incident, policy: SitePolicy, failed: boolean, now_t: number): Due | undefined {
  let place = { cycle: incident.cycle, step: Math.min(incident.step, policy.steps.length - 1), round: incident.round }
  let at_t = incident.base_t
  let unreached = failed || incident.nobody
  for (;;) {
    const next = placeAfter(place, policy, unreached)
    if (next === undefined) return undefined
    at_t += next.after_ms
    const due: Due = { action: 'alarm', cycle: next.cycle, step: next.step, round: next.round, at_t }
    // Of the messages of one step that were due while the desk was away only the last is carried out.
    const beyond = placeAfter(next, policy, false)
    const repeats = beyond !== undefined && beyond.cycle === next.cycle && beyond.step === next.step
    if (next.cycle !== place.cycle || !repeats || at_t + beyond.after_ms > now_t) return due
    place = next
    unreached = false
  }
}

type Place = { readonly cycle: number; readonly step: number; readonly round: number }

/** @param failed nobody was reached: waiting for an answer is no use */
function placeAfter(
  { cycle, step, round }: Place,
  { steps, start_over_min }: SitePolicy,
  failed: boolean,
): (Place & { readonly after_ms: number }) | undefined {
  const { acknowledge_within_min, repeat } = steps[step]!
  const after_ms = failed ? 0 : acknowledge_within_min * MINUTE
  if (round < repeat && !failed) return { cycle, step, round: round + 1, after_ms }
  if (step + 1 < steps.length) return { cycle, step: step + 1, round: 0, after_ms }
  if (start_over_min === 0) return undefined
  return { cycle: cycle + 1, step: 0, round: 0, after_ms: start_over_min * MINUTE }
}

/** Whether everything that was sent from the incident's present place has failed for good. */
export function allFailed({ cycle, step, round }: Incident, deliveries: Iterable<Delivery>): boolean {
  let any = false
  for (const delivery of deliveries) {
    if (delivery.action !== 'alarm') continue
    if (delivery.cycle !== cycle || delivery.step !== step || delivery.round !== round) continue
    if (delivery.state !== 'failed') return false
    any = true
  }
  return any
}
