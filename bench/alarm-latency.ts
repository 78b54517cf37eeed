/**
 * Rows `alarm-latency`: from the Modbus reply that first holds the crossed value to the alarm at a live client over
 * server-sent events, so what counts is everything beyond the poll interval. Broker, ingest, desk and edge are processes
 * of their own; the device is a register server in this one. Also while hours of backlog drain, and over a slow line.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AlarmJson } from '../domain/alarm.ts'
import { loadModels } from '../models/load.ts'
import { ServiceProcess } from '../rehearsals/processes.ts'
import { siteFileText } from '../rehearsals/site.ts'
import { StageDevice } from '../rehearsals/stage-device.ts'
import { pause, until } from '../rehearsals/until.ts'
import { freePort } from '../runtime/free-port.fixture.ts'
import { fillBacklog } from './backlog-fill.ts'
import { startDevices } from './device/device-server.ts'
import { NOT_HERE, percentile, type Row } from './row.ts'
import { startSlowLink } from './slow-link.ts'

const ONSETS = 300
const POLL_MS = 20
const [P50_MS, P99_MS] = [5, 25]

export const alarmLatency: Row = {
  id: 'alarm-latency',
  what: `reply of the device with the crossed value -> alarm at a live client, ${ONSETS} onsets, poll period ${POLL_MS} ms not counted`,
  unit: 'ms',
  target: `p50 <= ${P50_MS} ms, p99 <= ${P99_MS} ms`,
  measure: async () => {
    const runs = await once()
    const p99 = percentile(runs, 99)
    return { runs, holds: (p50) => p50 <= P50_MS && p99 <= P99_MS, beside: { 'p99 ms': p99 } }
  },
}

const DRAINING_ONSETS = 100
const DRAINING_P99_MS = 50
/** More than can drain while the onsets last. */
const DRAINING_H = 6
const [LOGGERS, RINGS] = [Array.from({ length: 10 }, (_, i) => `logger-${i + 1}`), ['roof', 'base']]

export const alarmLatencyDraining: Row = {
  id: 'alarm-latency-draining',
  what: `the same, ${DRAINING_ONSETS} onsets, while ${DRAINING_H} h of two accelerometers and a hundred scalars drain`,
  unit: 'ms',
  target: `p99 <= ${DRAINING_P99_MS} ms`,
  measure: async () => {
    const runs = await once({ onsets: DRAINING_ONSETS, backlog_h: DRAINING_H })
    const p99 = percentile(runs, 99)
    return { runs, holds: () => p99 <= DRAINING_P99_MS, beside: { 'p99 ms': p99 } }
  },
}

const SLOW_ONSETS = 60
const SLOW_P99_MS = 500
/** As a gauge at the end of such a line is polled. */
const SLOW_POLL_MS = 500
const MODEM_BITS_PER_S = 56_000

export const alarmLatencySlow: Row = {
  id: 'alarm-latency-56k',
  what: `the same, ${SLOW_ONSETS} onsets, over a line of 56 kbit/s that also carries a 100 Hz accelerometer and a gauge polled every ${SLOW_POLL_MS} ms`,
  unit: 'ms',
  target: `p99 <= ${SLOW_P99_MS} ms`,
  measure: async () => {
    const rings = await startDevices({ kind: 'rings', links: 1, units: 1, rate_hz: 100, depth: 6000 })
    if (rings === undefined) return NOT_HERE
    try {
      const runs = await once({ onsets: SLOW_ONSETS, poll_ms: SLOW_POLL_MS, slow: true, ring: rings.ports[0]! })
      const p99 = percentile(runs, 99)
      return { runs, holds: () => p99 <= SLOW_P99_MS, beside: { 'p99 ms': p99 } }
    } finally {
      await rings.stop()
    }
  },
}

type Line = {
  readonly onsets?: number
  readonly poll_ms?: number
  readonly backlog_h?: number
  readonly slow?: boolean
  /** Port of an accelerometer. */
  readonly ring?: number
}

