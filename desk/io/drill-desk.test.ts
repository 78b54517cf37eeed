import { describe, expect, test } from 'vitest'
import type { DrillJson, DrillStartBody } from '../../domain/api.ts'
import type { Site } from '../../domain/channel.ts'
import type { ConditionRecord } from '../../domain/condition.ts'
import { type EdgeDrill, shadowId } from '../../domain/drill.ts'
import { addNs, NS_PER_S } from '../../domain/time.ts'
import { SimulatedClock } from '../../runtime/clock.ts'
import { silentLog } from '../../runtime/log.ts'
import { DrillBook, type DrillEntry } from '../drill.ts'
import { MemoryJournal } from '../testing-journal.ts'
import { TestSimulator } from '../testing-simulator.ts'
import { at, limitOf, OUTBOX, record, testSite } from '../testing-site.ts'
import { AlarmDesk } from './alarm-desk.ts'
import { DrillDesk } from './drill-desk.ts'
import { DrillTeller } from './drill-teller.ts'

const MINUTE = 60n * NS_PER_S
const SITE = testSite({ simulated: 'roof' })
const ASKED: DrillStartBody = {
  name: 'Autumn drill',
  owner: 'Mei',
  recipients: ['night shift'],
  scenario: { name: 'flash-flood' },
  shadows: ['creek'],
  max_minutes: 20,
}

/** One run of the desk's part that drills; a later run on the same journal is a restart. */
async function desk(before?: { journal: MemoryJournal; clock: SimulatedClock; simulator: TestSimulator }) {
  const journal = before?.journal ?? new MemoryJournal()
  const clock = before?.clock ?? new SimulatedClock(at(0))
  const simulator = before?.simulator ?? new TestSimulator(SITE)
  const book = new DrillBook()
  for (const row of await journal.ofKind('drill')) book.apply(row as DrillEntry)
  const shown: DrillJson[] = []
  let site: Site = SITE
  const alarms = new AlarmDesk({
    ...{ site: SITE, drills: book, journal, clock, log: silentLog },
    onAlarm: () => {},
    onEntry: (row) => row.kind === 'drill' && book.apply(row as DrillEntry),
    onCommitted: () => {},
    onRecovered: () => {},
  })
  await alarms.start()
  // The edge node does what it is told and says so in its birth, unless it does not hear.
  const edge = { deaf: false, told: [] as Array<string | null>, drill: null as EdgeDrill | null }
  const teller: DrillTeller = new DrillTeller({
    clock,
    send: async (node, drill) => {
      edge.told.push(drill?.id ?? null)
      if (edge.deaf) return
      edge.drill = drill
      await Promise.resolve()
      teller.said(node, drill?.id ?? null)
      drills.heard()
    },
  })
  const drills: DrillDesk = new DrillDesk({
    ...{ site: SITE, clock, log: silentLog, simulator, drills: book, alarms, teller },
    onSite: (now) => {
      site = now
      alarms.book.join(now)
    },
    onDrill: (drill) => shown.push(drill),
  })
  await drills.resume()
  teller.said('north', null)
  await clock.advance(0n)
  let offset = 0
  const tell = async (condition: ConditionRecord) => {
    const identity = { node: 'north', outbox: OUTBOX, stream: 'conditions', offset: ++offset } as const
    alarms.records('north', [{ identity, historical: false, record: condition }])
    await clock.advance(0n)
  }
  const kinds = () =>
    journal.rows.filter((row) => row.kind === 'drill').map((row) => (JSON.parse(row.body) as { what: string }).what)
  const body = (what: string) =>
    journal.rows.map((row) => JSON.parse(row.body) as Record<string, unknown>).findLast((b) => b['what'] === what)
  const alarm = (id: string) => alarms.list().find((one) => one.id === id)
  const devices = () => site.file.nodes.flatMap((n) => n.links.flatMap((l) => l.devices.map((d) => d.id)))
  const stop = async () => {
    await drills.stop()
    teller.stop()
    await alarms.stop()
  }
  return {
    journal,
    clock,
    simulator,
    book,
    alarms,
    drills,
    teller,
    edge,
    shown,
    tell,
    kinds,
    body,
    alarm,
    devices,
    stop,
  }
}

