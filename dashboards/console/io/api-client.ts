/** Questions and commands to the desk over HTTP. Every answer is a value: what the desk refused is told, never thrown. */
import type { AlarmJson } from '../../../domain/alarm.ts'
import type { AcknowledgeBody, BlocksJson, GapJson, SeriesJson, SessionJson, SiteJson } from '../../../domain/api.ts'

/** `status` 0: the desk was not reached. */
export type Refusal = { readonly ok: false; readonly status: number; readonly code: string; readonly message: string }
export type Answer<T> = { readonly ok: true; readonly value: T } | Refusal

export type Api = ReturnType<typeof createApi>

/** A command without an answer in this time was not heard. */
const TIMEOUT_MS = 10_000

export function createApi(send: typeof fetch = (...args) => fetch(...args)) {
  async function call<T>(method: string, path: string, body?: unknown): Promise<Answer<T>> {
    try {
      const response = await send(`/api/v1${path}`, {
        method,
        signal: AbortSignal.timeout(TIMEOUT_MS),
        ...(method === 'GET'
          ? {}
          : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body ?? {}) }),
      })
      const json: unknown = await response.json().catch(() => undefined)
      if (response.ok && json !== undefined) return { ok: true, value: json as T }
      // A page of a proxy or portal in place of the desk: nothing was done.
      if (response.ok) return { ok: false, status: 0, code: 'NOT_JSON', message: 'The answer is not from the desk.' }
      const error = (json as { error?: { code?: string; message?: string } } | undefined)?.error
      return {
        ok: false,
        status: response.status,
        code: error?.code ?? String(response.status),
        message: error?.message ?? response.statusText,
      }
    } catch (error) {
      return { ok: false, status: 0, code: 'UNREACHABLE', message: String(error) }
    }
  }
  const alarm = (id: string, action: string) => `/alarms/${encodeURIComponent(id)}/${action}`
  return {
    site: () => call<SiteJson>('GET', '/site'),
    alarms: () => call<{ alarms: AlarmJson[]; now_ns: string }>('GET', '/alarms'),
    series: (channel: string, from: string, to: string, points: number) =>
      call<SeriesJson>('GET', `/series?${new URLSearchParams({ channel, from, to, points: String(points) })}`),
    blocks: (channel: string, from: string, to: string) =>
      call<BlocksJson>('GET', `/blocks?${new URLSearchParams({ channel, from, to })}`),
    gaps: (from: string, to: string) => call<{ gaps: GapJson[] }>('GET', `/gaps?${new URLSearchParams({ from, to })}`),
    /** The newest entries. */
    acknowledge: (id: string, body: AcknowledgeBody) => call<AlarmJson>('POST', alarm(id, 'acknowledge'), body),
    comment: (id: string, text: string) => call<AlarmJson>('POST', alarm(id, 'comment'), { text }),
    reset: (id: string, etag: string) => call<AlarmJson>('POST', alarm(id, 'reset'), { etag }),
    session: () => call<SessionJson>('GET', '/session'),
    signIn: (name: string, passphrase: string) => call<SessionJson>('POST', '/session', { name, passphrase }),
    signOut: () => call<SessionJson>('DELETE', '/session'),
    firstUser: (token: string, name: string, passphrase: string) =>
      call<SessionJson>('POST', '/first-user', { token, name, passphrase }),
  }
}
