/**
 * How ingest and its store stand, as retained JSON on a topic of its own: STATE may say no more than Sparkplug lets it. The
 * desk makes alarms of it; a message older than three periods tells nothing but that ingest is silent.
 */
import type { Instant } from '../time.ts'
import { instant } from '../time.ts'

export const ingestHealthTopic = (site: string): string => `plumbline/${site}/ingest/health`

/** It is sent at every change of `taking`, `why`, `foreign_lost` or a total (at most once a second), and at least so often. */
export const INGEST_HEALTH_PERIOD_S = 10

/** Data of a foreign node that nobody sends again, since ingest's process began. */
export type ForeignLoss = {
  readonly node: string
  /** Messages that never came, as its sequence numbers tell; none of a time when nobody heard it. */
  readonly messages: number
  /** Gap records made of it. */
  readonly gaps: number
  /** When the first and the newest loss was noticed. */
  readonly since_ns: Instant
  readonly last_ns: Instant
}

export type IngestHealth = {
  /** When this was said. */
  readonly t_ns: Instant
  /** Of the process: counters begin anew with each. */
  readonly boot: string
  /** Whether what arrives is being stored and acknowledged; what STATE says. */
  readonly taking: boolean
  /** Error code while the store fails, `behind` while it does not keep up, null while all is well. May come before `taking` falls. */
  readonly why: string | null
  /** Age of the oldest record that waits for the store. */
  readonly lag_s: number
  readonly waiting_records: number
  /** Records put aside since the process began. */
  readonly quarantined_total: number
  /** The newest of them. */
  readonly last_quarantined: { readonly t_ns: Instant; readonly device: string; readonly reason: string } | null
  /** What stands in quarantine now, for a person to look at; null where it is not known. */
  readonly dead_letter_total: number | null
  readonly store: {
    readonly kind: 'embedded' | 'influxdb'
    readonly bytes: number | null
    readonly free_bytes: number | null
    readonly oldest_ns: Instant | null
    readonly newest_ns: Instant | null
  } | null
  readonly last_backup_ns: Instant | null
  /** Nodes without a loss are left out. */
  readonly foreign_lost: readonly ForeignLoss[]
}

export const encodeIngestHealth = (health: IngestHealth): Uint8Array =>
  new TextEncoder().encode(JSON.stringify(health, (_, v: unknown) => (typeof v === 'bigint' ? String(v) : v)))

const isCount = (v: unknown): v is number => typeof v === 'number' && Number.isFinite(v) && v >= 0
const isNs = (v: unknown): v is string => typeof v === 'string' && /^-?\d{1,19}$/.test(v)
const orNull =
  <T>(is: (v: unknown) => v is T) =>
  (v: unknown): v is T | null =>
    v === null || is(v)
const isText = (v: unknown): v is string => typeof v === 'string'
const ns = (v: string | null): Instant | null => (v === null ? null : instant(BigInt(v)))
const objectOf = (v: unknown): Record<string, unknown> | undefined =>
  typeof v === 'object' && v !== null ? (v as Record<string, unknown>) : undefined

/** `undefined` where the bytes are not such a message; fields that are not known are left out. */
export function decodeIngestHealth(bytes: Uint8Array): IngestHealth | undefined {
  let body: Record<string, unknown> | undefined
  try {
    body = objectOf(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)))
  } catch {
    return undefined
  }
  if (body === undefined) return undefined
  const { t_ns, boot, taking, why, lag_s, waiting_records, quarantined_total, dead_letter_total, last_backup_ns } = body
  const store = storeOf(body['store'])
  const last_quarantined = quarantinedOf(body['last_quarantined'])
  if (!isNs(t_ns) || !isText(boot) || typeof taking !== 'boolean' || !orNull(isText)(why)) return undefined
  if (!isCount(lag_s) || !isCount(waiting_records) || !isCount(quarantined_total)) return undefined
  if (!orNull(isCount)(dead_letter_total) || !orNull(isNs)(last_backup_ns)) return undefined
  const foreign_lost = lossesOf(body['foreign_lost'])
  if (store === undefined || last_quarantined === undefined || foreign_lost === undefined) return undefined
  const counts = { lag_s, waiting_records, quarantined_total, dead_letter_total }
  const instants = { t_ns: instant(BigInt(t_ns)), last_backup_ns: ns(last_backup_ns) }
  return { ...instants, boot, taking, why, ...counts, last_quarantined, store, foreign_lost }
}

function storeOf(value: unknown): IngestHealth['store'] | undefined {
  if (value === null) return null
  const { kind, bytes, free_bytes, oldest_ns, newest_ns } = objectOf(value) ?? {}
  if (kind !== 'embedded' && kind !== 'influxdb') return undefined
  if (!orNull(isCount)(bytes) || !orNull(isCount)(free_bytes)) return undefined
  if (!orNull(isNs)(oldest_ns) || !orNull(isNs)(newest_ns)) return undefined
  return { kind, bytes, free_bytes, oldest_ns: ns(oldest_ns), newest_ns: ns(newest_ns) }
}

function lossesOf(value: unknown): IngestHealth['foreign_lost'] | undefined {
  if (!Array.isArray(value)) return undefined
  const out: ForeignLoss[] = []
  for (const one of value) {
    const { node, messages, gaps, since_ns, last_ns } = objectOf(one) ?? {}
    if (!isText(node) || !isCount(messages) || !isCount(gaps) || !isNs(since_ns) || !isNs(last_ns)) return undefined
    out.push({ node, messages, gaps, since_ns: instant(BigInt(since_ns)), last_ns: instant(BigInt(last_ns)) })
  }
  return out
}

function quarantinedOf(value: unknown): IngestHealth['last_quarantined'] | undefined {
  if (value === null) return null
  const { t_ns, device, reason } = objectOf(value) ?? {}
  return isNs(t_ns) && isText(device) && isText(reason) ? { t_ns: instant(BigInt(t_ns)), device, reason } : undefined
}