const creekOf = (drill: string) => shadowId(drill, 'creek-red')
const SHADOW_ALARM = `north:${creekOf('autumn-drill')}`
/** A shadow's occurrence `n`, risen at minute 1. */
const shadowRecord = (n: number, returned?: number): ConditionRecord =>
  record(n, 1, returned, { limit_id: creekOf('autumn-drill') })

describe('a drill', () => {
  test('is journalled, played and told to the edge node before it runs; at its end nothing of it is left', async () => {
    const { drills, clock, simulator, edge, kinds, tell, alarm, devices, book } = await desk()
    const asked = await drills.start(ASKED, 'Lin')
    expect(asked).toMatchObject({ id: 'autumn-drill', owner: 'Mei', started_by: 'Lin', scenario: { seed: 7 } })
    await clock.advance(0n)
    expect(drills.current).toMatchObject({ status: 'running', until_ns: String(at(20)) })
    expect(simulator.calls).toEqual(['start autumn-drill', 'scenario'])
    expect(edge.drill).toMatchObject({ id: 'autumn-drill', until_ns: String(at(20)), shadows: [{ device: 'creek' }] })
    expect(devices()).toEqual(['creek', 'roof', 'drill.autumn-drill.creek'])
    expect(alarm(SHADOW_ALARM)).toMatchObject({ state: 'normal', exercise: true, name: 'Creek above red' })

    await clock.advance(2n * MINUTE)
    await tell(shadowRecord(1))
    expect(alarm(SHADOW_ALARM)).toMatchObject({
      state: 'unacknowledged',
      drill: { id: 'autumn-drill', name: 'Autumn drill' },
    })

    const ended = await drills.end('autumn-drill', 'Lin')
    expect(ended).toMatchObject({ status: 'ended', ended_by: 'Lin', ended_ns: String(at(2)) })
    expect(edge).toMatchObject({ drill: null, told: ['autumn-drill', null] })
    expect(simulator.calls.at(-1)).toBe('stop autumn-drill')
    expect(kinds()).toEqual(['started', 'placed', 'running', 'ended'])
    expect(devices()).toEqual(['creek', 'roof'])
    expect(alarm(SHADOW_ALARM)).toBeUndefined()
    expect(book.current).toBeUndefined()
  })

  test('marks onset, notice and answer, names its recipients, and ends its alarms in the journal', async () => {
    const { drills, clock, journal, tell, alarms, alarm } = await desk()
    await drills.start(ASKED, 'Lin')
    await clock.advance(MINUTE)
    await tell(shadowRecord(1))
    const { etag } = alarm(SHADOW_ALARM)!
    await alarms.command(SHADOW_ALARM, { kind: 'acknowledge', occurrence: 1, etag, by: 'Mei' })
    await drills.end('autumn-drill', 'Lin')
    const rows = journal.rows.filter((row) => row.alarm === SHADOW_ALARM)
    for (const { kind, body } of rows)
      expect(JSON.parse(body), kind).toMatchObject({ drill: { id: 'autumn-drill', name: 'Autumn drill' } })
    const bodies = new Map(rows.map((row) => [row.kind, JSON.parse(row.body) as Record<string, unknown>]))
    expect(bodies.get('notice')).toMatchObject({ recipients: ['night shift'], exercise: true })
    expect(bodies.get('notice')?.['text']).toMatch(/^EXERCISE Creek above red: .*\[drill Autumn drill\]$/)
    expect(bodies.get('state')).toMatchObject({
      from: 'acknowledged',
      to: 'normal',
      because: 'drill ended',
      peak: 2.05,
    })
  })

  test('leaves a real alarm real, and in a row of its own', async () => {
    const { drills, clock, tell, alarm, journal } = await desk()
    await drills.start(ASKED, 'Lin')
    await clock.advance(MINUTE)
    await tell(record(4, 1, undefined, { exercise: false }))
    await tell(shadowRecord(1))
    expect(alarm('north:creek-red')).toMatchObject({
      state: 'unacknowledged',
      drill: null,
      exercise: false,
      occurrence: 4,
    })
    expect(alarm(SHADOW_ALARM)).toMatchObject({ occurrence: 1, exercise: true })
    await drills.end('autumn-drill', 'Lin')
    expect(alarm('north:creek-red'), 'the drill is over, the flood is not').toMatchObject({ state: 'unacknowledged' })
    const notice = journal.rows.find((row) => row.alarm === 'north:creek-red' && row.kind === 'notice')!
    expect(JSON.parse(notice.body)).not.toHaveProperty('recipients')
    expect(JSON.parse(notice.body)).not.toHaveProperty('drill')
  })

  test('takes simulated devices in as they are, from its start to its end', async () => {
    const { drills, clock, tell, alarm } = await desk()
    const shaking = (n: number, onset: number) =>
      record(n, onset, undefined, { limit_id: 'roof-shaking', unit: 'm/s²' })
    await clock.advance(2n * MINUTE)
    await drills.start({ ...ASKED, shadows: [] }, 'Lin')
    expect(drills.current?.status, 'no edge node has to know').toBe('running')
    await tell(shaking(1, 1))
    expect(alarm('north:roof-shaking'), 'before the drill').toMatchObject({ exercise: true, drill: null })
    await tell(shaking(2, 3))
    expect(alarm('north:roof-shaking')).toMatchObject({ exercise: true, drill: { id: 'autumn-drill' } })
    await drills.end('autumn-drill', 'Lin')
    expect(alarm('north:roof-shaking'), 'the device is still there').toMatchObject({ state: 'unacknowledged' })
    await tell(shaking(3, 30))
    expect(alarm('north:roof-shaking')).toMatchObject({ occurrence: 3, drill: null })
  })

  test('ends by itself when its time is over', async () => {
    const { drills, clock, edge, book } = await desk()
    await drills.start(ASKED, 'Lin')
    await clock.advance(19n * MINUTE)
    expect(drills.current?.status).toBe('running')
    await clock.advance(MINUTE + 2n * NS_PER_S)
    expect(book.list()).toMatchObject([{ status: 'ended', ended_by: 'desk', ended_ns: String(at(20)) }])
    expect(edge.drill).toBeNull()
  })

  test('a record that comes when the drill is over is told and kept, and nothing of it stands', async () => {
    const { drills, clock, tell, alarms, journal, alarm } = await desk()
    await drills.start(ASKED, 'Lin')
    await clock.advance(2n * MINUTE)
    await drills.end('autumn-drill', 'Lin')
    await tell(shadowRecord(1))
    expect(alarm(SHADOW_ALARM)).toBeUndefined()
    expect(journal.rows.filter((row) => row.alarm === SHADOW_ALARM).map((row) => row.kind)).toEqual([
      ...['onset', 'notice', 'state', 'state'],
    ])
    const birth = { record: shadowRecord(1), limit: { ...limitOf('creek-red'), id: creekOf('autumn-drill') } }
    alarms.birth('north', OUTBOX, [birth])
    await clock.advance(0n)
    expect(alarm(SHADOW_ALARM), 'a node that has not left yet').toBeUndefined()
  })
})

