/**
 * Row `backlog`: an outage of a day, drained in wall time by real processes: edge node, broker, ingest and the embedded
 * store, while two accelerometers and a hundred scalars go on live. The outage itself is written, not waited for.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ingestFolder } from '../domain/data-folder.ts'
import type { Model } from '../domain/model.ts'
import { type Instant, instant, NS_PER_S } from '../domain/time.ts'
import { loadModels } from '../models/load.ts'
import { type Course, courseOf } from '../rehearsals/flat.ts'
import { residentMb } from '../rehearsals/memory.ts'
import { MqttProxy } from '../rehearsals/mqtt-proxy.ts'
import { ServiceProcess } from '../rehearsals/processes.ts'
import { siteFileText } from '../rehearsals/site.ts'
import { pause, until } from '../rehearsals/until.ts'
import { freePort } from '../runtime/free-port.fixture.ts'
import { silentLog } from '../runtime/log.ts'
import { openSeriesReader } from '../store/embedded.ts'
import { fillBacklog } from './backlog-fill.ts'
import { cpuSeconds } from './cpu.ts'
import { startDevices } from './device/device-server.ts'
import { type Measured, NOT_HERE, type Row } from './row.ts'

/** A shorter outage: PLUMBLINE_BENCH_BACKLOG_H=2. */
const HOURS = Number(process.env['PLUMBLINE_BENCH_BACKLOG_H'] ?? 24)
const [LIVE_MAX_S, FACTOR_MIN] = [2, 50]
const SITE = 'bench'
const [LOGGER, RING] = ['sim-logger-10', 'sim-accelerometer-3axis']
const LOGGERS = Array.from({ length: 10 }, (_, i) => `logger-${i + 1}`)
const RINGS = ['roof', 'base']
/** Live records that are always on their way: a dozen a second, gathered and acknowledged within a few. */
const ON_THEIR_WAY = 100

export const backlog: Row = {
  id: 'backlog',
  what: `${HOURS} h of outage of ${RINGS.length} accelerometers and ${LOGGERS.length * 10} scalars at 1 Hz, drained into the store while they go on: data seconds per second`,
  unit: 'x real',
  target: `live within ${LIVE_MAX_S} s, drained at >= ${FACTOR_MIN} x real time, none lost, none doubled`,
  measure: async () => {
    const rings = await startDevices({ kind: 'rings', links: 1, units: RINGS.length, rate_hz: 100, depth: 6000 })
    const loggers = await startDevices({ kind: 'scalars', links: 2, units: LOGGERS.length / 2, points: 10 })
    const data = await mkdtemp(join(tmpdir(), 'plumbline-bench-'))
    try {
      if (rings === undefined || loggers === undefined) return NOT_HERE
      return await drain(data, [rings.ports[0]!, ...loggers.ports])
    } finally {
      await Promise.all([rings?.stop(), loggers?.stop()])
      await rm(data, { recursive: true, force: true })
    }
  },
}

