/**
 * Stands in for the desk in the console's end-to-end test: plain HTTP, server-sent events and WebSocket frames with the
 * scripted site of `fake-world.ts`, the built pages, and the headers under which the real desk serves them.
 */
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'
import { WebSocketServer } from 'ws'
import type { AlarmJson } from '../../../domain/alarm.ts'
import type {
  AcknowledgeBody,
  DeviceJson,
  DrillJson,
  LiveEvent,
  ReadingJson,
  SeriesColumnJson,
  SessionJson,
  SiteJson,
} from '../../../domain/api.ts'
import { problemJson } from '../../../domain/api-schemas/problem.ts'
import type { Role } from '../../../domain/roles.ts'
import { frame, newestCounter, pga, storedBetween } from './fake-blocks.ts'
import { roomReply } from './fake-rooms.ts'
import { shakingReply } from './fake-shaking.ts'
import { alarmsAt, devicesAt, nodesAt, ns, SAMPLE_RATE_HZ, SITE, stage_m } from './fake-world.ts'

/** Stricter than any header a desk has sent so far: no inline style, no data: address. */
export const CSP = "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
export const PERSON = { name: 'Wang Da-ming', passphrase: 'plumb line hangs still' }
export const FIRST_USER_TOKEN = 'token-1'

export type FakeDesk = {
  readonly url: string
  /** Bodies of acknowledgements, comments and resets that were accepted. */
  readonly accepted: Array<{ path: string; body: unknown; by: string }>
  alarm(id: string): AlarmJson
  /** Changes an alarm as a transition does: a new etag, told live. */
  change(id: string, more: Partial<AlarmJson>): void
  /** So many critical alarms at once, told one by one. */
  flood(count: number): void
  /** Stops ticks and readings on open lines without closing them, or goes on. */
  mute(muted: boolean): void
  /** Cuts all lines; while `away` every new one is refused too. */
  cut(away: boolean): void
  forgetSessions(): void
  /** Changes a device, told live. */
  device(id: string, more: Partial<DeviceJson>): void
  /** So many accelerometers more, `more-0` on, each of three axes at 200 Hz; they stand in later snapshots. */
  accelerometers(count: number): void
  /** Tells of a drill live; one that runs stands in later snapshots. */
  drill(now: DrillJson): void
  /** An older desk: it knows nothing of these paths under `/api/v1`. */
  lacks(...paths: string[]): void
  /** What a command to a path is answered with. */
  answers(path: string, value: unknown): void
  /** The role of the person who signs in; default admin. */
  role(role: Role): void
  /** Shows the site only to people who are signed in, as a desk beyond loopback does. */
  restrict(): void
  stop(): Promise<void>
}

const MORE = 'more-'
const MORE_RATE_HZ = 200

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
}