describe('what cannot be done leaves nothing half begun', () => {
  test('the simulator refuses or is away', async () => {
    const { drills, simulator, edge, kinds, body, devices, book } = await desk()
    await expect(drills.start({ ...ASKED, scenario: { name: 'none' } }, 'Lin')).rejects.toThrow('SCENARIO_INVALID')
    simulator.away = true
    await expect(drills.start(ASKED, 'Lin')).rejects.toThrow('SIMULATOR_UNAVAILABLE')
    expect(kinds()).toEqual(['started', 'failed', 'started', 'failed'])
    expect(body('failed')).toMatchObject({ drill: 'autumn-drill-2', why: expect.stringContaining('ECONNREFUSED') })
    expect(book.current).toBeUndefined()
    expect(devices()).toEqual(['creek', 'roof'])
    expect(edge.drill).toBeNull()
  })

  test('an edge node that does not say that it takes part: told again and again, then the drill is called off', async () => {
    const { drills, clock, simulator, edge, book, devices, shown } = await desk()
    edge.deaf = true
    await drills.start(ASKED, 'Lin')
    await clock.advance(31n * NS_PER_S)
    expect(drills.current).toMatchObject({ status: 'starting' })
    // At 0, 1, 3, 7, 15, 23 and 31 s.
    expect(edge.told).toEqual(Array.from({ length: 7 }, () => 'autumn-drill'))
    await clock.advance(31n * NS_PER_S)
    expect(book.list()).toMatchObject([{ status: 'failed', why: expect.stringContaining('north') }])
    expect(shown.at(-1)).toMatchObject({ status: 'failed' })
    expect(simulator.calls.at(-1)).toBe('stop autumn-drill')
    expect(devices()).toEqual(['creek', 'roof'])
    expect(edge.told.at(-1), 'it may have heard and not answered').toBeNull()
  })

  test('what cannot be journalled is not begun', async () => {
    const { drills, journal, simulator, book } = await desk()
    journal.full = true
    await expect(drills.start(ASKED, 'Lin')).rejects.toMatchObject({ status: 503, code: 'JOURNAL_UNAVAILABLE' })
    expect(simulator.calls).toEqual([])
    expect(book.list()).toEqual([])
  })

  test.each([
    ['a second one', ASKED, 'autumn-drill runs: end it first'],
    ['a device that is not there', { ...ASKED, shadows: ['moon'] }, 'expected a real device (creek), got "moon"'],
    ['a simulated device', { ...ASKED, shadows: ['roof'] }, '"roof" is simulated and takes part as it is'],
    ['one device twice', { ...ASKED, shadows: ['creek', 'creek'] }, 'stands there twice'],
    ['thirteen hours', { ...ASKED, max_minutes: 780 }, 'max_minutes: expected more than 0 and at most 720, got 780'],
  ])('%s is refused, and that is journalled', async (what, asked, why) => {
    const { drills, clock, body, book } = await desk()
    if (what === 'a second one') await drills.start(ASKED, 'Lin')
    const before = book.list().length
    await expect(drills.start({ ...asked, name: 'Another' }, 'Lin')).rejects.toThrow(`DRILL_REFUSED: `)
    await clock.advance(0n)
    expect(body('refused')).toMatchObject({ name: 'Another', why: expect.stringContaining(why) })
    expect(book.list()).toHaveLength(before)
  })

  test('ending what does not run', async () => {
    const { drills } = await desk()
    await expect(drills.end('autumn-drill', 'Lin')).rejects.toMatchObject({ status: 404 })
    await drills.start(ASKED, 'Lin')
    await drills.end('autumn-drill', 'Lin')
    await expect(drills.end('autumn-drill', 'Lin')).rejects.toThrow('DRILL_REFUSED: autumn-drill does not run')
    expect(await drills.start(ASKED, 'Lin'), 'an id is never used again').toMatchObject({ id: 'autumn-drill-2' })
  })

  test('a simulator that is away at the end: the drill ends, and it is told when it is back', async () => {
    const { drills, clock, simulator, body } = await desk()
    await drills.start(ASKED, 'Lin')
    simulator.away = true
    await drills.end('autumn-drill', 'Lin')
    await clock.advance(0n)
    expect(body('ended')).toMatchObject({ simulator: expect.stringContaining('SIMULATOR_UNAVAILABLE') })
    await clock.advance(30n * NS_PER_S)
    simulator.away = false
    expect((await simulator.status()).drill).toBe('autumn-drill')
    await clock.advance(30n * NS_PER_S)
    expect((await simulator.status()).drill).toBeNull()
  })
})

