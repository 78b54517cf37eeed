/**
 * Row `blocks`: 200 Hz three-axis blocks from a publisher through broker and ingest into the embedded store, each
 * acknowledged end to end. Broker and ingest are processes of their own; the publisher keeps a bounded window.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { edgeFolder, edgeUser } from '../domain/data-folder.ts'
import { blocksNodeId } from '../domain/ids.ts'
import type { MqttConnection } from '../domain/ports.ts'
import { decodePayload, encodePayload } from '../domain/sparkplug/codec.ts'
import { DataType, type Metric } from '../domain/sparkplug/payload.ts'
import { deviceTopic, nodeTopic } from '../domain/sparkplug/topics.ts'
import { instant } from '../domain/time.ts'
import { parseCommitted } from '../domain/wire/committed.ts'
import { BD_SEQ, COMMITTED, OUTBOX_ID, OUTBOX_OFFSET, REBIRTH } from '../domain/wire/names.ts'
import { blockBirthMetrics, bodyMetrics, outboxIdMetric, outboxOffsetMetric } from '../domain/wire/record.ts'
import { ServiceProcess } from '../rehearsals/processes.ts'
import { siteFileText } from '../rehearsals/site.ts'
import { pause, until } from '../rehearsals/until.ts'
import { SystemClock } from '../runtime/clock.ts'
import { freePort } from '../runtime/free-port.fixture.ts'
import { silentLog } from '../runtime/log.ts'
import { connectMqtt } from '../runtime/mqtt-connection.ts'
import { passwordFrom } from '../runtime/password.ts'
import { cpuSeconds } from './cpu.ts'
import type { Row } from './row.ts'

const RUNS = 3
export const DEVICES = 50
export const RATE_HZ = 200
export const AXES = ['x', 'y', 'z']
const SAMPLES = RATE_HZ * AXES.length
/** About six million samples a run. */
const BLOCKS = 10_000
/** Blocks published and not yet acknowledged; ingest's own memory bound lies above it. */
const WINDOW = 1000
const LIMIT_PER_S = 2_000_000
const CPU_LIMIT = 0.6
export const [SITE, NODE] = ['bench', 'n1']
const OUTBOX = 'bench-outbox'

export const blocks: Row = {
  id: 'blocks',
  what: `${DEVICES} devices, 3 axes x ${RATE_HZ} Hz in 1 s blocks, publisher -> broker -> ingest -> embedded store, acknowledged; three processes`,
  unit: 'samples/s',
  target: `>= ${LIMIT_PER_S.toLocaleString('en')}/s and <= ${CPU_LIMIT} CPU-s per million`,
  measure: async () => {
    const runs: Array<{ rate: number; cpu: number }> = []
    for (let i = 0; i < RUNS; i++) runs.push(await runBlocks())
    const cpu = runs.map((r) => r.cpu).sort((a, b) => a - b)[RUNS >> 1]!
    return {
      runs: runs.map((r) => r.rate),
      holds: (rate) => rate >= LIMIT_PER_S && cpu <= CPU_LIMIT,
      beside: { 'CPU-s per million': cpu },
    }
  },
}

export async function runBlocks(): Promise<{ rate: number; cpu: number }> {
  const data = await mkdtemp(join(tmpdir(), 'plumbline-bench-'))
  const mqtt = await freePort()
  const site = join(data, 'site.yaml')
  await writeFile(site, siteFileText(siteFile(mqtt)))
  const args = ['--site', site, '--data', data]
  const services = [new ServiceProcess(['broker', ...args]), new ServiceProcess(['ingest', ...args])]
  const publisher = new Publisher(data, mqtt)
  try {
    for (const service of services) await service.start()
    await publisher.start()
    const pids = [process.pid, ...services.map((s) => s.pid!)]
    const cpuBefore = pids.map(cpuSeconds)
    const begun = performance.now()
    await publisher.run()
    const seconds = (performance.now() - begun) / 1000
    const cpu = pids.map((pid, i) => cpuSeconds(pid) - cpuBefore[i]!).reduce((a, b) => a + b)
    return { rate: (BLOCKS * SAMPLES) / seconds, cpu: cpu / ((BLOCKS * SAMPLES) / 1e6) }
  } finally {
    await publisher.stop()
    for (const service of services.reverse()) await service.stop()
    await rm(data, { recursive: true, force: true })
  }
}

export const deviceId = (d: number) => `a${d}`

export const siteFile = (port: number) => ({
  site: SITE,
  name: 'Benchmark',
  nodes: [
    {
      id: NODE,
      name: 'Publisher',
      links: [
        {
          id: 'bus',
          tcp: { port: 1 },
          devices: Array.from({ length: DEVICES }, (_, d) => ({
            id: deviceId(d),
            name: deviceId(d),
            model: 'sim-accelerometer-3axis',
            unit_id: d + 1,
          })),
        },
      ],
    },
  ],
  broker: { port },
})

