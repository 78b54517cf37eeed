/**
 * `SimulatorControl` of a simulator in another process: finds it by the file it has written and asks it over loopback.
 * The file is read for every call, so that a simulator may go and come back.
 */
import { request } from 'node:http'
import { join } from 'node:path'
import { simFolder } from '../../domain/data-folder.ts'
import { ERRORS, type ErrorCode, PlumblineError } from '../../domain/errors.ts'
import type { ControlCall, SimulatorControl } from '../../domain/simulator-control.ts'
import { readFileIfThere } from '../../runtime/atomic-file.ts'
import { CONTROL_FILE, CONTROL_SOCKET, type ControlPlace } from './control-server.ts'

/** Reading a record of 48 MiB and composing a scenario take seconds, not minutes. */
const TIMEOUT_MS = 60_000

/** Every call may reject with SIMULATOR_UNAVAILABLE: nothing was started then, or its process is gone. */
export function connectSimulator(dataDir: string, site: string): SimulatorControl {
  const folder = simFolder(dataDir, site)
  const ask = <T>(call: ControlCall, ...args: readonly unknown[]): Promise<T> => askSimulator<T>(folder, call, args)
  return {
    status: () => ask('status'),
    play: (given) => ask('play', given),
    steer: (play, steer) => ask('steer', play, steer),
    startScenario: (given) => ask('startScenario', given),
    stopScenario: () => ask('stopScenario'),
    setWireFaults: (node, link, faults) => ask('setWireFaults', node, link, faults),
    setFault: (device, kind, code, delay_ms) => ask('setFault', device, kind, code, delay_ms),
    startDrill: (start) => ask('startDrill', start),
    stopDrill: (drill) => ask('stopDrill', drill),
  }
}

async function askSimulator<T>(folder: string, call: ControlCall, args: readonly unknown[]): Promise<T> {
  const path = join(folder, CONTROL_FILE)
  const place = await placeIn(path)
  const { status, text } = await ask(folder, place, call, JSON.stringify({ args })).catch(
    (cause: NodeJS.ErrnoException) =>
      unavailable(`process ${place.pid} of ${path} does not answer (${cause.code ?? cause.message})`, cause),
  )
  const body = parsed(text)
  if (status === 200 && body !== undefined) return body['result'] as T
  const { code, message } = body ?? {}
  if (typeof code === 'string' && typeof message === 'string' && Object.hasOwn(ERRORS, code))
    throw new PlumblineError(code as ErrorCode, message)
  return unavailable(`what answers at port ${place.port} of ${path} is no simulator (status ${status})`)
}

async function placeIn(path: string): Promise<ControlPlace> {
  const text = await readFileIfThere(path).catch((cause: NodeJS.ErrnoException) =>
    unavailable(`${path} cannot be read (${cause.code ?? cause.message})`, cause),
  )
  if (text === undefined) return unavailable(`${path} is not there: no simulator runs on this data folder`)
  const { port, token, pid } = parsed(text.toString('utf8')) ?? {}
  if (typeof port === 'number' && Number.isInteger(port) && port > 0 && port < 65_536 && typeof token === 'string')
    return { port, token, pid: typeof pid === 'number' ? pid : 0 }
  return unavailable(`${path}: expected port, token and pid, got something else`)
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

/** By the port; from another container, where nobody listens there, by the socket in the folder that both share. */
async function ask(folder: string, place: ControlPlace, call: string, body: string): Promise<Answer> {
  try {
    return await post({ host: '127.0.0.1', port: place.port }, place.token, call, body)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ECONNREFUSED') throw error
    return post({ socketPath: join(folder, CONTROL_SOCKET) }, place.token, call, body).catch(() => {
      throw error
    })
  }
}

type Answer = { readonly status: number; readonly text: string }
type Where = { readonly host: string; readonly port: number } | { readonly socketPath: string }

/** One connection a call; none is left open for the caller's process to wait for. */
function post(where: Where, token: string, call: string, body: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    }
    const options = { ...where, path: `/${call}`, method: 'POST', agent: false, headers } as const
    const asked = request({ ...options, timeout: TIMEOUT_MS }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }),
      )
    })
    asked.on('timeout', () => asked.destroy(new Error(`no answer in ${TIMEOUT_MS} ms`)))
    asked.on('error', reject)
    asked.end(body)
  })
}

function unavailable(detail: string, cause?: unknown): never {
  throw new PlumblineError('SIMULATOR_UNAVAILABLE', detail, { cause })
}