export async function startFakeDesk(dist: string, site: SiteJson = SITE): Promise<FakeDesk> {
  const start_ms = Date.now()
  const alarms = new Map(alarmsAt(start_ms).map((a) => [a.id, a]))
  const devices = devicesAt(start_ms)
  const sessions = new Set<string>()
  const accepted: FakeDesk['accepted'] = []
  const lines = new Set<ServerResponse>()
  const missing = new Set<string>()
  const answers = new Map<string, unknown>()
  let [muted, away, restricted, etags] = [false, false, false, 100]
  let drill: DrillJson | null = null
  let role: Role = 'admin'

  const emit = (event: LiveEvent) => {
    for (const line of lines) line.write(`event: ${event.event}\ndata: ${JSON.stringify(event.data)}\n\n`)
  }
  const readings = (now_ms: number): ReadingJson[] => {
    const value = (channel: string, v: number, t_ms = now_ms): ReadingJson => ({
      channel,
      value: v,
      t_ns: ns(t_ms),
      flag: 1,
      reason: null,
      detail: null,
      exercise: true,
    })
    return [
      value('dead-run/stage', Number(stage_m(start_ms - now_ms).toFixed(2))),
      value('dead-run/rate_of_rise', 0.43 / 3600),
      value('tower-a-roof/pga', pga(now_ms - 1000), Math.floor(now_ms / 1000) * 1000 - 1000),
      value('tower-a-base/pga', 0.0031, start_ms - 47_000),
      value('tower-a-roof/pgv', 0.118, Math.floor(now_ms / 1000) * 1000 - 1000),
      value('tower-a-roof/natural_frequency', 1.12, start_ms - 240_000),
    ]
  }
  const snapshot = (): LiveEvent => {
    const now_ms = Date.now()
    return {
      event: 'snapshot',
      data: {
        now_ns: ns(now_ms),
        alarms: [...alarms.values()],
        devices,
        nodes: nodesAt(start_ms),
        readings: readings(now_ms),
        store_available: true,
        drill,
      },
    }
  }
  const change = (id: string, more: Partial<AlarmJson>) => {
    etags += 1
    const next = { ...alarms.get(id)!, ...more, etag: `e${etags}` }
    alarms.set(id, next)
    emit({ event: 'alarm', data: next })
    return next
  }

  const server: Server = createServer((request, response) => {
    void answer(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)))
  })
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (away) return void request.socket.destroy()
    const url = new URL(request.url ?? '/', 'http://desk')
    if (!url.pathname.startsWith('/api/v1')) return page(dist, url.pathname, response)
    const path = decodeURIComponent(url.pathname.slice('/api/v1'.length))
    const cookie = /session=([^;]+)/.exec(request.headers.cookie ?? '')?.[1] ?? ''
    if (restricted && !sessions.has(cookie) && !['/session', '/first-user'].includes(path)) {
      const [status, json] = refuse(401, 'SESSION', 'Sign in first.')
      return void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json))
    }
    if (path === '/live') return live(response)
    const body = request.method === 'GET' ? undefined : await bodyOf(request)
    const [status, json, headers] = reply(request.method ?? 'GET', path, url.searchParams, body, cookie)
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(json))
  }
  function live(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    lines.add(response)
    response.on('close', () => lines.delete(response))
    const first = snapshot()
    response.write(`event: ${first.event}\ndata: ${JSON.stringify(first.data)}\n\n`)
  }
  type Reply = [number, unknown, Record<string, string>?]
  const refuse = (status: number, code: string, message: string): Reply => [status, problemJson(status, code, message)]
  const sessionOf = (cookie: string): SessionJson => ({
    user: sessions.has(cookie) ? { name: PERSON.name, role } : null,
    first_user_needed: false,
  })
  function reply(method: string, path: string, query: URLSearchParams, body: unknown, cookie: string): Reply {
    if (path === '/site') return [200, site]
    if (path === '/alarms') return [200, { alarms: [...alarms.values()], now_ns: ns(Date.now()) }]
    if (path === '/series') return [200, { channel: query.get('channel'), unit: 'm', columns: columns(query) }]
    if (path === '/gaps') return [200, { gaps: [] }]
    if (path === '/blocks') return [200, storedBetween(query, start_ms)]
    if (path === '/session' && method === 'GET') return [200, sessionOf(cookie)]
    if (path === '/session' && method === 'DELETE') {
      sessions.delete(cookie)
      return [200, sessionOf('')]
    }
    if (path === '/session' || path === '/first-user') return signIn(path, body as Record<string, string>)
    if (method === 'GET') {
      const value = missing.has(path)
        ? undefined
        : (shakingReply(path, query, start_ms) ?? roomReply(path, query, alarms))
      return value === undefined ? refuse(404, 'NOT_FOUND', 'there is nothing here') : [200, value]
    }
    if (!path.startsWith('/alarms/')) {
      if (!sessions.has(cookie)) return refuse(401, 'SESSION', 'Sign in first.')
      accepted.push({ path, body, by: PERSON.name })
      return [200, answers.get(path) ?? {}]
    }
    return command(path, body as AcknowledgeBody & { text?: string }, cookie)
  }
  function signIn(path: string, body: Record<string, string>): Reply {
    if (path === '/first-user' && body.token !== FIRST_USER_TOKEN)
      return refuse(403, 'TOKEN', 'The token is not the one printed.')
    if (path === '/session' && (body.name !== PERSON.name || body.passphrase !== PERSON.passphrase))
      return refuse(401, 'SIGN_IN', 'Name or passphrase is wrong.')
    const id = `s${sessions.size + 1}`
    sessions.add(id)
    return [200, sessionOf(id), { 'set-cookie': `session=${id}; HttpOnly; SameSite=Strict; Path=/` }]
  }
  function command(path: string, body: AcknowledgeBody & { text?: string }, cookie: string): Reply {
    const [, , id, action] = path.split('/')
    const alarm = alarms.get(id ?? '')
    if (alarm === undefined) return refuse(404, 'ALARM', 'No such alarm.')
    if (!sessions.has(cookie)) return refuse(401, 'SESSION', 'Sign in first.')
    const by = PERSON.name
    const at_ns = ns(Date.now())
    if (action !== 'comment' && body.etag !== alarm.etag) return refuse(409, 'STALE', 'The alarm has changed.')
    if (action === 'reset' && alarm.state !== 'latched-acknowledged')
      return refuse(409, 'NOT_ACKNOWLEDGED', 'Acknowledge it first.')
    accepted.push({ path, body, by })
    const text = action === 'comment' ? body.text : body.comment
    const comments = text ? [...alarm.comments, { at_ns, by, text }] : alarm.comments
    if (action === 'comment') return [200, change(alarm.id, { comments })]
    if (action === 'reset') return [200, change(alarm.id, { state: 'normal' })]
    const asideAs = putAside(alarm, action ?? '', body as never, by)
    if (asideAs !== undefined) return [200, change(alarm.id, asideAs)]
    const after = {
      unacknowledged: 'acknowledged',
      'returned-unacknowledged': 'normal',
      'latched-unacknowledged': 'latched-acknowledged',
    } as const
    const state = alarm.state in after ? after[alarm.state as keyof typeof after] : alarm.state
    return [200, change(alarm.id, { state, comments, late: [], acknowledged_by: by, acknowledged_ns: at_ns })]
  }
  /** Stage for the stretch asked for, with a pause of 18 s in it and 8 s of suspect values. */
  function columns(query: URLSearchParams): SeriesColumnJson[] {
    const to_ms = Number(BigInt(query.get('to') ?? '0') / 1_000_000n)
    const out: SeriesColumnJson[] = []
    if (query.get('channel') === 'dead-run/stage')
      for (let t_ms = to_ms - 240_000; t_ms <= to_ms; t_ms += 1000) {
        const before_ms = start_ms - t_ms
        if (before_ms > 132_000 && before_ms < 150_000) continue
        const value = Number(stage_m(before_ms).toFixed(2))
        const flag = before_ms > 60_000 && before_ms < 68_000 ? 3 : 1
        out.push([ns(t_ms), value, value, value, 1, flag])
      }
    else if (query.get('channel')?.endsWith('/natural_frequency'))
      for (let day = 29; day >= 0; day--) out.push([ns(to_ms - day * 86_400_000), 1.1, 1.12, 1.14, 144, 1])
    else out.push([ns(to_ms - 600_000), 0.1, 0.9, 2.12, 60, 1])
    return out
  }

  const sockets = new WebSocketServer({ server, path: '/api/v1/live/blocks' })
  sockets.on('connection', (socket, request) => {
    const device = new URL(request.url ?? '/', 'http://desk').searchParams.get('device') ?? ''
    if (device !== 'tower-a-roof' && !device.startsWith(MORE)) return
    const rate_hz = device.startsWith(MORE) ? MORE_RATE_HZ : SAMPLE_RATE_HZ
    let counter = newestCounter(rate_hz)
    const send = () => {
      while (!muted && (counter + rate_hz / 2) * (1000 / rate_hz) <= Date.now()) {
        socket.send(frame(device, counter, rate_hz))
        counter += rate_hz / 2
      }
    }
    send()
    const timer = setInterval(send, 100)
    socket.on('close', () => clearInterval(timer))
  })
  const tick = setInterval(() => {
    if (muted) return
    const now_ms = Date.now()
    emit({ event: 'tick', data: { now_ns: ns(now_ms), store_available: true } })
    emit({ event: 'readings', data: readings(now_ms).slice(0, 3) })
  }, 1000)

  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    accepted,
    alarm: (id) => alarms.get(id)!,
    change: (id, more) => void change(id, more),
    flood: (count) => {
      const now_ms = Date.now()
      for (let i = 0; i < count; i += 1) {
        const like = alarmsAt(now_ms - i)[0]!
        const id = `gateway-1:flood-${i}`
        alarms.set(id, { ...like, id, limit_id: `flood-${i}`, name: `Flood ${i}`, onset_ns: ns(now_ms + i) })
        change(id, {})
      }
    },
    mute: (on) => {
      muted = on
    },
    cut: (gone) => {
      away = gone
      for (const line of lines) line.destroy()
      for (const socket of sockets.clients) socket.terminate()
    },
    forgetSessions: () => sessions.clear(),
    device: (id, more) => emit({ event: 'device', data: { ...devices.find((d) => d.id === id)!, ...more } }),
    accelerometers: (count) => {
      const roof = devices.find((d) => d.id === 'tower-a-roof')!
      for (let i = 0; i < count; i += 1) {
        const id = `${MORE}${i}`
        const channels = roof.channels.map((c) => ({ ...c, id: c.id.replace(roof.id, id) }))
        devices.push({ ...roof, id, name: `Accelerometer ${i}`, channels })
      }
    },
    drill: (now) => {
      drill = now.ended_ns === null ? now : null
      emit({ event: 'drill', data: now })
    },
    lacks: (...paths) => paths.forEach((path) => void missing.add(path)),
    answers: (path, value) => void answers.set(path, value),
    role: (next) => {
      role = next
    },
    restrict: () => {
      restricted = true
    },
    stop: async () => {
      clearInterval(tick)
      for (const line of lines) line.destroy()
      for (const socket of sockets.clients) socket.terminate()
      sockets.close()
      await new Promise((done) => {
        server.close(done)
        server.closeAllConnections()
      })
    },
  }
}