describe('a restart in the middle of a drill', () => {
  test('the drill goes on, with its end where it was and its alarms as they were', async () => {
    const first = await desk()
    await first.drills.start(ASKED, 'Lin')
    await first.clock.advance(2n * MINUTE)
    await first.tell(shadowRecord(1))
    await first.stop()
    const second = await desk(first)
    expect(second.drills.current).toMatchObject({ status: 'running', until_ns: String(at(20)), owner: 'Mei' })
    expect(second.devices()).toContain('drill.autumn-drill.creek')
    expect(second.alarm(SHADOW_ALARM)).toMatchObject({ state: 'unacknowledged', name: 'Creek above red' })
    expect(second.edge.drill, 'an edge node that was restarted too').toMatchObject({ id: 'autumn-drill' })
    expect(first.simulator.calls, 'the simulator plays on').toEqual(['start autumn-drill', 'scenario'])
    await second.clock.advance(19n * MINUTE)
    expect(second.book.list()).toMatchObject([{ status: 'ended', ended_ns: String(at(20)) }])
    expect(second.alarm(SHADOW_ALARM)).toBeUndefined()
  })

  test('its time passed while the desk was down: it ended then', async () => {
    const first = await desk()
    await first.drills.start(ASKED, 'Lin')
    await first.tell(shadowRecord(1))
    await first.stop()
    await first.clock.advance(60n * MINUTE)
    const second = await desk(first)
    expect(second.drills.current).toBeNull()
    expect(second.book.list()).toMatchObject([{ status: 'ended', why: 'its time was over', ended_ns: String(at(20)) }])
    expect(second.alarm(SHADOW_ALARM)).toBeUndefined()
    expect(second.devices()).toEqual(['creek', 'roof'])
    const third = await desk(second)
    expect(third.alarms.list().map(({ id }) => id)).toEqual(['north:creek-red', 'north:roof-shaking'])
  })

  test('a simulator that has lost the drill begins it anew, and the edge node learns where', async () => {
    const { drills, clock, simulator, edge, kinds } = await desk()
    await drills.start(ASKED, 'Lin')
    await clock.advance(10n * NS_PER_S)
    const [before] = edge.drill!.shadows
    simulator.away = true
    simulator.forget()
    await clock.advance(10n * NS_PER_S)
    expect(drills.current).toMatchObject({ status: 'running', why: expect.stringContaining('SIMULATOR_UNAVAILABLE') })
    simulator.away = false
    await clock.advance(10n * NS_PER_S)
    expect(drills.current).toMatchObject({ status: 'running', why: null })
    expect(kinds()).toEqual(['started', 'placed', 'running', 'placed'])
    expect(edge.drill!.shadows[0]!.port).not.toBe(before!.port)
  })

  test('an edge node that was away when the shadows moved is told where they are when it is back', async () => {
    const { drills, clock, simulator, edge, teller } = await desk()
    await drills.start(ASKED, 'Lin')
    await clock.advance(NS_PER_S)
    edge.deaf = true
    teller.said('north', undefined)
    simulator.forget()
    await clock.advance(60n * NS_PER_S)
    const { shadows: before } = edge.drill!
    edge.deaf = false
    teller.said('north', 'autumn-drill')
    await clock.advance(0n)
    expect(edge.drill!.shadows[0]!.port).toBe(before[0]!.port + 1)
    const told = edge.told.length
    await clock.advance(60n * NS_PER_S)
    expect(edge.told, 'and then no more').toHaveLength(told)
  })

  test('a desk that died right after it had begun takes the drill up', async () => {
    const first = await desk()
    const until_ns = String(addNs(at(0), 20n * MINUTE))
    const { max_minutes: _, ...asked } = ASKED
    await first.alarms.write('drill', 'Lin', { what: 'started', drill: 'dawn', ...asked, until_ns } as never)
    await first.stop()
    const second = await desk(first)
    await second.clock.advance(2n * NS_PER_S)
    expect(second.drills.current).toMatchObject({ id: 'dawn', status: 'running' })
    expect(second.edge.drill).toMatchObject({ id: 'dawn' })
  })
})
