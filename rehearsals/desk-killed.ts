/**
 * kill -9 of the desk while alarms are shelved, one is being escalated, and a mail and a web request are on their way to
 * receivers that have taken them and say nothing, and an edge node has just gone. It stays dead until a shelf, a step of the
 * ladder and the alarm about the node were due; told is what the receivers and the journal have after its restart.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { JOURNAL_FILE, verifyJournal } from '../desk/io/journal.ts'
import { HttpSink, MailSink } from '../desk/io/send/testing-sinks.ts'
import type { AlarmJson, JournalEntryJson } from '../domain/alarm.ts'
import type { DeliveryJson } from '../domain/api-desk.ts'
import { deskFolder } from '../domain/data-folder.ts'
import { freePort } from '../runtime/free-port.fixture.ts'
import { DeskClient } from './desk-client.ts'
import { removeFolder, startLine, temporaryFolder } from './line.ts'
import { ServiceProcess } from './processes.ts'
import { siteFileText, siteOf } from './site.ts'
import { StageDevice } from './stage-device.ts'
import { pause, until } from './until.ts'

/** A loaded machine starts a process slowly. */
const START_MS = 45_000
/** A step of the ladder takes no less than 0.1 min; both are due while the desk is dead. */
const [STEP_MIN, SHELF_MIN, LONG_MIN] = [0.1, 0.03, 30]
/** Longer than from the node's death to the desk's. */
const OFFLINE_AFTER_S = 4
/** What is carried out ten seconds after it was due is late. */
const LATE_MS = 10_700
const LOOK_MS = 1200
/** A second telling would show. */
const SETTLE_MS = 2500
const GAUGES = ['told', 'flying', 'shelved'] as const
const REPEAT = 'POSSIBLE REPEAT'

export type DeskKilled = {
  /** Letters to who was told before the crash, and requests to who is told next by the ladder. */
  readonly told: number
  readonly escalated: number
  /** How late the journal says the step was [ms]. */
  readonly late_ms: number
  /** Of the mail and of the request that were on their way: how often they came, and how many were marked. */
  readonly mails: { readonly came: number; readonly marked: number }
  readonly requests: { readonly came: number; readonly marked: number; readonly keys: number }
  /** What the journal says of those two. */
  readonly unknown: number
  readonly states: readonly string[]
  /** Ends of the shelf that was due meanwhile, those marked late, and whether the other goes on as it was. */
  readonly ended: number
  readonly ended_late: number
  readonly kept: boolean
  /** Onsets of the alarm about the node, those marked late, and whether each is of before the desk died. */
  readonly offline: { readonly onsets: number; readonly late: number; readonly true_onset: boolean }
  /** Notices of alarms that nothing happened to. */
  readonly again: number
  readonly journal_whole: boolean
  readonly restart_s: number
}

export async function deskKilled(): Promise<DeskKilled> {
  const data = await temporaryFolder()
  const [mail, http] = [await new MailSink().start(), await new HttpSink().start()]
  const devices = GAUGES.map(() => new StageDevice())
  const ports = await Promise.all(devices.map((device) => device.start()))
  const file = siteFile(ports, mail.port, http.url, await freePort(), await freePort())
  const site = await siteOf(file)
  const path = join(data, 'site.yaml')
  writeFileSync(path, siteFileText(file))
  const desk = new ServiceProcess(['desk', '--site', path, '--data', data])
  const line = await startLine(site, data, ['broker', 'ingest'])
  const edge = await startLine(site, data, ['edge'])
  try {
    await desk.start(START_MS)
    const client = new DeskClient(site.file.desk.port)
    const rise = async (gauge: number, id: string) => {
      devices[gauge]!.set(2)
      return until(`${id} stands`, async () => standing(await client.alarm(`n1:${id}`)), START_MS)
    }
    const of = (path: string) => http.heard.filter((request) => request.path === path)
    const to = (who: string) => mail.letters.filter((letter) => letter.to.includes(`${who}@example.org`))
    // These two receivers take what comes, and their answer is lost.
    http.answer = (response, { path }) => (path === '/box' ? undefined : response.writeHead(200).end('ok'))
    mail.answer = (letter, taken) => (letter.to.includes('ann@example.org') ? undefined : taken())

    const [link] = await until(
      'the first user can be made',
      () => desk.output.stdout.match(/http:\S+first-user\S+/) ?? undefined,
    )
    await client.firstUser(link!, 'Mei')
    const short = await rise(2, 'short')
    const long = await until('long stands', async () => standing(await client.alarm('n1:long')))
    await rise(0, 'told')
    await until('the mail is known to be there', async () => (await sentTo(client, 'mei')).length > 0)
    await rise(1, 'flying')
    await until('both are on their way', () => of('/box').length > 0 && to('ann').length > 0)
    const until_ns = await shelve(client, long, LONG_MIN)
    await shelve(client, short, SHELF_MIN)
    await edge.stop()
    await until('the node is known to be away', async () =>
      (await client.journal()).some(
        ({ kind, actor, body }) => kind === 'node' && actor === 'n1' && (body as { to: string }).to === 'offline',
      ),
    )
    // A look at the line every second: what pends is durable with it.
    await pause(LOOK_MS)
    await desk.kill()
    const killed_ns = BigInt(Date.now()) * 1_000_000n

    await pause(SHELF_MIN * 60_000 + LATE_MS)
    http.answer = (response) => response.writeHead(200).end('ok')
    mail.answer = (_, taken) => taken()
    const begun = performance.now()
    await desk.start(START_MS)
    const restart_s = (performance.now() - begun) / 1000
    await until(
      'what was due is carried out',
      () => of('/lin').length > 0 && of('/box').length > 1 && to('ann').length > 1,
    )
    const offline = await until('the node is told to be away', async () => {
      const onsets = (await client.journal()).filter((e) => e.kind === 'onset' && e.alarm === 'desk:edge-offline-n1')
      return onsets.length > 0 && onsets
    })
    await pause(SETTLE_MS)

    const [journal, deliveries] = [await client.journal(), await deliveriesOf(client)]
    const ends = journal.filter(({ kind, alarm }) => kind === 'unshelve' && alarm === short.id)
    const steps = ofKind(journal, 'planned').filter(({ contact }) => contact === 'lin')
    const { broken } = await verifyJournal(join(deskFolder(data, site.file.site), JOURNAL_FILE))
    return {
      told: to('mei').length,
      escalated: of('/lin').length,
      late_ms: Math.max(0, ...steps.map(({ late_ms }) => late_ms)),
      mails: { came: to('ann').length, marked: to('ann').filter(({ text }) => text.includes(REPEAT)).length },
      requests: {
        came: of('/box').length,
        marked: of('/box').filter(({ body }) => body.includes(REPEAT)).length,
        keys: new Set(of('/box').map(({ headers }) => headers['idempotency-key'])).size,
      },
      unknown: ofKind(journal, 'unknown').length,
      states: deliveries
        .filter(({ contact }) => contact === 'ann' || contact === 'box')
        .map(({ state, possible_repeat }) => `${state}${possible_repeat ? ', possible repeat' : ''}`),
      ended: ends.length,
      ended_late: ends.filter(({ body }) => (body as { late?: boolean }).late === true).length,
      kept: (await client.alarm(long.id))?.aside?.shelved?.until_ns === until_ns,
      offline: {
        onsets: offline.length,
        late: offline.filter(({ body }) => 'overdue_since_ns' in (body as object)).length,
        true_onset: offline.every(({ body }) => BigInt((body as { onset_ns: string }).onset_ns) < killed_ns),
      },
      again:
        journal.filter(({ kind, alarm }) => kind === 'notice' && (alarm === 'n1:told' || alarm === 'n1:flying'))
          .length - 2,
      journal_whole: broken === undefined,
      restart_s,
    }
  } finally {
    await desk.kill()
    await edge.stop()
    await line.stop()
    for (const device of devices) await device.stop()
    await http.stop()
    await mail.stop()
    await removeFolder(data)
  }
}