async function once(line: Line = {}): Promise<number[]> {
  const data = await mkdtemp(join(tmpdir(), 'plumbline-bench-'))
  const device = new StageDevice()
  const [port, mqtt, desk] = [await device.start(), await freePort(), await freePort()]
  const site = join(data, 'site.yaml')
  const slow = line.slow ? await startSlowLink(mqtt, MODEM_BITS_PER_S) : undefined
  await writeFile(site, siteFileText(siteFile(port, mqtt, desk, line)))
  // The node knows the broker by the near end of its line.
  const far = join(data, 'edge.yaml')
  await writeFile(far, siteFileText(siteFile(port, slow?.port ?? mqtt, desk, line)))
  if (line.backlog_h !== undefined) await fill(data, line.backlog_h)
  const services = [['broker'], ['ingest'], ['desk'], ['edge', '--node', 'n1']].map(
    (words) => new ServiceProcess([...words, '--site', words[0] === 'edge' ? far : site, '--data', data]),
  )
  const stop = new AbortController()
  try {
    for (const service of services) await service.start()
    const states: Array<{ at: number; state: string; occurrence: number }> = []
    void watch(desk, stop.signal, (alarm) =>
      states.push({ at: performance.now(), state: alarm.state, occurrence: alarm.occurrence }),
    )
    return await onsets(device, states, line)
  } finally {
    stop.abort()
    for (const service of services.reverse()) await service.stop()
    await slow?.stop()
    await device.stop()
    await rm(data, { recursive: true, force: true })
  }
}

async function onsets(
  device: StageDevice,
  states: Array<{ at: number; state: string; occurrence: number }>,
  { onsets: count = ONSETS, poll_ms = POLL_MS, slow }: Line,
): Promise<number[]> {
  await until('the device is polled', () => device.polled)
  // The births of a start take their time on a slow line.
  await pause(slow ? 15_000 : 1500)
  const out: number[] = []
  for (let n = 1, last = 0; n <= count; n++) {
    device.set(2)
    const raised = await until(
      `onset ${n}`,
      () => states.find((s) => s.occurrence > last && s.state === 'unacknowledged'),
      60_000,
    )
    last = raised.occurrence
    out.push(raised.at - device.served_at)
    device.set(0)
    await until(
      `return ${n}`,
      () => states.find((s) => s.occurrence === last && s.state === 'returned-unacknowledged'),
      60_000,
    )
    await pause(Math.random() * poll_ms)
  }
  return out
}

async function fill(data: string, hours: number): Promise<void> {
  const models = await loadModels(['sim-logger-10', 'sim-accelerometer-3axis'])
  const pair = { logger: models.get('sim-logger-10')!, ring: models.get('sim-accelerometer-3axis')! }
  const seconds = hours * 3600
  await fillBacklog({ data, site: 'bench', node: 'n1', seconds, loggers: LOGGERS, rings: RINGS, models: pair })
}

/** Devices of the backlog are silent now; `ring` answers. */
function others({ backlog_h, ring }: Line) {
  // A site of simulated devices only is read without signing in.
  const device = (model: string) => (id: string, u: number) => ({
    id,
    name: id,
    model,
    unit_id: u + 1,
    simulated: { play: { recording: model === 'sim-logger-10' ? 'usgs-dead-run-2018' : 'jma-yonago-2000' } },
  })
  const silent = [
    ...LOGGERS.map(device('sim-logger-10')),
    ...RINGS.map((id, u) => device('sim-accelerometer-3axis')(id, 100 + u)),
  ]
  return [
    ...(backlog_h === undefined ? [] : [{ id: 'silent', tcp: { port: 9 }, devices: silent }]),
    ...(ring === undefined
      ? []
      : [{ id: 'ring', tcp: { port: ring }, devices: [device('sim-accelerometer-3axis')('shaker', 0)] }]),
  ]
}

const siteFile = (device: number, mqtt: number, desk: number, line: Line) => ({
  site: 'bench',
  name: 'Benchmark',
  nodes: [
    {
      id: 'n1',
      name: 'Edge',
      links: [
        {
          id: 'river',
          tcp: { port: device },
          devices: [
            {
              id: 'gauge',
              name: 'Gauge',
              model: 'sim-stage-gauge',
              poll_ms: line.poll_ms ?? POLL_MS,
              simulated: { play: { recording: 'usgs-dead-run-2018' } },
            },
          ],
        },
        ...others(line),
      ],
    },
  ],
  limits: [{ id: 'high', name: 'High', channel: 'gauge/stage', above: 1, unit: 'm', deadband: 0.5 }],
  broker: { port: mqtt },
  desk: { port: desk },
})

/** Follows `/api/v1/live` and hands over every alarm. */
async function watch(port: number, signal: AbortSignal, onAlarm: (alarm: AlarmJson) => void): Promise<void> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1/live`, { signal })
    const decoder = new TextDecoder()
    let rest = ''
    for await (const chunk of answer.body!) {
      rest += decoder.decode(chunk as Uint8Array, { stream: true })
      const events = rest.split('\n\n')
      rest = events.pop()!
      for (const event of events)
        if (/^event: alarm$/m.test(event)) onAlarm(JSON.parse(/^data: (.*)$/m.exec(event)![1]!))
    }
  } catch (error) {
    if (!signal.aborted) throw error
  }
}