type AsideBody = { minutes?: number; one_shot?: boolean; reason?: string; until_ns?: string | null }

/** G and I of the standard's table, and the ways back to what is underneath. */
function putAside(alarm: AlarmJson, action: string, body: AsideBody, by: string): Partial<AlarmJson> | undefined {
  const now_ms = Date.now()
  const underlying = alarm.aside?.underlying ?? alarm.state
  const none = { underlying, shelved: null, suppressed: null, out_of_service: null }
  const at_ns = ns(now_ms)
  const reason = body.reason ?? ''
  if (action === 'shelve') {
    const until_ns = ns(now_ms + (body.minutes ?? 0) * 60_000)
    const shelved = { by, at_ns, until_ns, one_shot: body.one_shot ?? false, reason }
    return { state: 'shelved', aside: { ...none, shelved } }
  }
  if (action === 'out-of-service') {
    const out_of_service = { by, at_ns, until_ns: body.until_ns ?? null, reason }
    return { state: 'out-of-service', aside: { ...none, out_of_service } }
  }
  return action === 'unshelve' || action === 'return-to-service' ? { state: underlying, aside: null } : undefined
}

async function page(dist: string, pathname: string, response: ServerResponse): Promise<void> {
  const file = join(
    dist,
    normalize(pathname === '/' ? '/index.html' : pathname.startsWith('/lobby/') ? '/lobby.html' : pathname),
  )
  const content = await readFile(file).catch(() => undefined)
  const headers = { 'content-security-policy': CSP, 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' }
  if (content === undefined) response.writeHead(404).end()
  else response.writeHead(200, headers).end(content)
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  let text = ''
  for await (const chunk of request) text += String(chunk)
  return text === '' ? undefined : JSON.parse(text)
}
