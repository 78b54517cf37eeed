/** Grafana's HTTP API with a service-account token: one request after the other, each with a time-out and a coded error. */
import { PlumblineError } from '../../../domain/errors.ts'

const TIMEOUT_MS = 15_000
/** The largest answer is a dashboard. */
const ANSWER_BYTES_MAX = 16 * 1024 * 1024
const TEXT_MAX = 300

export type GrafanaOptions = { readonly url: string; readonly token: string }

export class GrafanaApi {
  readonly #url: string
  readonly #token: string

  constructor({ url, token }: GrafanaOptions) {
    this.#url = url.replace(/(?<!\/)\/+$/, '')
    this.#token = token
  }

  /** `undefined` where there is nothing. @throws PlumblineError GRAFANA_UNAVAILABLE, GRAFANA_REFUSED */
  read(path: string): Promise<unknown> {
    return this.#ask('GET', path, undefined, true)
  }

  /** @throws PlumblineError GRAFANA_UNAVAILABLE, GRAFANA_REFUSED */
  send(method: 'POST' | 'PUT', path: string, body: object): Promise<unknown> {
    return this.#ask(method, path, body, false)
  }

  async #ask(method: string, path: string, body: object | undefined, mayMiss: boolean): Promise<unknown> {
    const what = `${method} ${this.#url}${path}`
    let status: number
    let text: string
    try {
      const answer = await fetch(this.#url + path, {
        method,
        redirect: 'manual',
        signal: AbortSignal.timeout(TIMEOUT_MS),
        headers: {
          accept: 'application/json',
          authorization: `Bearer ${this.#token}`,
          // What is pushed stays editable in Grafana: it is not locked as file provisioning would lock it.
          'x-disable-provenance': 'true',
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      })
      status = answer.status
      text = await textOf(answer)
    } catch (error) {
      throw new PlumblineError('GRAFANA_UNAVAILABLE', `${what}: ${whyOf(error)}`, { cause: error })
    }
    if (status === 404 && mayMiss) return undefined
    if (status >= 200 && status < 300) return parsed(text, what)
    const said = saidIn(text)
    const code = status >= 500 || status === 429 ? 'GRAFANA_UNAVAILABLE' : 'GRAFANA_REFUSED'
    throw new PlumblineError(code, `${what} answered ${status}: ${said}${TODO[status] ?? ''}`)
  }
}

const TODO: Readonly<Record<number, string>> = {
  301: ' (use the address that Grafana itself redirects to)',
  302: ' (use the address that Grafana itself redirects to)',
  401: ' (the token is wrong or has expired)',
  403: ' (the token needs the role Admin, or the rights for folders, dashboards, data sources and alerting)',
}

async function textOf(answer: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of answer.body ?? []) {
    size += chunk.length
    if (size > ANSWER_BYTES_MAX) throw new Error(`the answer is larger than ${ANSWER_BYTES_MAX} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parsed(text: string, what: string): unknown {
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    throw new PlumblineError('GRAFANA_REFUSED', `${what}: expected JSON, got ${text.slice(0, 80)}: is that a Grafana?`)
  }
}

function saidIn(text: string): string {
  try {
    const { message } = JSON.parse(text) as { message?: unknown }
    if (typeof message === 'string') return message.slice(0, TEXT_MAX)
  } catch {}
  return text.slice(0, TEXT_MAX)
}

function whyOf(error: unknown): string {
  const { name, message, cause } = error as Error & { cause?: { code?: string; message?: string } }
  if (name === 'TimeoutError') return `no answer within ${TIMEOUT_MS} ms`
  return cause?.code ?? cause?.message ?? message
}
