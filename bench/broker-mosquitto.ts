/**
 * Row `broker-mosquitto`: the embedded broker against Debian's mosquitto in the same run, with the same publishers and
 * subscribers, users and rules: four edge nodes publish, ingest and desk hear all of it, QoS 0, payloads as we send them.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  deskFolder,
  deskUser,
  edgeFolder,
  edgeUser,
  ingestFolder,
  ingestUser,
  PASSWORD_FILE,
} from '../domain/data-folder.ts'
import { deviceTopic } from '../domain/sparkplug/topics.ts'
import { residentMb } from '../rehearsals/memory.ts'
import { ServiceProcess } from '../rehearsals/processes.ts'
import { siteFileText } from '../rehearsals/site.ts'
import { pause } from '../rehearsals/until.ts'
import { freePort } from '../runtime/free-port.fixture.ts'
import { cpuSeconds } from './cpu.ts'
import { startMosquitto } from './mosquitto.ts'
import { type Account, MqttLoad } from './mqtt-load.ts'
import { PAYLOADS } from './payloads.ts'
import { median, NOT_HERE, type Row } from './row.ts'
import { show } from './table.ts'

const [SITE, NODES, DEVICE] = ['bench', ['n1', 'n2', 'n3', 'n4'], 'd1']
const TOPICS = NODES.map((node) => deviceTopic(SITE, 'DDATA', node, DEVICE))
const [RUNS, RUN_S, WARM_S] = [3, 3, 0.5]
/** What a site of some hundred devices sends. */
const [CALM_PER_S, CALM_S] = [1000, 6]
/** Measured before there was this row: mosquitto was ahead by 1.2 to 1.5. */
const RATIO_MIN = 0.5

type Run = { readonly per_s: number; readonly cpu_s_per_million: number }
type Broker = { readonly pid: number; readonly load: MqttLoad; readonly runs: Map<string, Run[]> }

export const brokerMosquitto: Row = {
  id: 'broker-mosquitto',
  what: `messages/s of the embedded broker over those of mosquitto, payload of one block: ${NODES.length} publishers, 2 subscribers, QoS 0, as fast as they arrive; below, each payload, and blocks at ${CALM_PER_S.toLocaleString('en')}/s`,
  unit: 'x',
  target: `>= ${RATIO_MIN} of mosquitto's messages/s`,
  measure: async () => {
    const data = await mkdtemp(join(tmpdir(), 'plumbline-bench-'))
    const stops: Array<() => unknown> = []
    try {
      const port = await freePort()
      const site = join(data, 'site.yaml')
      await writeFile(site, siteFileText(siteFile(port)))
      const embedded = new ServiceProcess(['broker', '--site', site, '--data', data])
      await embedded.start()
      stops.push(() => embedded.stop())
      const accounts = await accountsOf(data)
      const passwords = new Map(Object.values(accounts).flatMap((all) => all.map((a) => [a.user, a.password] as const)))
      const peer = await startMosquitto(data, SITE, NODES, passwords)
      if (peer === undefined) return NOT_HERE
      stops.push(() => peer.stop())
      const brokers: Broker[] = []
      for (const { port: at, pid } of [{ port, pid: embedded.pid! }, peer]) {
        const load = new MqttLoad()
        stops.push(() => load.close())
        await load.connect(at, accounts.publishers, accounts.subscribers, `spBv1.0/${SITE}/#`)
        brokers.push({ pid, load, runs: new Map() })
      }
      // In turn, so that what else the machine does meets both alike.
      for (let run = 0; run < RUNS; run++)
        for (const [name, payload] of PAYLOADS)
          for (const broker of brokers) await measure(broker, name, payload, RUN_S)
      const [calm, block] = ['block, 1,000/s', PAYLOADS.get('block')!]
      for (const broker of brokers) await measure(broker, calm, block, CALM_S, CALM_PER_S)
      return result(brokers as [Broker, Broker], calm)
    } finally {
      for (const stop of stops.reverse()) await stop()
      await rm(data, { recursive: true, force: true })
    }
  },
}

async function measure(broker: Broker, name: string, payload: Uint8Array, seconds: number, per_s?: number) {
  await broker.load.run(TOPICS, payload, WARM_S, per_s)
  const before = cpuSeconds(broker.pid)
  const count = await broker.load.run(TOPICS, payload, seconds, per_s)
  const run = { per_s: count / seconds, cpu_s_per_million: (cpuSeconds(broker.pid) - before) / (count / 1e6) }
  broker.runs.set(name, [...(broker.runs.get(name) ?? []), run])
  // A broker is not charged for what it still clears away of the run before.
  await pause(100)
}

function result([ours, theirs]: readonly [Broker, Broker], calm: string) {
  const ratio = (name: string) => ours.runs.get(name)!.map(({ per_s }, i) => per_s / theirs.runs.get(name)![i]!.per_s)
  const of = (broker: Broker, name: string, key: keyof Run) =>
    show(median(broker.runs.get(name)!.map((run) => run[key])))
  return {
    runs: ratio('block'),
    holds: (value: number) => value >= RATIO_MIN,
    beside: { 'resident MB': residentMb(ours.pid), "mosquitto's": residentMb(theirs.pid) },
    table: {
      head: ['payload', 'bytes', 'messages/s', 'mosquitto', 'ratio', 'CPU-s per million', 'mosquitto'],
      rows: [...PAYLOADS.keys(), calm].map((name) => [
        name,
        String((PAYLOADS.get(name) ?? PAYLOADS.get('block')!).length),
        of(ours, name, 'per_s'),
        of(theirs, name, 'per_s'),
        show(median(ratio(name))),
        of(ours, name, 'cpu_s_per_million'),
        of(theirs, name, 'cpu_s_per_million'),
      ]),
    },
  }
}

/** The embedded broker has made the passwords at its start. */
async function accountsOf(data: string): Promise<Record<'publishers' | 'subscribers', Account[]>> {
  const account = async (user: string, folder: string): Promise<Account> => ({
    clientId: user,
    user,
    password: (await readFile(join(folder, PASSWORD_FILE), 'utf8')).trim(),
  })
  return {
    publishers: await Promise.all(NODES.map((node) => account(edgeUser(node), edgeFolder(data, SITE, node)))),
    subscribers: [
      await account(ingestUser(SITE), ingestFolder(data, SITE)),
      await account(deskUser(SITE), deskFolder(data, SITE)),
    ],
  }
}

const siteFile = (port: number) => ({
  site: SITE,
  name: 'Benchmark',
  nodes: NODES.map((id, n) => ({
    id,
    name: id,
    links: [
      {
        id: `${id}-bus`,
        tcp: { port: n + 1 },
        devices: [{ id: `${id}-${DEVICE}`, name: id, model: 'sim-stage-gauge', unit_id: 1 }],
      },
    ],
  })),
  broker: { port },
})