/** Speaks for `n1-blocks`: births, then blocks as fast as acknowledgements come back. */
class Publisher {
  readonly #mqtt: MqttConnection
  readonly #node = blocksNodeId(NODE)
  #seq = 0
  #ready = false
  #committed = 0
  #wake: () => void = () => {}

  constructor(data: string, port: number) {
    const will: Metric = { name: BD_SEQ, datatype: DataType.Int64, timestamp: 1, value: 0n }
    this.#mqtt = connectMqtt(
      new SystemClock(),
      silentLog,
    )({
      url: `mqtt://127.0.0.1:${port}`,
      clientId: this.#node,
      username: edgeUser(NODE),
      password: passwordFrom(edgeFolder(data, SITE, NODE), edgeUser(NODE)),
      keepalive_s: 10,
      will: () => ({
        topic: nodeTopic(SITE, 'NDEATH', this.#node),
        payload: encodePayload({ timestamp: 1, metrics: [will] }),
        qos: 1,
        retain: false,
      }),
      onUp: () => void this.#birth(),
      onDown: () => {},
      onMessage: ({ payload }) => this.#command(payload),
    })
  }

  async start(): Promise<void> {
    this.#mqtt.start()
    await until('the publisher is born', () => this.#ready)
    await pause(500)
  }

  async run(): Promise<void> {
    for (let k = 0; k < BLOCKS; k++) {
      // Woken by the next acknowledgement: a publisher that spins would take the core from broker and ingest.
      while (k - this.#committed >= WINDOW) await new Promise<void>((resolve) => (this.#wake = resolve))
      void this.#mqtt.publish(deviceTopic(SITE, 'DDATA', this.#node, deviceId(k % DEVICES)), this.#payload(k), {
        qos: 0,
      })
      if (k % 50 === 49) await new Promise((r) => setImmediate(r))
    }
    await until('every block is acknowledged', () => this.#committed >= BLOCKS, 60_000)
  }

  stop(): Promise<void> {
    return this.#mqtt.stop(1000)
  }

  async #birth(): Promise<void> {
    await this.#mqtt.subscribe([nodeTopic(SITE, 'NCMD', this.#node)], 1)
    this.#seq = 0
    const metric = (name: string, datatype: DataType, value: Metric['value']): Metric => ({
      name,
      datatype,
      timestamp: 1,
      value,
    })
    const own = [metric(OUTBOX_ID, DataType.String, OUTBOX), metric(OUTBOX_OFFSET, DataType.Int64, null)]
    await this.#send(nodeTopic(SITE, 'NBIRTH', this.#node), [
      metric(BD_SEQ, DataType.Int64, 0n),
      metric(REBIRTH, DataType.Boolean, false),
      metric(COMMITTED, DataType.String, null),
      ...own,
    ])
    for (let d = 0; d < DEVICES; d++)
      await this.#send(deviceTopic(SITE, 'DBIRTH', this.#node, deviceId(d)), [
        ...own,
        ...blockBirthMetrics('acceleration', AXES, 0.0006, 'm/s²', false, 1),
      ])
    this.#ready = true
  }

  #send(topic: string, metrics: readonly Metric[]): Promise<void> {
    return this.#mqtt.publish(topic, encodePayload({ timestamp: 1, seq: this.#nextSeq(), metrics }), { qos: 0 })
  }

  #nextSeq(): number {
    const seq = this.#seq
    this.#seq = (seq + 1) % 256
    return seq
  }

  #payload(k: number): Uint8Array {
    const [device, second] = [deviceId(k % DEVICES), Math.floor(k / DEVICES)]
    const block = {
      device,
      group: 'acceleration',
      boot_id: 1,
      first_counter: second * RATE_HZ,
      half_width_ns: 0n,
      t0_ns: instant(1_700_000_000_000_000_000n + BigInt(second) * 1_000_000_000n),
      sample_rate_hz: RATE_HZ,
      scale: 0.0006,
      unit: 'm/s²',
      axes: AXES.map((axis) => ({ axis, samples: this.#samples(k) })),
    }
    const metrics = [
      outboxIdMetric(OUTBOX, 1),
      outboxOffsetMetric(k + 1, 1),
      ...bodyMetrics(device, { readings: [], blocks: [block], gaps: [] }),
    ]
    return encodePayload({ timestamp: 1, seq: this.#nextSeq(), metrics })
  }

  /** Different samples in every block: a store that dedupes content would gain nothing. */
  #samples(k: number): Int16Array {
    const out = new Int16Array(RATE_HZ)
    for (let i = 0; i < RATE_HZ; i++) out[i] = (k * 31 + i * 17) & 0x3ff
    return out
  }

  #command(bytes: Uint8Array): void {
    for (const { name, value } of decodePayload(bytes).metrics) {
      if (name === REBIRTH) void this.#birth()
      if (name !== COMMITTED || typeof value !== 'string') continue
      for (const [from, to] of parseCommitted(value)?.ranges ?? []) this.#committed += to - from + 1
    }
    this.#wake()
  }
}
