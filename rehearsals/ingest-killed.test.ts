/**
 * kill -9 of ingest at random instants while the edge sends its backlog again: a dozen in CI, as many as
 * PLUMBLINE_INGEST_KILLS says otherwise. Nothing is lost, nothing is stored twice.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { stringify } from 'yaml'
import { openStore, removeFolder, startLine, temporaryFolder } from './line.ts'
import { freePort } from './ports.ts'
import { ServiceProcess } from './processes.ts'
import { bothDevices, siteOf } from './site.ts'
import { compare, EVER, storedUpTo, WHOLE, wallNow } from './truth.ts'
import { pause } from './until.ts'

const KILLS = Number(process.env['PLUMBLINE_INGEST_KILLS'] ?? 12)
const SEED = 20_261_122
/** The edge begins to send again two seconds after it hears STATE online. */
const GRACE_MS = 2000
const RATE_HZ = 100

test(`kill -9 of ingest at ${KILLS} random instants of a resend`, { timeout: 60_000 + KILLS * 15_000 }, async () => {
  const data = await temporaryFolder()
  const ports = {
    accelerometer: await freePort(),
    gauge: await freePort(),
    mqtt: await freePort(),
    desk: await freePort(),
  }
  const file = bothDevices(ports, { yonago: { lead_s: 1 } })
  const site = await siteOf(file)
  const path = join(data, 'site.yaml')
  writeFileSync(path, stringify(file))
  const ingest = new ServiceProcess(['ingest', '--site', path, '--data', data])
  const random = randomFrom(SEED)
  const line = await startLine(site, data, ['broker', 'sim', 'edge'])
  try {
    await ingest.start(30_000)
    await pause(3000)
    await ingest.kill()
    for (let kill = 1; kill < KILLS; kill++) {
      await pause(500 + random() * 1500)
      await ingest.start(30_000)
      // Every third before anything is sent again, the others in the middle of it.
      await pause(kill % 3 === 0 ? random() * GRACE_MS : GRACE_MS - 200 + random() * 1500)
      await ingest.kill()
    }
    await pause(1000)
    await ingest.start(30_000)
    const device = line.simulator().accelerometer('yonago')
    const upTo = device.newestCounter(wallNow()) - 2 * RATE_HZ
    const stored = await openStore(site, data)
    const samples = compare(await storedUpTo(stored, 'yonago', upTo, 120_000), device, upTo)
    const gauge = (await stored.gaps(...EVER)).filter(({ channels }) => channels.includes('dead-run/stage'))
    const stages = await stored.readings('dead-run/stage', ...EVER, 1_000_000)
    await stored.close()
    expect(samples).toMatchObject(WHOLE)
    expect(samples.expected).toBeGreaterThan((KILLS * RATE_HZ * GRACE_MS) / 1000)
    // The edge was never down: of its gauge, too, every poll is there once.
    expect(gauge).toEqual([])
    expect(new Set(stages.map(({ t_ns }) => t_ns)).size).toBe(stages.length)
  } finally {
    await ingest.kill()
    await line.stop()
    await removeFolder(data)
  }
})

/** mulberry32: the same instants for the same seed. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}