const standing = (alarm: AlarmJson | undefined) => (alarm?.state === 'unacknowledged' ? alarm : undefined)

async function shelve(client: DeskClient, { id }: AlarmJson, minutes: number): Promise<string> {
  const { etag } = (await client.alarm(id))!
  const { status, body } = await client.post(`/alarms/${id}/shelve`, { etag, minutes, reason: 'rehearsed' })
  const { aside } = body as AlarmJson
  if (status !== 200 || aside?.shelved == null) throw new Error(`shelving ${id}: ${status} ${JSON.stringify(body)}`)
  return aside.shelved.until_ns
}

const deliveriesOf = async (client: DeskClient): Promise<DeliveryJson[]> =>
  (await client.get<{ deliveries: DeliveryJson[] }>('/notices')).deliveries
const sentTo = async (client: DeskClient, who: string) =>
  (await deliveriesOf(client)).filter(({ contact, state }) => contact === who && state === 'sent')

type DeliveryEntry = { readonly what: string; readonly contact: string; readonly late_ms: number }
const ofKind = (journal: readonly JournalEntryJson[], what: string): DeliveryEntry[] =>
  journal
    .filter(({ kind }) => kind === 'delivery')
    .map(({ body }) => body as DeliveryEntry)
    .filter((body) => body.what === what)

function siteFile(ports: readonly number[], smtp: number, http: string, mqtt: number, desk: number) {
  const mail = (id: string) => contact(id, { email: { to: `${id}@example.org` } })
  const web = (id: string) => contact(id, { webhook: { url: `${http}/${id}` } })
  const above = (gauge: string, id: string, above: number) => ({
    ...{ id, name: `Gauge ${gauge} above ${above} m`, channel: `${gauge}/stage`, above, unit: 'm' },
  })
  return {
    site: 'killed',
    name: 'Desk killed',
    nodes: [
      {
        id: 'n1',
        name: 'Node',
        links: GAUGES.map((id, i) => ({
          id: `link-${id}`,
          tcp: { port: ports[i] },
          devices: [
            {
              ...{ id, name: `Gauge ${id}`, model: 'sim-stage-gauge', poll_ms: 100 },
              simulated: { play: { recording: 'usgs-dead-run-2018' } },
            },
          ],
        })),
      },
    ],
    limits: [
      above('told', 'told', 1),
      above('flying', 'flying', 1),
      above('shelved', 'short', 1),
      above('shelved', 'long', 1.5),
    ],
    notices: {
      smtp: { host: '127.0.0.1', port: smtp, tls: 'none', from: 'desk@example.org' },
      contacts: [mail('mei'), web('lin'), mail('ann'), web('box')],
      policies: [
        {
          ...{ id: 'ladder', limits: ['told'], start_over_min: 0 },
          steps: [{ to: ['mei'], acknowledge_within_min: STEP_MIN }, { to: ['lin'] }],
        },
        { id: 'flying', limits: ['flying'], steps: [{ to: ['ann', 'box'] }] },
      ],
      grouping: { wait_s: 0 },
    },
    alarms: { own: { edge_offline: { after_s: OFFLINE_AFTER_S } } },
    broker: { port: mqtt },
    desk: { port: desk },
  }
}

const contact = (id: string, channel: object) => ({
  ...{ id, name: id, exercise: true, channels: [{ id: 'only', timeout_s: 60, ...channel }] },
})
