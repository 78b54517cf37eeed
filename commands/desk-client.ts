/**
 * Asks the desk that runs on this machine, with the token that it keeps in its folder: whoever may read the data folder may
 * act, and the journal names the person. What is asked for is the command's business.
 */
import http from 'node:http'
import https from 'node:https'
import { join } from 'node:path'
import { deskFolder, LOCAL_FILE, type LocalDesk } from '../domain/data-folder.ts'
import { ERRORS, type ErrorCode, PlumblineError } from '../domain/errors.ts'
import { readFileIfThere } from '../runtime/atomic-file.ts'
import { whoRuns } from './who-runs.ts'

/** A scenario is started and the shadows are made before the desk answers; the simulator may take a minute for each. */
const ANSWER_WITHIN_MS = 150_000

export type DeskClient = {
  /** Where the desk is, as seen from this machine. */
  readonly url: string
  get<T>(path: string): Promise<T>
  post<T>(path: string, body: unknown): Promise<T>
  patch<T>(path: string, body: unknown): Promise<T>
  remove(path: string): Promise<void>
}
type Answer = { readonly status: number; readonly body: unknown }

/**
 * A client of the desk of `site` under the data folder `dataDir`; paths begin after `/api/v1`.
 * Its calls reject with what the desk refuses, under the desk's own code.
 * @throws PlumblineError DESK_UNAVAILABLE where no desk runs on this data folder
 */
export async function deskClient(dataDir: string, site: string, actor: string = whoRuns()): Promise<DeskClient> {
  const path = join(deskFolder(dataDir, site), LOCAL_FILE)
  const { host, port, token, certificate } = await readLocal(path)
  const address = `${host.includes(':') ? `[${host}]` : host}:${port}`
  const url = `${certificate === undefined ? 'http' : 'https'}://${address}`
  const headers = { authorization: `Bearer ${token}`, 'x-plumbline-actor': encodeURIComponent(actor) }
  const ask = async <T>(method: string, route: string, body?: unknown): Promise<T> => {
    let answer: Answer
    try {
      answer = await send(`${url}/api/v1${route}`, method, headers, body, certificate)
    } catch (error) {
      const cause = (error as Error).cause ?? error
      const why = (cause as NodeJS.ErrnoException).code ?? (error as Error).message
      throw new PlumblineError('DESK_UNAVAILABLE', `${address}, named in ${path}: ${why}`, { cause: error })
    }
    if (answer.status === 200) return answer.body as T
    throw refusal(answer, `${address}, named in ${path}`)
  }
  return {
    url,
    get: (route) => ask('GET', route),
    post: (route, body) => ask('POST', route, body),
    patch: (route, body) => ask('PATCH', route, body),
    remove: async (route) => void (await ask('DELETE', route)),
  }
}

/** Over TLS the desk is known by the very certificate that it wrote into its folder, whatever names stand in it. */
function send(
  url: string,
  method: string,
  headers: Record<string, string>,
  body: unknown,
  certificate: string | undefined,
): Promise<Answer> {
  const text = body === undefined ? undefined : JSON.stringify(body)
  const typed = { ...headers, ...(text !== undefined && { 'content-type': 'application/json' }) }
  const trust = certificate && { ca: certificate, allowPartialTrustChain: true, checkServerIdentity: () => undefined }
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(ANSWER_WITHIN_MS)
    const asked = (certificate ? https : http).request(
      url,
      { method, headers: typed, signal, agent: false, ...trust },
      (answer) => {
        let read = ''
        answer.setEncoding('utf8').on('data', (chunk: string) => {
          read += chunk
        })
        answer.on('error', reject).on('end', () => {
          try {
            resolve({ status: answer.statusCode ?? 0, body: JSON.parse(read) })
          } catch (error) {
            reject(error)
          }
        })
      },
    )
    asked.on('error', reject)
    asked.end(text)
  })
}

async function readLocal(path: string): Promise<LocalDesk> {
  const unavailable = (why: string) => new PlumblineError('DESK_UNAVAILABLE', `${path}: ${why}`)
  let text: string | undefined
  try {
    text = (await readFileIfThere(path))?.toString('utf8')
  } catch (error) {
    throw unavailable((error as Error).message)
  }
  if (text === undefined) throw unavailable('not there, so no desk runs on this data folder')
  try {
    const { host, port, token, certificate } = JSON.parse(text) as LocalDesk
    if (typeof host === 'string' && Number.isInteger(port) && typeof token === 'string')
      return { host, port, token, ...(typeof certificate === 'string' && { certificate }) }
  } catch {
    // Said below.
  }
  throw unavailable('expected host, port and token as JSON')
}

function refusal({ status, body }: { status: number; body: unknown }, where: string): PlumblineError {
  const { code = '', detail: message = '' } = (body ?? {}) as { code?: string; detail?: string }
  if (code in ERRORS) return new PlumblineError(code as ErrorCode, message.replace(`${code}: `, ''))
  if (status === 400 || status === 404 || status === 409)
    return new PlumblineError('USAGE', message || `HTTP ${status} from ${where}`)
  return new PlumblineError('DESK_UNAVAILABLE', `${where}: HTTP ${status} ${message}`.trim())
}
