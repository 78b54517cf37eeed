/**
 * Row `ingest-1000`: what ingest holds in memory and takes of a core with a thousand devices of ten scalars each at 1 Hz. Ten
 * nodes are played by this process and keep no backlog; broker and ingest are processes of their own.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { edgeFolder, edgeUser } from '../domain/data-folder.ts'
import { channelId } from '../domain/ids.ts'
import { decodePayload, encodePayload } from '../domain/sparkplug/codec.ts'
import { DataType, type Metric } from '../domain/sparkplug/payload.ts'
import { deviceTopic, nodeTopic } from '../domain/sparkplug/topics.ts'
import { instantFromMs } from '../domain/time.ts'
import { parseCommitted } from '../domain/wire/committed.ts'
import { BD_SEQ, COMMITTED, OUTBOX_ID, OUTBOX_OFFSET, REBIRTH } from '../domain/wire/names.ts'
import { bodyMetrics, emptyBody, outboxIdMetric, outboxOffsetMetric } from '../domain/wire/record.ts'
import { residentMb } from '../rehearsals/memory.ts'
import { ServiceProcess } from '../rehearsals/processes.ts'
import { siteFileText } from '../rehearsals/site.ts'
import { pause, until } from '../rehearsals/until.ts'
import { SystemClock } from '../runtime/clock.ts'
import { freePort } from '../runtime/free-port.fixture.ts'
import { silentLog } from '../runtime/log.ts'
import { connectMqtt } from '../runtime/mqtt-connection.ts'
import { passwordFrom } from '../runtime/password.ts'
import { cpuShares } from './edge-line.ts'
import { median, type Row } from './row.ts'

const [NODES, DEVICES, SCALARS] = [10, 100, 10]
const SITE = 'bench'
const SETTLE_S = 10
const WINDOW_S = 15
const WINDOWS = 3
const RESIDENT_MAX_MB = 250

export const ingest1000: Row = {
  id: 'ingest-1000',
  what: `${NODES * DEVICES} devices with ${SCALARS} scalars each at 1 Hz into the embedded store, acknowledged: resident memory of ingest`,
  unit: 'MB',
  target: `<= ${RESIDENT_MAX_MB} MB, all acknowledged`,
  measure: async () => {
    const { resident, shares, open } = await run()
    return {
      runs: resident,
      holds: (mb) => mb <= RESIDENT_MAX_MB && open === 0,
      beside: { 'share of a core': median(shares), 'records not acknowledged': open },
    }
  },
}

async function run(): Promise<{ resident: number[]; shares: number[]; open: number }> {
  const data = await mkdtemp(join(tmpdir(), 'plumbline-bench-'))
  const port = await freePort()
  const site = join(data, 'site.yaml')
  await writeFile(site, siteFileText(siteFile(port)))
  const args = ['--site', site, '--data', data]
  const [broker, ingest] = [new ServiceProcess(['broker', ...args]), new ServiceProcess(['ingest', ...args])]
  const nodes: PlayedNode[] = []
  try {
    for (const service of [broker, ingest]) await service.start(60_000)
    for (let n = 0; n < NODES; n++) nodes.push(new PlayedNode(data, port, `n${n}`))
    for (const node of nodes) await node.start()
    await pause(SETTLE_S * 1000)
    const resident: number[] = []
    const shares: number[] = []
    for (let w = 0; w < WINDOWS; w++) {
      const [[share]] = (await cpuShares([ingest.pid!], WINDOW_S, 1)) as [[number]]
      shares.push(share)
      resident.push(residentMb(ingest.pid!))
    }
    for (const node of nodes) node.quiet()
    await until('all is acknowledged', () => nodes.every(({ open }) => open === 0), 15_000).catch(() => {})
    return { resident, shares, open: nodes.reduce((sum, { open }) => sum + open, 0) }
  } finally {
    for (const node of nodes) await node.stop()
    for (const service of [ingest, broker]) await service.stop()
    await rm(data, { recursive: true, force: true })
  }
}

const deviceOf = (node: string, d: number) => `${node}-d${d}`
const METRICS = Array.from({ length: SCALARS }, (_, i) => `m${i}`)

const siteFile = (port: number) => ({
  site: SITE,
  name: 'Benchmark',
  nodes: Array.from({ length: NODES }, (_, n) => ({
    id: `n${n}`,
    name: `Node ${n}`,
    links: [
      {
        id: 'bus',
        tcp: { port: n + 1 },
        devices: Array.from({ length: DEVICES }, (__, d) => ({
          id: deviceOf(`n${n}`, d),
          name: deviceOf(`n${n}`, d),
          model: 'sim-stage-gauge',
          unit_id: d + 1,
        })),
      },
    ],
  })),
  broker: { port },
})

/** Speaks for one edge node: births, then a record of each device a second, spread over the second. */
class PlayedNode {
  readonly #node: string
  readonly #mqtt: ReturnType<ReturnType<typeof connectMqtt>>
  readonly #open = new Set<number>()
  #seq = 0
  #offset = 0
  #born = false
  #timer: NodeJS.Timeout | undefined

