/**
 * Row `blocks-naive`: the same samples by the naive design, one JSON message and one insert per reading, beside `blocks` in
 * the same run: same broker, MQTT library, SQLite and machine. QoS 1, because here nothing else acknowledges.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectAsync, type MqttClient } from 'mqtt'
import { edgeFolder, edgeUser, ingestFolder, ingestUser } from '../domain/data-folder.ts'
import { deviceTopic } from '../domain/sparkplug/topics.ts'
import { ServiceProcess } from '../rehearsals/processes.ts'
import { siteFileText } from '../rehearsals/site.ts'
import { freePort } from '../runtime/free-port.fixture.ts'
import { passwordFrom } from '../runtime/password.ts'
import { AXES, DEVICES, deviceId, NODE, RATE_HZ, runBlocks, SITE, siteFile } from './blocks.ts'
import { cpuSeconds } from './cpu.ts'
import { median, type Row } from './row.ts'

const RUNS = 3
/** Some seconds of work; a reading has a sample of each axis. */
const READINGS = 50_000
/** Published and not yet acknowledged. */
const WINDOW = 200
const RATIO_MIN = 50

export const blocksNaive: Row = {
  id: 'blocks-naive',
  what: `CPU time per sample of one JSON message (QoS 1) and one insert per reading of three axes, over that of \`blocks\` in the same run`,
  unit: 'x',
  target: `>= ${RATIO_MIN} x less CPU per sample`,
  measure: async () => {
    const runs: Array<{ ratio: number; naive: NaiveRun; ours: Run }> = []
    for (let i = 0; i < RUNS; i++) {
      const [ours, naive] = [await runBlocks(), await runNaive()]
      runs.push({ ours, naive, ratio: naive.cpu / ours.cpu })
    }
    return {
      runs: runs.map(({ ratio }) => ratio),
      holds: (ratio) => ratio >= RATIO_MIN,
      beside: {
        'CPU-s per million, naive': median(runs.map(({ naive }) => naive.cpu)),
        blocks: median(runs.map(({ ours }) => ours.cpu)),
        'samples/s, naive': median(runs.map(({ naive }) => naive.rate)),
        'samples/s, blocks': median(runs.map(({ ours }) => ours.rate)),
        'B/sample on disk, naive': median(runs.map(({ naive }) => naive.bytes)),
      },
    }
  },
}

type Run = Awaited<ReturnType<typeof runBlocks>>
type NaiveRun = Run & { readonly bytes: number }

async function runNaive(): Promise<NaiveRun> {
  const data = await mkdtemp(join(tmpdir(), 'plumbline-bench-'))
  const port = await freePort()
  const site = join(data, 'site.yaml')
  await writeFile(site, siteFileText(siteFile(port)))
  const broker = new ServiceProcess(['broker', '--site', site, '--data', data])
  let ingest: ChildProcess | undefined
  let publisher: MqttClient | undefined
  try {
    await broker.start()
    const host = ingestUser(SITE)
    const password = await passwordFrom(ingestFolder(data, SITE), host)()
    const file = join(data, 'naive.db')
    const args = [port, host, password, `spBv1.0/${SITE}/#`, file, READINGS].map(String)
    ingest = spawn(process.execPath, [join(import.meta.dirname, 'naive-ingest.ts'), ...args], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    await said(ingest, 'ready')
    const user = edgeUser(NODE)
    publisher = await connectAsync({
      ...{ host: '127.0.0.1', port, clientId: NODE, username: user },
      password: await passwordFrom(edgeFolder(data, SITE, NODE), user)(),
    })
    ;(publisher.stream as { setNoDelay?(on: boolean): void }).setNoDelay?.(true)
    const pids = [process.pid, broker.pid!, ingest.pid!]
    const before = pids.map(cpuSeconds)
    const begun = performance.now()
    await Promise.all([said(ingest, 'stored'), publish(publisher)])
    const seconds = (performance.now() - begun) / 1000
    const cpu = pids.map((pid, i) => cpuSeconds(pid) - before[i]!).reduce((a, b) => a + b)
    const samples = READINGS * AXES.length
    const ended = once(ingest, 'exit')
    ingest.stdin!.end()
    await ended
    return { rate: samples / seconds, cpu: cpu / (samples / 1e6), bytes: (await stat(file)).size / samples }
  } finally {
    await publisher?.endAsync(true)
    ingest?.stdin?.end()
    await broker.stop()
    await rm(data, { recursive: true, force: true })
  }
}

async function publish(client: MqttClient): Promise<void> {
  let [underWay, wake] = [0, () => {}]
  for (let k = 0; k < READINGS; k++) {
    while (underWay >= WINDOW) await new Promise<void>((resolve) => (wake = resolve))
    const device = deviceId(k % DEVICES)
    const tick = Math.floor(k / DEVICES)
    const [x, y, z] = [31, 17, 7].map((step) => ((tick * step + k) & 0x3ff) * 0.0006)
    const reading = { device, t_ms: 1_700_000_000_000 + (tick * 1000) / RATE_HZ, x, y, z }
    underWay++
    client.publish(deviceTopic(SITE, 'DDATA', NODE, device), JSON.stringify(reading), { qos: 1 }, () => {
      underWay--
      wake()
    })
  }
}

/** Rejects where the process ends before it says so. */
function said(child: ChildProcess, word: string): Promise<void> {
  return new Promise((resolve, reject) => {
    child.stdout!.on('data', (chunk: Buffer) => {
      if (chunk.toString().includes(word)) resolve()
    })
    child.once('exit', (code) => reject(new Error(`the naive ingest ended with ${code} before it was ${word}`)))
  })
}
