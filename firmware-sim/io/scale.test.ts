import { expect, test } from 'vitest'
import type { Log } from '../../domain/ports.ts'
import { loadModels } from '../../models/load.ts'
import { loadRecording } from '../../recordings/load.ts'
import { SystemClock } from '../../runtime/clock.ts'
import { type Scale, scaleSite } from '../scale-site.ts'
import { SimulatorService } from '../service.ts'
import { ScaleLink } from './scale-master.fixture.ts'

const log: Log = { info: () => {}, warn: () => {}, error: () => {}, child: () => log }
const models = await loadModels(['sim-logger-10', 'sim-accelerometer-3axis-200'])

/** What a master reads in one round, half a second after the start, of a simulator on free ports. */
async function round(scale: Scale) {
  const file = scaleSite(scale, 1)
  const simulator = new SimulatorService({
    site: { file, models },
    clock: new SystemClock(),
    log,
    loadRecording,
    ports: () => 0,
  })
  await simulator.start()
  const links = file.nodes[0]!.links.map((link) => new ScaleLink(link, models, simulator.port(link.id)))
  try {
    await Promise.all(links.map((link) => link.open()))
    await new Promise((resolve) => setTimeout(resolve, 500))
    await Promise.all(links.map((link) => link.round()))
    return links.map(({ count }) => count)
  } finally {
    for (const link of links) link.close()
    await simulator.stop()
  }
}
const sum = (counts: Awaited<ReturnType<typeof round>>, key: 'replies' | 'exceptions' | 'values') =>
  counts.reduce((total, count) => total + count[key], 0)

test('10,000 values of 1,000 loggers are all read, none refused', async () => {
  const counts = await round({ scalars: 10_000 })
  expect([counts.length, sum(counts, 'replies'), sum(counts, 'exceptions'), sum(counts, 'values')]).toEqual([
    20, 1000, 0, 10_000,
  ])
})

test('100 accelerometers at 200 Hz are all read, none refused, every sample since the start', async () => {
  const counts = await round({ accelerometers: 100 })
  expect([counts.length, sum(counts, 'exceptions')]).toEqual([10, 0])
  // At least the half second waited for, on three axes.
  expect(sum(counts, 'values')).toBeGreaterThanOrEqual(100 * 3 * 100)
})
