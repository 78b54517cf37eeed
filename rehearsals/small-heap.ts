/**
 * A desk that has hardly any memory: five hundred alarms within ten seconds, as many live clients as it takes of which half
 * never read, and requests that are too big in every way. It may refuse and cut off; it may not die or lose an alarm.
 */
import { writeFileSync } from 'node:fs'
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { join } from 'node:path'
import { STREAM_CLIENTS_MAX } from '../desk/io/event-stream.ts'
import { JOURNAL_FILE, verifyJournal } from '../desk/io/journal.ts'
import { deskFolder } from '../domain/data-folder.ts'
import { freePort } from '../runtime/free-port.fixture.ts'
import { FLOOD_ALARMS, floodLimits, rise } from './alarm-flood.ts'
import { DeskClient } from './desk-client.ts'
import { removeFolder, startLine, temporaryFolder } from './line.ts'
import { residentMb } from './memory.ts'
import { ServiceProcess } from './processes.ts'
import { siteFileText, siteOf } from './site.ts'
import { StageDevice } from './stage-device.ts'
import { pause, until } from './until.ts'

export type SmallHeap = {
  /** Alarms of the flood by how often the journal has their onset, their notice and their return: all must be one. */
  readonly onsets: Counted
  readonly notices: Counted
  readonly returns: Counted
  readonly journal_whole: boolean
  /** Live clients taken, refused beyond the limit, and cut off because they did not read. */
  readonly clients: { readonly taken: number; readonly refused: number; readonly cut_off: number }
  /** Fewest alarms of the flood that a client which reads has seen. */
  readonly seen_least: number
  /** Answers to what was too big, by status; `closed` where the connection was ended without one. */
  readonly answers: Readonly<Record<string, number>>
  readonly before_MB: number
  readonly most_MB: number
  /** The very process that was started still runs. */
  readonly alive: boolean
}
/** A third more than the least with which the flood was outlived; the desk starts with 32. */
export const HEAP_MB = 96
/** What the flood may take on top of what the desk takes when it is quiet. */
export const MORE_MAX_MB = 150

export type Counted = { readonly once: number; readonly missing: number; readonly doubled: number }
export const isOnceEach = ({ once, missing, doubled }: Counted) => once === FLOOD_ALARMS && missing + doubled === 0

const START_MS = 45_000
const EXTRA_CLIENTS = 20
const HUGE_ROUNDS = 10
/** A limit on each of several ways in which a request can be too big. */
const HUGE: ReadonlyArray<{ path: string; headers?: Record<string, string>; body?: string }> = [
  { path: '/session', body: JSON.stringify({ name: 'x'.repeat(8_000_000) }) },
  { path: '/session', body: '['.repeat(60_000) },
  { path: '/session', headers: { 'x-long': 'x'.repeat(60_000) }, body: '{}' },
  { path: `/alarms/${'x'.repeat(60_000)}/acknowledge`, body: '{}' },
]