async function drain(data: string, ports: readonly number[]): Promise<Measured> {
  const models = await loadModels([LOGGER, RING])
  const seconds = HOURS * 3600
  const pair = { logger: models.get(LOGGER)!, ring: models.get(RING)! }
  const from = await fillBacklog({
    data,
    site: SITE,
    node: 'n1',
    seconds,
    loggers: LOGGERS,
    rings: RINGS,
    models: pair,
  })
  const [mqtt, metricsPort] = [await freePort(), await freePort()]
  const line = new MqttProxy(mqtt)
  await line.start()
  line.cut()
  const [inside, outside] = [join(data, 'site.yaml'), join(data, 'edge.yaml')]
  await writeFile(inside, siteFileText(siteFile(ports, mqtt, metricsPort)))
  await writeFile(outside, siteFileText(siteFile(ports, line.port, metricsPort)))
  const at = (site: string) => ['--site', site, '--data', data]
  const services = [
    new ServiceProcess(['broker', ...at(inside)]),
    new ServiceProcess(['ingest', ...at(inside)]),
    new ServiceProcess(['edge', '--node', 'n1', ...at(outside)]),
  ]
  const reader = openSeriesReader(ingestFolder(data, SITE), silentLog)
  try {
    for (const service of services) await service.start(60_000)
    await pause(5000)
    const cpu = services.map(({ pid }) => cpuSeconds(pid!))
    line.mend()
    await until('the uplink', async () => (await metric(metricsPort, 'plumbline_uplink_up')) >= 2, 120_000)
    const begun = performance.now()
    const mended = instant(BigInt(Date.now()) * 1_000_000n)
    const since = () => (performance.now() - begun) / 1000
    const channel = `${LOGGERS[0]}/stage`
    const live_s = await until(
      'live data',
      async () => {
        const latest = await reader.latest().catch(() => [])
        return latest.some((r) => r.channel === channel && r.t_ns > mended) ? since() : undefined
      },
      120_000,
    )
    const waiting = () => metric(metricsPort, 'plumbline_outbox_backlog_records')
    const ingest_MB: number[] = []
    const drained_s = await until(
      'an empty outbox',
      async () => {
        ingest_MB.push(residentMb(services[1]!.pid!))
        return (await waiting()) <= ON_THEIR_WAY ? since() : undefined
      },
      7_200_000,
    )
    const spent = services.map(({ pid }, i) => cpuSeconds(pid!) - cpu[i]!)
    await pause(2000)
    const { missing, extra } = await stored(reader, from, seconds, pair)
    const factor = seconds / drained_s
    return {
      runs: [factor],
      holds: (value) => value >= FACTOR_MIN && live_s <= LIVE_MAX_S && missing === 0 && extra === 0,
      beside: {
        'live s': live_s,
        'drained s': drained_s,
        missing,
        doubled: extra,
        'broker CPU-s': spent[0]!,
        'ingest CPU-s': spent[1]!,
        'edge CPU-s': spent[2]!,
        ...(ingest_MB.length >= 8 && grownBy(courseOf(ingest_MB))),
      },
    }
  } finally {
    await reader.close()
    for (const service of services.reverse()) await service.stop()
    await line.stop()
  }
}

/** Of ingest, while it drains. */
const grownBy = ({ before, after }: Course) => ({
  'ingest MB in the second quarter': before,
  'ingest MB in the last': after,
})

async function metric(port: number, name: string): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  const found = [...text.matchAll(new RegExp(`^${name}\\{[^}]*\\} (\\S+)$`, 'gm'))]
  if (found.length === 0) throw new Error(`no ${name} among the metrics`)
  return found.reduce((sum, [, value]) => sum + Number(value), 0)
}

/** Values of each channel and samples of each axis in the outage, against the seconds it had. */
async function stored(
  reader: ReturnType<typeof openSeriesReader>,
  from: Instant,
  seconds: number,
  { logger, ring }: { readonly logger: Model; readonly ring: Model },
): Promise<{ missing: number; extra: number }> {
  const to = instant(from + BigInt(seconds) * NS_PER_S)
  const wanted = [
    ...LOGGERS.flatMap((id) => logger.points!.map(({ metric }) => [`${id}/${metric}`, seconds] as const)),
    ...RINGS.flatMap((id) => ring.ring!.axes.map((axis) => [`${id}/acceleration/${axis}`, seconds * 100] as const)),
  ]
  let [missing, extra] = [0, 0]
  for (const [channel, count] of wanted) {
    const got = (await reader.series(channel, from, to, 1)).reduce((sum, column) => sum + column.count, 0)
    missing += Math.max(0, count - got)
    extra += Math.max(0, got - count)
  }
  return { missing, extra }
}

function siteFile([ring, ...loggers]: readonly number[], mqtt: number, metricsPort: number) {
  const device = (id: string, model: string, unit_id: number, poll_ms: number) => ({
    id,
    name: id,
    model,
    unit_id,
    poll_ms,
  })
  const half = LOGGERS.length / 2
  const outbox = { max_mib: 16_384, max_age_h: 200 }
  return {
    site: SITE,
    name: 'Benchmark',
    nodes: [
      {
        id: 'n1',
        name: 'Edge',
        metrics: { port: metricsPort },
        outbox: { readings: { ...outbox }, blocks: { ...outbox } },
        links: [
          { id: 'rings', tcp: { port: ring }, devices: RINGS.map((id, u) => device(id, RING, u + 1, 200)) },
          ...loggers.map((port, l) => ({
            id: `loggers-${l}`,
            tcp: { port },
            devices: LOGGERS.slice(l * half, (l + 1) * half).map((id, u) => device(id, LOGGER, u + 1, 1000)),
          })),
        ],
      },
    ],
    limits: [],
    broker: { port: mqtt },
  }
}
