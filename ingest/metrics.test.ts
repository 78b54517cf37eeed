import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import type { Site } from '../domain/channel.ts'
import { SystemClock } from '../runtime/clock.ts'
import { silentLog } from '../runtime/log.ts'
import { connectMqtt } from '../runtime/mqtt-connection.ts'
import { openSeriesWriter } from '../store/embedded.ts'
import { IngestService } from './service.ts'
import { FakeEdge } from './test/fake-edge.ts'
import { blockRecord, yard } from './test/yard.ts'

test('the page tells what became of the records, over HTTP', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ingest-metrics-'))
  const clock = new SystemClock()
  const edge = await FakeEdge.start()
  const store = await openSeriesWriter(folder, silentLog)
  const ingest = new IngestService({
    site: { ...yard, file: { ...yard.file, ingest: { foreign: [], metrics: { host: '127.0.0.1', port: 0 } } } } as Site,
    brokerUrl: edge.url,
    clock,
    log: silentLog,
    connectMqtt: connectMqtt(clock, silentLog),
    store,
    password: async () => '',
  })
  try {
    await ingest.start()
    await vi.waitFor(() => expect(ingest.stats().nodesOnline).toBe(2), { timeout: 10_000 })
    for (const s of [1, 2, 3]) edge.live(s)
    edge.record('blocks', 4, blockRecord(4).slice(0, -1))
    await vi.waitFor(() => expect(ingest.stats().acknowledged).toBe(7), { timeout: 10_000 })
    edge.live(1)
    await vi.waitFor(() => expect(ingest.stats().duplicate).toBe(2), { timeout: 10_000 })
    const page = await (await fetch(`http://127.0.0.1:${ingest.metricsPort}/metrics`)).text()
    const value = (name: string) =>
      Number(
        page
          .split('\n')
          .find((line) => line.startsWith(`${name} `))
          ?.split(' ')[1],
      )
    expect({
      stored: value('plumbline_ingest_records_total{outcome="stored"}'),
      duplicate: value('plumbline_ingest_records_total{outcome="duplicate"}'),
      layout: value('plumbline_ingest_dead_letters_total{reason="layout"}'),
      conflict: value('plumbline_ingest_dead_letters_total{reason="conflict"}'),
      acknowledged: value('plumbline_ingest_acknowledged_total'),
      asked: value('plumbline_ingest_rebirths_asked_total'),
      online: value('plumbline_ingest_nodes_online'),
      serving: value('plumbline_ingest_serving'),
      waiting: value('plumbline_ingest_waiting_records'),
      // Records of 2018: all of them are years behind.
      live: value('plumbline_ingest_lag_seconds_count{sent="live"}'),
      week: value('plumbline_ingest_lag_seconds_bucket{sent="live",le="604800"}'),
    }).toEqual({
      stored: 6,
      duplicate: 2,
      layout: 1,
      conflict: 0,
      acknowledged: 9,
      asked: 2,
      online: 2,
      serving: 1,
      waiting: 0,
      live: 6,
      week: 0,
    })
    expect(value('plumbline_ingest_commit_seconds_count')).toBe(ingest.stats().batches)
  } finally {
    await ingest.stop()
    await store.close()
    await edge.stop()
    await rm(folder, { recursive: true })
  }
})