  constructor(data: string, port: number, node: string) {
    this.#node = node
    const will = metric(BD_SEQ, DataType.Int64, 0n)
    this.#mqtt = connectMqtt(
      new SystemClock(),
      silentLog,
    )({
      url: `mqtt://127.0.0.1:${port}`,
      clientId: node,
      username: edgeUser(node),
      password: passwordFrom(edgeFolder(data, SITE, node), edgeUser(node)),
      keepalive_s: 10,
      will: () => ({
        topic: nodeTopic(SITE, 'NDEATH', node),
        payload: encodePayload({ timestamp: 1, metrics: [will] }),
        qos: 1,
        retain: false,
      }),
      onUp: () => void this.#birth(),
      onDown: () => {},
      onMessage: ({ payload }) => this.#command(payload),
    })
  }

  /** Records that nobody has acknowledged. */
  get open(): number {
    return this.#open.size
  }

  async start(): Promise<void> {
    this.#mqtt.start()
    await until(`${this.#node} is born`, () => this.#born)
    let next = 0
    this.#timer = setInterval(() => {
      for (let i = 0; i < DEVICES / 10; i++) this.#record(next++ % DEVICES)
    }, 100)
  }

  quiet(): void {
    clearInterval(this.#timer)
  }

  stop(): Promise<void> {
    this.quiet()
    return this.#mqtt.stop(1000)
  }

  async #birth(): Promise<void> {
    await this.#mqtt.subscribe([nodeTopic(SITE, 'NCMD', this.#node)], 1)
    this.#seq = 0
    const own = [metric(OUTBOX_ID, DataType.String, this.#outbox), metric(OUTBOX_OFFSET, DataType.Int64, null)]
    this.#send(nodeTopic(SITE, 'NBIRTH', this.#node), [
      metric(BD_SEQ, DataType.Int64, 0n),
      metric(REBIRTH, DataType.Boolean, false),
      metric(COMMITTED, DataType.String, null),
      ...own,
    ])
    const scalars = METRICS.map((name) => metric(name, DataType.Double, null))
    for (let d = 0; d < DEVICES; d++)
      this.#send(deviceTopic(SITE, 'DBIRTH', this.#node, deviceOf(this.#node, d)), [...own, ...scalars])
    this.#born = true
  }

  #record(d: number): void {
    const device = deviceOf(this.#node, d)
    const t_ms = Date.now()
    const offset = ++this.#offset
    const readings = METRICS.map((name, i) => ({
      channel: channelId(device, name),
      value: Math.sin(offset + i),
      t_ns: instantFromMs(t_ms),
      half_width_ns: 1_000_000n,
      flag: 1 as const,
    }))
    this.#open.add(offset)
    this.#send(deviceTopic(SITE, 'DDATA', this.#node, device), [
      outboxIdMetric(this.#outbox, t_ms),
      outboxOffsetMetric(offset, t_ms),
      ...bodyMetrics(device, { ...emptyBody, readings }),
    ])
  }

  get #outbox(): string {
    return `bench-${this.#node}`
  }

  #send(topic: string, metrics: readonly Metric[]): void {
    const payload = encodePayload({ timestamp: Date.now(), seq: this.#seq, metrics })
    this.#seq = (this.#seq + 1) % 256
    this.#mqtt.publish(topic, payload, { qos: 0 }).catch(() => {})
  }

  #command(payload: Uint8Array): void {
    for (const { name, value } of decodePayload(payload).metrics) {
      if (name === REBIRTH) void this.#birth()
      const committed = name === COMMITTED ? parseCommitted(String(value)) : undefined
      for (const [from, to] of committed?.ranges ?? [])
        for (let offset = from; offset <= to; offset++) this.#open.delete(offset)
    }
  }
}

const metric = (name: string, datatype: DataType, value: Metric['value']): Metric => ({
  name,
  datatype,
  timestamp: Date.now(),
  value,
})
