/** Questions and commands to the desk over HTTP. Every answer is a value: what the desk refused is told, never thrown. */
import type { AlarmJson } from '../../../domain/alarm.ts'
import type { AcknowledgeBody, BlocksJson, GapJson, SeriesJson, SessionJson, SiteJson } from '../../../domain/api.ts'
import type { OutOfServiceBody, ShelveBody } from '../../../domain/api-desk.ts'

/** `status` 0: the desk was not reached. */
export type Refusal = { readonly ok: false; readonly status: number; readonly code: string; readonly message: string }
export type Answer<T> = { readonly ok: true; readonly value: T } | Refusal

export type Api = ReturnType<typeof createApi>

/** A command without an answer in this time was not heard. */
const TIMEOUT_MS = 10_000

export function createApi(send: typeof fetch = (...args) => fetch(...args)) {
  async function call<T>(method: string, path: string, body?: unknown, timeout_ms = TIMEOUT_MS): Promise<Answer<T>> {
    try {
      const response = await send(`/api/v1${path}`, {
        method,
        signal: AbortSignal.timeout(timeout_ms),
        ...(method === 'GET'
          ? {}
          : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body ?? {}) }),
      })
      const json: unknown = await response.json().catch(() => undefined)
      if (response.ok && json !== undefined) return { ok: true, value: json as T }
      // A page of a proxy or portal in place of the desk: nothing was done.
      if (response.ok) return { ok: false, status: 0, code: 'NOT_JSON', message: 'The answer is not from the desk.' }
      return refusalOf(response, json)
    } catch (error) {
      return { ok: false, status: 0, code: 'UNREACHABLE', message: String(error) }
    }
  }
  const get = <T>(path: string, query: Readonly<Record<string, string | undefined>> = {}): Promise<Answer<T>> => {
    const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined)
    return call<T>('GET', given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`)
  }
  const alarm = (id: string, action: string) => `/alarms/${encodeURIComponent(id)}/${action}`
  return {
    /** For what only one screen asks: its own file names path and shape. */
    get,
    send: <T>(method: 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown, timeout_ms?: number) =>
      call<T>(method, path, body, timeout_ms),
    site: () => call<SiteJson>('GET', '/site'),
    alarms: () => call<{ alarms: AlarmJson[]; now_ns: string }>('GET', '/alarms'),
    series: (channel: string, from: string, to: string, points: number) =>
      call<SeriesJson>('GET', `/series?${new URLSearchParams({ channel, from, to, points: String(points) })}`),
    blocks: (channel: string, from: string, to: string) =>
      call<BlocksJson>('GET', `/blocks?${new URLSearchParams({ channel, from, to })}`),
    gaps: (from: string, to: string) => call<{ gaps: GapJson[] }>('GET', `/gaps?${new URLSearchParams({ from, to })}`),
    acknowledge: (id: string, body: AcknowledgeBody) => call<AlarmJson>('POST', alarm(id, 'acknowledge'), body),
    comment: (id: string, text: string) => call<AlarmJson>('POST', alarm(id, 'comment'), { text }),
    reset: (id: string, etag: string) => call<AlarmJson>('POST', alarm(id, 'reset'), { etag }),
    shelve: (id: string, body: ShelveBody) => call<AlarmJson>('POST', alarm(id, 'shelve'), body),
    outOfService: (id: string, body: OutOfServiceBody) => call<AlarmJson>('POST', alarm(id, 'out-of-service'), body),
    /** Ends a shelving or an out-of-service. */
    bringBack: (id: string, way: 'unshelve' | 'return-to-service', etag: string) =>
      call<AlarmJson>('POST', alarm(id, way), { etag }),
    session: () => call<SessionJson>('GET', '/session'),
    signIn: (name: string, passphrase: string) => call<SessionJson>('POST', '/session', { name, passphrase }),
    signOut: () => call<SessionJson>('DELETE', '/session'),
    invitation: (token: string, passphrase: string) => call<SessionJson>('POST', '/invitation', { token, passphrase }),
    firstUser: (token: string, name: string, passphrase: string) =>
      call<SessionJson>('POST', '/first-user', { token, name, passphrase }),
  }
}

/** What a refusal says of itself: the desk's own form, or problem details (RFC 9457). */
type Said = {
  error?: { code?: string; message?: string }
  code?: string
  title?: string
  detail?: string
}

function refusalOf({ status, statusText }: Response, json: unknown): Refusal {
  const said: Said = typeof json === 'object' && json !== null ? json : {}
  return {
    ok: false,
    status,
    code: said.error?.code ?? said.code ?? String(status),
    message: said.error?.message ?? said.detail ?? said.title ?? statusText,
  }
}
