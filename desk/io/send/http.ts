/**
 * One HTTP request, carefully: signed where a key is given, redirected only within the same origin, its answer read no further
 * than is needed. An address may hold a secret: what is said of it names the host alone.
 */
import { createHmac } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { HttpRequest } from '../../../domain/notice-template.ts'
import { failed, refused, type SendResult } from './outgoing.ts'

/** Read of an answer, so that the connection can end in peace. */
const ANSWER_MAX_BYTES = 65_536
const REDIRECTS_MAX = 2
const RETRY_AFTER_MAX_MS = 3_600_000

/** Statuses that another try may turn: RFC 9110, RFC 6585. */
const PASSING: ReadonlySet<number> = new Set([408, 425, 429])

export type Signing = { readonly key: string; readonly at_s: number }

/** `x-plumbline-signature: t=<s>,v1=<hex>`: HMAC-SHA256 over `<s>.<body>`. */
export const signatureOf = ({ key, at_s }: Signing, body: string): string =>
  `t=${at_s},v1=${createHmac('sha256', key).update(`${at_s}.${body}`).digest('hex')}`

export async function sendHttp(
  request: HttpRequest,
  signal: AbortSignal,
  accepted: readonly number[] = [],
  now_ms = () => 0,
): Promise<SendResult> {
  let url: URL
  try {
    url = new URL(request.url)
  } catch {
    return refused('the address is none')
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return refused(`${url.protocol} is not spoken here`)
  try {
    for (let hops = 0; ; hops++) {
      const response = await fetch(url, {
        method: request.method,
        headers: request.headers,
        body: request.body,
        redirect: 'manual',
        signal,
      })
      await readLittle(response)
      const { status } = response
      if (status < 300 || accepted.includes(status)) return { ok: true, detail: `${url.host}: ${status}` }
      if (status >= 400) return notTaken(url, response, now_ms)
      const next = redirectOf(url, response)
      if (next === undefined || hops >= REDIRECTS_MAX)
        return refused(`${url.host}: ${status}, redirected elsewhere; messages are sent only where the site file says`)
      url = next
    }
  } catch (error) {
    return failed(`${url.host}: ${whyOf(error, signal)}`)
  }
}

function notTaken(url: URL, response: Response, now_ms: () => number): SendResult {
  const { status } = response
  const detail = `${url.host}: ${status}`
  if (status < 500 && !PASSING.has(status)) return refused(detail)
  const after_ms = retryAfter_ms(response.headers.get('retry-after'), now_ms())
  return { ok: false, permanent: false, detail, ...(after_ms !== undefined && { after_ms }) }
}

/** Seconds, or an HTTP date. */
function retryAfter_ms(header: string | null, now_ms: number): number | undefined {
  if (header === null) return undefined
  const ms = /^\d{1,9}$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - now_ms
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), RETRY_AFTER_MAX_MS)
}

/** 307 and 308 keep method and body (RFC 9110, 15.4.8); anything else would turn the message into a mere question. */
function redirectOf(from: URL, response: Response): URL | undefined {
  const to = response.headers.get('location')
  if ((response.status !== 307 && response.status !== 308) || to === null || !URL.canParse(to, from)) return undefined
  const url = new URL(to, from)
  return url.origin === from.origin ? url : undefined
}

async function readLittle(response: Response): Promise<void> {
  const reader = response.body?.getReader()
  if (reader === undefined) return
  let bytes = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    bytes += value.byteLength
    if (bytes > ANSWER_MAX_BYTES) {
      await reader.cancel()
      return
    }
  }
}

/** The code of the cause: messages of fetch say only that it failed, and may hold the whole address. */
function whyOf(error: unknown, signal: AbortSignal): string {
  if (signal.aborted) return 'no answer in time'
  const cause = (error as { cause?: { code?: unknown } }).cause
  return typeof cause?.code === 'string' ? cause.code : 'the connection failed'
}

/** A secret from its file, without the line end that editors leave. @throws Error that names the file, not its content */
export async function secretOf(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new Error(`${path} cannot be read (${error.code ?? 'unknown'})`)
  })
  const secret = text.replace(/\r?\n$/, '')
  if (secret === '') throw new Error(`${path} is empty`)
  return secret
}
