/** How each part of the line is, for one page: what is not known is never good. Pure. */
import type { HealthState, SystemJson } from '../domain/api-desk.ts'
import { judgeClock } from '../domain/clock-health.ts'
import type { NodeHealth } from '../domain/wire/node-health.ts'
import { notConnected } from '../runtime/health.ts'
import { canaryOf, judgeCanary, type LineState } from './site-conditions.ts'

type Part = SystemJson['parts'][number]
type Own = { readonly free_bytes: number | null; readonly journal_seq: number; readonly clients: number }

const part = (
  id: string,
  state: HealthState,
  detail: string,
  figures: Part['figures'] = {},
  since_ns: string | null = null,
): Part => ({
  ...{ id, state, since_ns, detail, figures },
})

export function systemParts(line: LineState, health: ReadonlyMap<string, NodeHealth>, own: Own): Part[] {
  const { brokerUp, brokerAway, storeAway, stored, journalAway, journalBroken, diskFreePercent, diskLeast_percent } =
    line
  const journal = journalAway ?? journalBroken
  const disk: HealthState =
    diskFreePercent === undefined ? 'unknown' : diskFreePercent < diskLeast_percent ? 'bad' : 'good'
  return [
    part('broker', brokerUp ? 'good' : 'bad', brokerUp ? 'connected' : notConnected(brokerAway)),
    part(
      'store',
      storeAway !== undefined ? 'bad' : stored === undefined ? 'unknown' : 'good',
      storeAway ?? (stored ? 'can be read' : 'not read yet'),
    ),
    ingestPart(line),
    backupPart(line),
    part('journal', journal === undefined ? 'good' : 'bad', journal ?? 'written and whole', {
      entries: own.journal_seq,
    }),
    part('disk', disk, diskFreePercent === undefined ? 'not known' : `${diskFreePercent.toFixed(1)} % free`, {
      free_bytes: own.free_bytes,
    }),
    part('console', 'good', 'served', { clients: own.clients }),
    clockPart(line),
    ...line.nodes.map(({ id }) => canaryPart(line, id)),
    ...line.nodes.map(({ id, state, since_ns, reason, site_hash_agrees }): Part => {
      const of = health.get(id)
      const well: HealthState = site_hash_agrees === false || of?.clock_trusted === false ? 'warning' : 'good'
      const how: HealthState = state === 'online' ? well : state === 'offline' ? 'bad' : 'unknown'
      const detail = reason ?? (site_hash_agrees === false ? 'runs on another site file' : 'online')
      return part(`node/${id}`, how, detail, of === undefined ? {} : figuresOf(of), since_ns)
    }),
  ]
}

function ingestPart({ ingest, brokerUp }: LineState): Part {
  if (ingest === undefined || !brokerUp) return part('ingest', 'unknown', 'it has said nothing yet')
  const { taking, why, lag_s, waiting_records, quarantined_total, dead_letter_total } = ingest.health
  const state: HealthState = ingest.age_s > 30 ? 'unknown' : !taking ? 'bad' : why !== null ? 'warning' : 'good'
  const detail =
    ingest.age_s > 30
      ? `silent for ${Math.round(ingest.age_s)} s`
      : (why ?? (taking ? 'stores what comes' : 'takes nothing'))
  return part('ingest', state, detail, { lag_s, waiting_records, quarantined_total, dead_letter_total })
}

function backupPart({ ingest }: LineState): Part {
  const last = ingest?.health.last_backup_ns ?? null
  return part(
    'backup',
    last === null ? 'unknown' : 'good',
    last === null ? 'none is known' : 'the last one was whole',
    {},
    last === null ? null : String(last),
  )
}

const CLOCK_STATE = { good: 'good', unknown: 'unknown', doubtful: 'warning', bad: 'bad' } as const

function clockPart({ clock }: LineState): Part {
  const { state, why = 'goes by a time service' } = judgeClock(clock)
  const { offset_s = null, step } = clock
  return part('clock', CLOCK_STATE[state], why, { offset_s, stepped_s: step?.by_s ?? null })
}

/** The newest reading of a node that came back out of the store: when it was measured, and how far it is behind. */
function canaryPart(line: LineState, id: string): Part {
  const { is, detail } = judgeCanary(line, id)
  const { stored_ns = null, delay_s = null } = canaryOf(line, id) ?? {}
  const state: HealthState = is === undefined ? 'unknown' : is ? 'bad' : 'good'
  const words = { unknown: 'nothing to be told of it now', bad: detail, good: 'what is seen live is stored' }
  const last_seen_s = stored_ns === null ? null : Math.max(0, Number(line.at - stored_ns) / 1e9)
  return part(`canary/${id}`, state, words[state], { last_seen_s, delay_s })
}

const figuresOf = (of: NodeHealth): Part['figures'] => ({
  ...{
    polls: of.polls,
    polls_good: of.polls_good,
    polls_missed: of.polls_missed,
    links: of.links,
    links_up: of.links_up,
  },
  backlog_records: Object.values(of.streams).reduce((sum, { records }) => sum + records, 0),
  dropped: Object.values(of.streams).reduce((sum, { dropped }) => sum + dropped, 0),
})