/** @param heap_MB of the desk's main thread: what V8 may hold of old objects */
export async function smallHeap({ heap_MB = HEAP_MB } = {}): Promise<SmallHeap> {
  const data = await temporaryFolder()
  const gauge = new StageDevice()
  const file = siteFile(await gauge.start(), await freePort(), await freePort())
  const site = await siteOf(file)
  const path = join(data, 'site.yaml')
  writeFileSync(path, siteFileText(file))
  const desk = new ServiceProcess(['desk', '--site', path, '--data', data], {
    NODE_OPTIONS: `--max-old-space-size=${heap_MB}`,
  })
  const line = await startLine(site, data, ['broker', 'ingest', 'edge'])
  const port = site.file.desk.port
  const clients: Watcher[] = []
  try {
    await desk.start(START_MS)
    const pid = desk.pid!
    const client = new DeskClient(port)
    const link = await until('the first link', () => /http:\S+first-user\S+/.exec(desk.output.stdout)?.[0])
    await client.firstUser(link, 'keeper')
    await until('the gauge is read', async () =>
      (await client.readings()).some(({ channel }) => channel === 'pier/stage'),
    )
    const before_MB = residentMb(pid)
    for (let i = 0; i < STREAM_CLIENTS_MAX + EXTRA_CLIENTS; i++)
      clients.push(await watch(port, client.cookie, i % 2 === 0))
    const taken = clients.filter(({ status }) => status === 200)

    const flood = rise(gauge)
    const answers: Record<string, number> = {}
    for (let round = 0; round < HUGE_ROUNDS; round++) {
      const said = await Promise.all(HUGE.map((huge) => tooBig(port, huge)))
      for (const status of said) answers[status] = (answers[status] ?? 0) + 1
      await pause(200)
    }
    await flood
    const of = async (kind: string) =>
      (await client.journal()).filter((entry) => entry.kind === kind && entry.alarm?.startsWith('n1:flood-'))
    await until('every alarm is told', async () => (await of('notice')).length >= FLOOD_ALARMS, 60_000).catch(() => {})
    gauge.set(0)
    await until('every alarm has returned', async () => (await of('return')).length >= FLOOD_ALARMS, 60_000).catch(
      () => {},
    )
    const page = await (await fetch(`http://127.0.0.1:${port}/metrics`, { headers: { cookie: client.cookie } })).text()
    const { broken } = await verifyJournal(join(deskFolder(data, site.file.site), JOURNAL_FILE))
    const counted = async (kind: string) => countedOf((await of(kind)).map(({ alarm }) => alarm!))
    return {
      onsets: await counted('onset'),
      notices: await counted('notice'),
      returns: await counted('return'),
      journal_whole: broken === undefined,
      clients: {
        taken: taken.length,
        refused: clients.length - taken.length,
        cut_off: Number(/^plumbline_desk_stream_dropped_total (\d+)/m.exec(page)?.[1]),
      },
      seen_least: Math.min(...taken.filter(({ reads }) => reads).map(({ seen }) => seen.size)),
      answers,
      before_MB,
      most_MB: residentMb(pid, 'VmHWM'),
      alive: desk.running && desk.pid === pid,
    }
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${desk.output.stderr.slice(-2000)}`, { cause: error })
  } finally {
    for (const { end } of clients) end()
    await desk.kill()
    await line.stop()
    await gauge.stop()
    await removeFolder(data)
  }
}

function countedOf(alarms: readonly string[]): Counted {
  const times = Map.groupBy(alarms, (id) => id)
  const doubled = [...times.values()].filter(({ length }) => length > 1).length
  return { once: times.size - doubled, missing: FLOOD_ALARMS - times.size, doubled }
}

type Watcher = { readonly status: number; readonly reads: boolean; readonly seen: ReadonlySet<string>; end(): void }

/** A live client; one that does not read leaves all of it to the buffers of its kernel and of the desk. */
function watch(port: number, cookie: string, reads: boolean): Promise<Watcher> {
  return new Promise((resolve, reject) => {
    const seen = new Set<string>()
    const asked = request({ host: '127.0.0.1', port, path: '/api/v1/live', headers: { cookie }, agent: false })
    const end = () => asked.destroy()
    asked.once('error', reject)
    asked.once('response', (answer: IncomingMessage) => {
      asked.off('error', reject).on('error', () => {})
      answer.on('error', () => {})
      const status = answer.statusCode!
      if (reads) {
        let line = ''
        answer.setEncoding('utf8').on('data', (text: string) => {
          const lines = (line + text).split('\n')
          line = lines.pop()!
          for (const each of lines)
            if (each.startsWith('data: {"id":"n1:flood-') && each.includes('"state":"unacknowledged"'))
              seen.add(/n1:[^"]*/.exec(each)![0])
        })
      }
      resolve({ status, reads, seen, end })
    })
    asked.end()
  })
}

function tooBig(port: number, { path, headers = {}, body }: (typeof HUGE)[number]): Promise<string> {
  return new Promise((resolve) => {
    const to = { host: '127.0.0.1', port, path: `/api/v1${path}`, method: 'POST', agent: false }
    const asked: ClientRequest = request({ ...to, headers: { 'content-type': 'application/json', ...headers } })
    asked.once('response', (answer: IncomingMessage) => {
      answer.resume()
      resolve(String(answer.statusCode))
      asked.destroy()
    })
    asked.on('error', () => resolve('closed'))
    asked.end(body)
  })
}

const siteFile = (gauge: number, mqtt: number, desk: number) => ({
  site: 'rehearsal',
  name: 'Rehearsal site',
  nodes: [
    {
      id: 'n1',
      name: 'Node 1',
      links: [
        {
          id: 'river',
          tcp: { host: '127.0.0.1', port: gauge },
          devices: [{ id: 'pier', name: 'Pier', model: 'sim-stage-gauge', unit_id: 1, poll_ms: 100 }],
        },
      ],
    },
  ],
  limits: floodLimits('pier/stage'),
  broker: { host: '127.0.0.1', port: mqtt },
  desk: { host: '127.0.0.1', port: desk },
})
