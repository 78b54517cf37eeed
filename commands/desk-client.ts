/**
 * Asks the desk that runs on this machine, with the token that it keeps in its folder: whoever may read the data folder may
 * act, and the journal names the person. What is asked for is the command's business.
 */
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { deskFolder, LOCAL_FILE, type LocalDesk } from '../domain/data-folder.ts'
import { ERRORS, type ErrorCode, PlumblineError } from '../domain/errors.ts'
import { readFileIfThere } from '../runtime/atomic-file.ts'

/** A scenario is started and the shadows are made before the desk answers; the simulator may take a minute for each. */
const ANSWER_WITHIN_MS = 150_000

export type DeskClient = {
  get<T>(path: string): Promise<T>
  post<T>(path: string, body: unknown): Promise<T>
}

/**
 * A client of the desk of `site` under the data folder `dataDir`; paths begin after `/api/v1`.
 * Its calls reject with what the desk refuses, under the desk's own code.
 * @throws PlumblineError DESK_UNAVAILABLE where no desk runs on this data folder
 */
export async function deskClient(dataDir: string, site: string, actor: string = whoRuns()): Promise<DeskClient> {
  const path = join(deskFolder(dataDir, site), LOCAL_FILE)
  const { host, port, token } = await readLocal(path)
  const address = `${host.includes(':') ? `[${host}]` : host}:${port}`
  const headers = { authorization: `Bearer ${token}`, 'x-plumbline-actor': encodeURIComponent(actor) }
  const ask = async <T>(method: 'GET' | 'POST', route: string, body?: unknown): Promise<T> => {
    const init = {
      method,
      headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      ...(body !== undefined && { body: JSON.stringify(body) }),
    }
    let answer: { status: number; body: unknown }
    try {
      const response = await fetch(`http://${address}/api/v1${route}`, init)
      answer = { status: response.status, body: await response.json() }
    } catch (error) {
      const why = ((error as Error).cause as NodeJS.ErrnoException | undefined)?.code ?? (error as Error).message
      throw new PlumblineError('DESK_UNAVAILABLE', `${address}, named in ${path}: ${why}`, { cause: error })
    }
    if (answer.status === 200) return answer.body as T
    throw refusal(answer, `${address}, named in ${path}`)
  }
  return { get: (route) => ask('GET', route), post: (route, body) => ask('POST', route, body) }
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
    const { host, port, token } = JSON.parse(text) as LocalDesk
    if (typeof host === 'string' && Number.isInteger(port) && typeof token === 'string') return { host, port, token }
  } catch {
    // Said below.
  }
  throw unavailable('expected host, port and token as JSON')
}

function refusal({ status, body }: { status: number; body: unknown }, where: string): PlumblineError {
  const { code = '', message = '' } = (body as { error?: { code?: string; message?: string } } | null)?.error ?? {}
  if (code in ERRORS) return new PlumblineError(code as ErrorCode, message.replace(`${code}: `, ''))
  if (status === 400 || status === 404) return new PlumblineError('USAGE', message || `HTTP ${status} from ${where}`)
  return new PlumblineError('DESK_UNAVAILABLE', `${where}: HTTP ${status} ${message}`.trim())
}

/** The user of the operating system, as the journal shall name them. */
function whoRuns(): string {
  try {
    return userInfo().username
  } catch {
    // A container may run under a number that no user has.
    return `uid-${process.getuid?.() ?? 'unknown'}`
  }
}
