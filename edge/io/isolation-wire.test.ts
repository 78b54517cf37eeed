import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import type { Site } from '../../domain/channel.ts'
import type { Model } from '../../domain/model.ts'
import type { SiteDevice, SiteNode } from '../../domain/site.ts'
import { silentLog } from '../../runtime/log.ts'
import { Acquisition } from '../acquisition.ts'
import { MemoryLife, MemoryRecorder, MemoryState } from '../testing.ts'
import { openModbus } from './modbus-link.ts'
import { clock, type LinkOptions, overPty, overRtuTcp, overTcp, PlainServer, type Served } from './testing-modbus.ts'

const cleanups: Array<() => unknown> = []
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean()
})
const UNITS = 20
const DEAD = 7
const model: Model = {
  id: 'm',
  name: 'M',
  source: 'test',
  points: [{ metric: 'v', table: 'holding', address: 3, type: 'uint16', unit: '1', range: { low: 0, high: 65_535 } }],
  poll_ms: 1000,
}
const WATCHED_MS = 4000
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

async function bus(
  over: (plain: PlainServer, options: LinkOptions) => Promise<Served>,
  poll_ms: number,
  timeout_ms: number,
) {
  const plain = new PlainServer()
  const served = await over(plain, { timeout_ms })
  const devices = Array.from(
    { length: UNITS },
    (_, i): SiteDevice => ({ id: `u${i + 1}`, name: 'u', model: 'm', unit_id: i + 1, poll_ms }),
  )
  const link = { ...served.link, devices }
  const node = { id: 'edge-1', name: 'edge', links: [link] } as unknown as SiteNode
  const file = { site: 'test', nodes: [node], limits: [], waters: [], structures: [] } as unknown as Site['file']
  const site: Site = { file, models: new Map([['m', model]]), hash: '', limits: [] }
  const recorder = new MemoryRecorder()
  const life = new MemoryLife()
  const acquisition = new Acquisition({
    site,
    node,
    clock,
    log: silentLog,
    openLink: openModbus(clock, silentLog),
    recorder,
    life,
    state: new MemoryState(),
  })
  cleanups.push(served.close, () => acquisition.stop())
  acquisition.start()
  return { plain, recorder, life, acquisition }
}

const pty = (plain: PlainServer, options: LinkOptions) => {
  const folder = mkdtempSync(join(tmpdir(), 'plumbline-'))
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }))
  return overPty(plain, folder, options)
}
/**
 * Arithmetic. TCP: 20 requests of about 1 ms leave 80 of 100 ms; a probe of a dead unit takes 20 ms. RTU adds 1.75 ms of
 * silence and at 115,200 baud 1.4 ms of characters (none on a pty): 20 x 5 ms leave half of 200 ms.
 */
const BUSES: Array<[string, typeof overTcp, number]> = [
  ['tcp', overTcp, 100],
  ['rtu_over_tcp', overRtuTcp, 200],
  ...(existsSync('/usr/bin/socat')
    ? ([['rtu on a pty pair', pty, 200]] as Array<[string, typeof overTcp, number]>)
    : []),
]

describe.each(BUSES)('20 units on one link over %s, each polled on its schedule', (_, over, poll_ms) => {
  test('one dead unit costs the others one time-out, then nothing', async () => {
    const timeout_ms = 1000
    const { plain, recorder, life, acquisition } = await bus(over, poll_ms, timeout_ms)
    await pause(1500)
    expect(life.events).toHaveLength(UNITS)
    // What a busy machine makes late with every unit alive.
    const missed = () => new Map(acquisition.stats().devices.map((d) => [d.device, d.missed]))
    const early = missed()
    await pause(WATCHED_MS)
    const alive = missed()
    plain.silent.add(DEAD)
    // The first time-out is the whole one: nobody knows yet that the unit is dead.
    await pause(timeout_ms + 2 * poll_ms)
    const before = new Map(acquisition.stats().devices.map((d) => [d.device, d]))
    const from = recorder.readingRecords.length
    await pause(WATCHED_MS)
    const others = acquisition.stats().devices.filter((d) => d.device !== `u${DEAD}`)
    for (const device of others) {
      const was = before.get(device.device)!
      const usual = alive.get(device.device)! - early.get(device.device)!
      expect([device.device, Math.max(0, device.missed - was.missed - usual - 1)]).toEqual([device.device, 0])
      expect(device.good - was.good).toBeGreaterThanOrEqual(WATCHED_MS / poll_ms - 3 - usual)
      expect(Object.keys(device.errors)).toEqual([])
    }
    const wrong = recorder.readingRecords
      .slice(from)
      .filter((r) => r.device !== `u${DEAD}`)
      .filter((r) => r.readings[0]!.value !== (Number(r.device.slice(1)) * 1000 + 3) % 65_536)
    expect(wrong).toEqual([])
    expect(life.events.filter((e) => e.includes('offline'))).toEqual([`u${DEAD} offline timeout`])
    // It comes back by a probe.
    plain.silent.delete(DEAD)
    for (let i = 0; i < 400 && life.events.at(-1) !== `u${DEAD} online`; i++) await pause(50)
    expect(life.events.at(-1)).toBe(`u${DEAD} online`)
  }, 60_000)
})
