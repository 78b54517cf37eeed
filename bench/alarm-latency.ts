/**
 * Row `alarm-latency`: from the Modbus reply that first holds the crossed value to the alarm at a live client over
 * server-sent events, so what counts is everything beyond the poll interval. Broker, ingest, desk and edge are processes
 * of their own; the device is a register server in this one.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import type { AlarmJson } from '../domain/alarm.ts'
import { freePort } from '../rehearsals/ports.ts'
import { ServiceProcess } from '../rehearsals/processes.ts'
import { StageDevice } from '../rehearsals/stage-device.ts'
import { pause, until } from '../rehearsals/until.ts'
import { percentile, type Row } from './row.ts'

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

async function once(): Promise<number[]> {
  const data = await mkdtemp(join(tmpdir(), 'plumbline-bench-'))
  const device = new StageDevice()
  const [port, mqtt, desk] = [await device.start(), await freePort(), await freePort()]
  const site = join(data, 'site.yaml')
  await writeFile(site, stringify(siteFile(port, mqtt, desk)))
  const args = ['--site', site, '--data', data]
  const services = [['broker'], ['ingest'], ['desk'], ['edge', '--node', 'n1']].map(
    (words) => new ServiceProcess([...words, ...args]),
  )
  const stop = new AbortController()
  try {
    for (const service of services) await service.start()
    const states: Array<{ at: number; state: string; occurrence: number }> = []
    void watch(desk, stop.signal, (alarm) =>
      states.push({ at: performance.now(), state: alarm.state, occurrence: alarm.occurrence }),
    )
    return await onsets(device, states)
  } finally {
    stop.abort()
    for (const service of services.reverse()) await service.stop()
    await device.stop()
    await rm(data, { recursive: true, force: true })
  }
}

async function onsets(
  device: StageDevice,
  states: Array<{ at: number; state: string; occurrence: number }>,
): Promise<number[]> {
  await until('the device is polled', () => device.polled)
  await pause(1500)
  const out: number[] = []
  for (let n = 1; n <= ONSETS; n++) {
    device.set(2)
    const raised = await until(`onset ${n}`, () =>
      states.find((s) => s.occurrence === n && s.state === 'unacknowledged'),
    )
    out.push(raised.at - device.served_at)
    device.set(0)
    await until(`return ${n}`, () => states.find((s) => s.occurrence === n && s.state === 'returned-unacknowledged'))
    await pause(Math.random() * POLL_MS)
  }
  return out
}

const siteFile = (device: number, mqtt: number, desk: number) => ({
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
              poll_ms: POLL_MS,
              simulated: { play: { recording: 'usgs-dead-run-2018' } },
            },
          ],
        },
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
