import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { NS_PER_S } from '../../domain/time.ts'
import { encodeIngestHealth, type IngestHealth } from '../../domain/wire/ingest-health.ts'
import { SimulatedClock } from '../../runtime/clock.ts'
import type { ClockAnswer } from '../../runtime/clock-probe.ts'
import { AlarmBook } from '../alarm-book.ts'
import { LiveModel } from '../live-model.ts'
import { ownDefinitions } from '../own-alarms.ts'
import { judge } from '../site-conditions.ts'
import { at, testSite } from '../testing-site.ts'
import { LineWatch } from './line-watch.ts'

const SITE = testSite()
const folders: string[] = []
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true })
})

async function watch(answers: Array<ClockAnswer | undefined> = []) {
  const dataDir = await mkdtemp(join(tmpdir(), 'line-'))
  folders.push(dataDir)
  const clock = new SimulatedClock(at(0))
  const state = { broker: true, asked: 0, away: undefined as string | undefined, known: true }
  const line = new LineWatch({
    ...{ site: SITE, dataDir, clock, model: new LiveModel(SITE), brokerUp: () => state.broker },
    alarms: () => ({ book: new AlarmBook(SITE), away: undefined }) as never,
    store: () => ({ known: state.known, away: state.away, stored: undefined }) as never,
    clockProbe: async () => answers[Math.min(state.asked++, answers.length - 1)],
  })
  const is = () => judge(ownDefinitions(SITE).get('clock')!, line.state(true))
  return { line, clock, state, is }
}
const seconds = (s: number) => BigInt(s) * NS_PER_S
/** Lets what was asked answer. */
const settle = () => new Promise((resolve) => setImmediate(resolve))

test('a clock that is set is told at the look that finds it, and remembered for the page', async () => {
  const { line, clock, is } = await watch()
  expect(is().is).toBe(false)
  await clock.advance(seconds(10))
  expect(is().is).toBe(false)
  clock.stepWall(-seconds(3600))
  // Who only looks does not take it from the next judgement.
  expect(line.state().clockStep_s).toBe(0)
  expect(is()).toMatchObject({ is: true, detail: expect.stringContaining('stepped by -3600.0 s') })
  await clock.advance(seconds(60))
  expect(is().is).toBe(false)
  expect(line.state().clock.step).toEqual({ age_s: 60, by_s: -3600 })
})

test('the time service is not asked at the start and then seldom; being without one counts after five minutes', async () => {
  const { line, clock, state, is } = await watch([{ synchronised: false }])
  const look = async (s: number) => {
    await clock.advance(seconds(s))
    is()
    await settle()
  }
  await look(9)
  expect(state.asked).toBe(0)
  await look(1)
  expect(line.state().clock).toMatchObject({ synchronised: false })
  for (let minute = 1; minute <= 5; minute++) {
    await look(60)
    expect(is().is, `minute ${minute}`).toBe(false)
  }
  expect(state.asked).toBe(2)
  await look(1)
  expect(is()).toMatchObject({ is: true, detail: 'not synchronised with a time service' })
})

test('a time service that comes back ends it, and an offset is told at once', async () => {
  const { clock, is } = await watch([
    { synchronised: true, offset_s: 0.5 },
    { synchronised: true, offset_s: 0.001 },
  ])
  await clock.advance(seconds(10))
  is()
  await settle()
  expect(is()).toMatchObject({ is: true, detail: '500 ms off' })
  await clock.advance(seconds(300))
  is()
  await settle()
  expect(is().is).toBe(false)
})

test('where nothing can say how the clock is, it is asked once an hour', async () => {
  const { line, clock, state } = await watch([undefined])
  for (let minute = 0; minute < 61; minute++) {
    await clock.advance(seconds(60))
    line.state()
    await settle()
  }
  expect(state.asked).toBe(2)
})

test('the last word of ingest counts as heard when it was said; nonsense is no word', async () => {
  const { line, clock } = await watch()
  const health: IngestHealth = {
    ...{ t_ns: at(-2), boot: 'b', taking: true, why: null, lag_s: 0, waiting_records: 0, quarantined_total: 0 },
    ...{ last_quarantined: null, dead_letter_total: 0, foreign_lost: [], store: null, last_backup_ns: null },
  }
  line.heardIngest(new TextEncoder().encode('{"taking":'))
  expect(line.state().ingest).toBeUndefined()
  line.heardIngest(encodeIngestHealth(health))
  expect(line.state().ingest?.age_s).toBe(120)
  line.heardIngest(encodeIngestHealth({ ...health, t_ns: at(0) }))
  await clock.advance(seconds(7))
  expect(line.state().ingest?.age_s).toBe(7)
})

test('how long the broker has been there begins anew, and a store never asked is not away', async () => {
  const { line, clock, state } = await watch()
  line.state()
  await clock.advance(seconds(20))
  expect(line.state().brokerUp_s).toBe(20)
  state.broker = false
  expect(line.state()).toMatchObject({ brokerUp: false, brokerUp_s: 0 })
  state.broker = true
  line.state()
  await clock.advance(seconds(5))
  expect(line.state().brokerUp_s).toBe(5)
  Object.assign(state, { away: 'gone', known: false })
  expect(line.state().storeAway).toBeUndefined()
  state.known = true
  expect(line.state().storeAway).toBe('gone')
})

test('readings are as old as their coming, by the clock that nobody sets; the disk is looked at', async () => {
  const { line, clock } = await watch()
  const of = (t_ns: bigint) => [{ event: 'readings', data: [{ channel: 'creek/stage', value: 1, t_ns: String(t_ns) }] }]
  // Out of the store, or with a birth, after a restart.
  line.live(of(at(-2)) as never)
  expect(line.readingAge_s('creek/stage')).toBe(120)
  // From a node whose clock is two minutes slow.
  line.live(of(at(-2)) as never)
  expect(line.readingAge_s('creek/stage')).toBe(0)
  await clock.advance(seconds(4))
  clock.stepWall(seconds(3600))
  expect(line.readingAge_s('creek/stage')).toBe(4)
  expect(line.readingAge_s('roof/pga')).toBeUndefined()
  line.state()
  await expect.poll(() => line.disk?.free_bytes ?? 0).toBeGreaterThan(0)
  expect(line.state().diskFreePercent).toBeGreaterThan(0)
})
