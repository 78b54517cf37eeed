import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { SiteNode } from '../../domain/site.ts'
import { instantFromMs } from '../../domain/time.ts'
import { committedMetric } from '../../domain/wire/committed.ts'
import { SimulatedClock } from '../../runtime/clock.ts'
import { silentLog } from '../../runtime/log.ts'
import { block, condition, reading, testSite } from '../testing-site.ts'
import { MemoryBroker, Owner } from '../testing-uplink.ts'
import { Recording } from './recording.ts'

const S = 1_000_000_000n
let dataDir: string
let clock: SimulatedClock
let broker: MemoryBroker
let owner: Owner
const running: Recording[] = []

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'edge-'))
  clock = new SimulatedClock(instantFromMs(Date.UTC(2026, 0, 1)))
  broker = new MemoryBroker()
  owner = new Owner('test', (topic, payload, retain) => setImmediate(() => broker.publish(topic, payload, retain)))
  const publish = broker.publish.bind(broker)
  broker.publish = (topic, payload, retain) => {
    publish(topic, payload, retain)
    if (broker.log.at(-1)?.topic === topic) owner.take({ topic, payload })
  }
})
afterEach(async () => {
  for (const recording of running.splice(0)) await recording.stop(100)
  await rm(dataDir, { recursive: true, force: true })
})

async function start(outbox: Partial<SiteNode['outbox']> = {}): Promise<Recording> {
  const { site, node } = testSite(outbox)
  const options = { dataDir, brokerUrl: 'mqtt://x:1', clock, log: silentLog, password: async () => 'secret' }
  const recording = new Recording({ site, node, ...options, connectMqtt: broker.connect })
  await recording.start()
  running.push(recording)
  await clock.advance(0n)
  return recording
}
/** As a kill leaves it: files as they are, no word to anyone. Its lock is of this very process, so it is taken away. */
async function kill(recording: Recording): Promise<void> {
  running.splice(running.indexOf(recording), 1)
  broker.reachable = false
  for (const client of broker.clients.splice(0)) {
    client.up = false
    client.started = false
  }
  broker.reachable = true
  await rm(join(dataDir, 'test/edge/edge-1/lock'))
}
const poll = (recording: Recording, value: number) =>
  recording.seam.recorder.readings('dead-run', { readings: [reading(value * 1000, value)] })
const once = () => [...owner.arrivals.values()].every((n) => n === 1)
const backlog = (recording: Recording) =>
  Object.fromEntries(Object.entries(recording.stats()!.streams).map(([s, v]) => [s, v.backlog_records]))

describe('a session', () => {
  test('tck-id-principles-birth-certificates-order: NBIRTH first, then the devices that answer, then data', async () => {
    const recording = await start()
    recording.seam.life.online('dead-run')
    poll(recording, 1)
    recording.seam.life.online('roof')
    recording.seam.recorder.block(block(1))
    recording.seam.recorder.condition(condition(1, true, 1000))
    expect(owner.types('edge-1')).toEqual(['NBIRTH', 'DBIRTH dead-run', 'DDATA dead-run', 'DBIRTH roof', 'NDATA'])
    expect(owner.types('edge-1-blocks')).toEqual(['NBIRTH', 'DBIRTH roof', 'DDATA roof'])
  })

  test('tck-id-message-flow-edge-node-ncmd-subscribe: commands and STATE are subscribed before the birth', async () => {
    await start()
    expect(broker.clients.map((c) => [c.options.clientId, c.options.username, c.filters])).toEqual([
      ['edge-1', 'edge-1', ['spBv1.0/test/NCMD/edge-1', 'spBv1.0/STATE/+']],
      ['edge-1-blocks', 'edge-1', ['spBv1.0/test/NCMD/edge-1-blocks', 'spBv1.0/STATE/+']],
    ])
  })

  test('tck-id-operational-behavior-device-ddeath: a device that is lost dies after its last readings', async () => {
    const recording = await start()
    const { recorder, life } = recording.seam
    life.online('roof')
    recorder.readings('roof', {
      readings: [{ ...reading(1, 0), channel: 'roof/pga', value: null, flag: 9, reason: 'timeout' }],
    })
    life.offline('roof', 'timeout')
    life.offline('roof', 'timeout')
    expect(owner.types('edge-1').slice(1)).toEqual(['DBIRTH roof', 'DDATA roof', 'DDEATH roof'])
    expect(owner.types('edge-1-blocks').slice(1)).toEqual(['DBIRTH roof', 'DDEATH roof'])
  })

  test('tck-id-operational-behavior-data-commands-rebirth-action-2: rebirth gives all births, bdSeq as before', async () => {
    const recording = await start()
    recording.seam.life.online('dead-run')
    await clock.advance(2n * S)
    owner.rebirth('edge-1')
    await clock.advance(0n)
    const births = owner.messages.filter((m) => m.type === 'NBIRTH' && m.node === 'edge-1')
    expect(births.map((m) => [m.payload.seq, m.payload.metrics[0]?.value])).toEqual([
      [0, 0n],
      [0, 0n],
    ])
    expect(owner.types('edge-1').slice(-2)).toEqual(['NBIRTH', 'DBIRTH dead-run'])
  })

  test('many rebirth commands in one second are answered by one birth', async () => {
    await start()
    for (let i = 0; i < 20; i++) owner.rebirth('edge-1')
    await clock.advance(3n * S)
    expect(owner.types('edge-1')).toEqual(['NBIRTH', 'NBIRTH'])
  })

  test('beats every five seconds', async () => {
    await start()
    await clock.advance(16n * S)
    const beats = owner.messages.flatMap((m) =>
      m.payload.metrics.filter((x) => m.type === 'NDATA' && x.name === 'heartbeat'),
    )
    expect(beats.map((m) => m.value)).toEqual([1n, 2n, 3n])
  })

  test('tck-id-topics-nbirth-bdseq-increment: a new CONNECT has the next bdSeq, also after a restart', async () => {
    const recording = await start()
    broker.cutAll()
    broker.heal()
    await clock.advance(0n)
    await recording.stop(100)
    await start()
    const births = owner.messages.filter((m) => m.type === 'NBIRTH' && m.node === 'edge-1')
    expect(births.map((m) => m.payload.metrics[0]?.value)).toEqual([0n, 1n, 2n])
    const deaths = owner.messages.filter((m) => m.type === 'NDEATH' && m.node === 'edge-1')
    expect(deaths.map((m) => m.payload.metrics[0]?.value)).toEqual([0n, 1n])
  })

  test('tck-id-operational-behavior-edge-node-intentional-disconnect-ndeath: both nodes say their death on stop', async () => {
    const recording = await start()
    await recording.stop(100)
    expect(owner.types('edge-1').at(-1)).toBe('NDEATH')
    expect(owner.types('edge-1-blocks').at(-1)).toBe('NDEATH')
  })

  test('does not end because a host goes offline', async () => {
    await start()
    owner.state(true, 1)
    owner.state(false, 2)
    await clock.advance(30n * S)
    expect(owner.types('edge-1').filter((t) => t !== 'NDATA')).toEqual(['NBIRTH'])
  })
})

describe('acknowledgements', () => {
  test('empty the backlog; nothing is sent twice', async () => {
    const recording = await start()
    owner.state(true, 1)
    await clock.advance(3n * S)
    recording.seam.life.online('dead-run')
    recording.seam.life.online('roof')
    for (let i = 1; i <= 50; i++) {
      poll(recording, i)
      recording.seam.recorder.block(block(i))
      await clock.advance(S)
    }
    recording.seam.recorder.condition(condition(1, true, 1000))
    await clock.advance(20n * S)
    expect(backlog(recording)).toEqual({ conditions: 0, readings: 0, blocks: 0 })
    expect(once()).toBe(true)
    expect(owner.stages).toHaveLength(50)
    expect(recording.stats()).toMatchObject({ sent_live: 101, resent: 0, lost: 0 })
  })

  test('of a wrong owner, outbox, stream or node trim nothing and are counted', async () => {
    owner.acknowledges = false
    const recording = await start()
    recording.seam.life.online('dead-run')
    for (let i = 1; i <= 3; i++) poll(recording, i)
    const good = { owner: 'ingest', outbox: owner.outbox, stream: 'readings', ranges: [[1, 3]] } as const
    const wrong = [
      { ...good, owner: 'desk' },
      { ...good, outbox: 'another' },
      { ...good, stream: 'conditions' },
      { ...good, ranges: [[3, 1]] },
      { ...good, ranges: [[100, 200]] },
    ]
    for (const body of wrong) owner.command('edge-1', committedMetric(body as never, 0))
    owner.command('edge-1-blocks', committedMetric(good, 0))
    owner.command('edge-1', { name: 'Node Control/Committed', value: 'not JSON', datatype: 12 })
    await clock.advance(S)
    expect(backlog(recording)).toEqual({ conditions: 0, readings: 3, blocks: 0 })
    expect(recording.stats()?.uplinks).toMatchObject({ node: { refused_acks: 6 }, blocks: { refused_acks: 1 } })
    owner.command('edge-1', committedMetric(good, 0))
    await clock.advance(S)
    expect(backlog(recording)['readings']).toBe(0)
  })

  test('that never come cost resends at growing distance, and nothing else', async () => {
    owner.acknowledges = false
    const recording = await start()
    owner.state(true, 1)
    await clock.advance(3n * S)
    recording.seam.life.online('dead-run')
    poll(recording, 1)
    await clock.advance(200n * S)
    // Live at 0, then after 10 s, then 10, 20, 40 and 80 s after the one before.
    expect([...owner.arrivals.values()]).toEqual([6])
  })
})

describe('what was recorded while the line was cut', () => {
  test('arrives exactly once when it is back, at once, conditions first and in order', async () => {
    const recording = await start()
    owner.state(true, 1)
    recording.seam.life.online('dead-run')
    recording.seam.life.online('roof')
    await clock.advance(3n * S)
    broker.cutAll()
    for (let i = 1; i <= 300; i++) {
      poll(recording, i)
      recording.seam.recorder.block(block(i))
      await clock.advance(S / 10n)
    }
    recording.seam.recorder.condition(condition(1, true, 1000))
    recording.seam.recorder.condition(condition(1, false, 2000))
    owner.messages.length = 0
    broker.heal()
    await clock.advance(S)
    expect(owner.stages).toEqual(Array.from({ length: 300 }, (_, i) => i + 1))
    expect(owner.blocks.map((b) => b.first_counter)).toEqual(Array.from({ length: 300 }, (_, i) => (i + 1) * 100))
    expect(owner.blocks[7]).toEqual(block(8))
    expect([...owner.conditions.values()].map((c) => [c.historical, c.record.state])).toEqual([
      [true, true],
      [true, false],
    ])
    expect(once()).toBe(true)
    const order = owner.types('edge-1')
    expect(order.slice(0, 4)).toEqual(['NBIRTH', 'DBIRTH dead-run', 'DBIRTH roof', 'NDATA'])
    expect(backlog(recording)).toEqual({ conditions: 0, readings: 0, blocks: 0 })
  })

  test('goes on behind live data, which never waits for it', async () => {
    const recording = await start()
    recording.seam.life.online('dead-run')
    owner.acknowledges = false
    owner.state(true, 1)
    broker.cutAll()
    for (let i = 1; i <= 2000; i++) poll(recording, i)
    broker.heal()
    await clock.advance(0n)
    poll(recording, 9999)
    expect(owner.stages).toContain(9999)
    expect(recording.stats()?.streams.readings.backlog_records).toBe(2001)
    await clock.advance(9n * S)
    // The window is 1,024 records while nothing is acknowledged.
    expect(recording.stats()?.resent).toBe(1024)
  })

  test('by a run that was killed is sent by the next, in whatever state the owner is', async () => {
    const first = await start()
    first.seam.life.online('dead-run')
    for (let i = 1; i <= 20; i++) poll(first, i)
    owner.state(true, 1)
    await kill(first)
    const second = await start()
    second.seam.life.online('dead-run')
    poll(second, 21)
    await clock.advance(5n * S)
    expect(owner.stages).toEqual(Array.from({ length: 21 }, (_, i) => i + 1))
    expect(backlog(second)).toEqual({ conditions: 0, readings: 0, blocks: 0 })
  })

  test('of a device that no longer answers is handed over between a birth and a death of it', async () => {
    const first = await start()
    first.seam.life.online('dead-run')
    broker.cutAll()
    for (let i = 1; i <= 5; i++) poll(first, i)
    first.seam.life.offline('dead-run', 'timeout')
    owner.state(true, 1)
    broker.heal()
    await clock.advance(4n * S)
    expect(owner.types('edge-1').slice(-3)).toEqual(['DBIRTH dead-run', 'DDATA dead-run', 'DDEATH dead-run'])
    expect(owner.stages).toEqual([1, 2, 3, 4, 5])
    expect(backlog(first)['readings']).toBe(0)
  })
})

describe('packets that are lost', () => {
  test('on the way to the owner, and acknowledgements on the way back, are made good: every record once', async () => {
    let seed = 1
    const third = () => {
      seed = (seed * 1103515245 + 12345) % 2 ** 31
      return Math.floor(seed / 65_536) % 3 === 0
    }
    broker.lose = (topic) => /DDATA|NDATA|NCMD/.test(topic) && third()
    const recording = await start()
    owner.state(true, 1)
    recording.seam.life.online('dead-run')
    recording.seam.life.online('roof')
    await clock.advance(3n * S)
    for (let i = 1; i <= 60; i++) {
      poll(recording, i)
      recording.seam.recorder.block(block(i))
      if (i % 10 === 0) recording.seam.recorder.condition(condition(i, true, i * 1000))
      await clock.advance(S)
    }
    await clock.advance(1800n * S)
    expect(owner.stages).toEqual(Array.from({ length: 60 }, (_, i) => i + 1))
    expect(owner.blocks.map((b) => b.first_counter).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 60 }, (_, i) => (i + 1) * 100),
    )
    expect([...owner.conditions.values()].map((c) => c.record.occurrence).sort((a, b) => a - b)).toEqual([
      10, 20, 30, 40, 50, 60,
    ])
    expect(backlog(recording)).toEqual({ conditions: 0, readings: 0, blocks: 0 })
  })
})

describe('conditions', () => {
  test('are known after a kill, from the state or from the outbox beyond it, and the start is not clean', async () => {
    const first = await start()
    first.seam.recorder.condition(condition(6, true, 1000))
    await clock.advance(S)
    const stateBefore = await readFile(join(dataDir, 'test/edge/edge-1/state.json'))
    first.seam.recorder.condition(condition(7, true, 2000))
    await clock.advance(S)
    await kill(first)
    // The last save was lost with the machine; the record itself had been synced.
    await writeFile(join(dataDir, 'test/edge/edge-1/state.json'), stateBefore)
    const second = await start()
    expect(second.seam.recorder.lastCondition('high')).toEqual(condition(7, true, 2000))
    expect(second.seam.recorder.cleanStart).toBe(false)
  })

  test('after a clean stop the start is clean, and the birth says how the limit stands', async () => {
    const first = await start()
    expect(first.seam.recorder.cleanStart).toBe(true)
    first.seam.recorder.condition(condition(7, true, 2000))
    await first.stop(100)
    owner.messages.length = 0
    const second = await start()
    expect(second.seam.recorder.cleanStart).toBe(true)
    const [birth] = owner.messages.filter((m) => m.type === 'NBIRTH')
    expect(birth?.payload.metrics.find((m) => m.name === 'condition/high')).toMatchObject({
      value: true,
      properties: { occurrence: { value: 7n } },
    })
  })
})

describe('the disk', () => {
  test('beyond its limit gives a gap in the stream itself, which arrives like any record', async () => {
    const recording = await start({ readings: { max_mib: 0.03, max_age_h: 1 } })
    recording.seam.life.online('dead-run')
    broker.cutAll()
    for (let i = 1; i <= 400; i++) poll(recording, i)
    await clock.advance(2n * S)
    const { dropped } = recording.stats()!.streams.readings
    expect(dropped).toBeGreaterThan(100)
    const lossTold = () => recording.seam.recorder.lastCondition('outbox-edge-1')
    await clock.advance(5n * S)
    expect(lossTold()).toMatchObject({ state: true, occurrence: 1, exercise: false })
    owner.state(true, 1)
    broker.heal()
    await clock.advance(5n * S)
    const gaps = [...owner.records.values()].flatMap((r) => r.gaps)
    expect(gaps.reduce((sum, g) => sum + g.missing, 0)).toBe(dropped)
    expect(gaps[0]).toMatchObject({
      channels: ['dead-run/stage'],
      reason: 'outbox-limit',
      from_ns: instantFromMs(1000),
    })
    expect(owner.stages).toEqual(Array.from({ length: 400 - dropped }, (_, i) => dropped + i + 1))
  })

  test('that cannot be written stops neither measuring nor sending; what was neither is told as a gap', async () => {
    const recording = await start()
    const folder = join(dataDir, 'test/edge/edge-1/outbox/readings')
    recording.seam.life.online('dead-run')
    await rename(folder, `${folder}-away`)
    poll(recording, 1)
    expect(owner.stages).toEqual([1])
    broker.cutAll()
    for (let i = 2; i <= 5; i++) poll(recording, i)
    expect(recording.stats()).toMatchObject({ lost: 4, streams: { readings: { unrecorded: 5 } } })
    await rename(`${folder}-away`, folder)
    owner.state(true, 1)
    broker.heal()
    await clock.advance(0n)
    poll(recording, 6)
    await clock.advance(15n * S)
    expect(owner.stages).toEqual([1, 6])
    const gaps = [...owner.records.values()].flatMap((r) => r.gaps)
    expect(gaps).toMatchObject([{ channels: ['dead-run/stage'], missing: 4, reason: 'disk-full' }])
  })

  test('in use by another process is refused', async () => {
    await start()
    await expect(start()).rejects.toMatchObject({ code: 'DATA_IN_USE' })
  })

  test('that cannot hold the folder is refused with a code', async () => {
    await rm(dataDir, { recursive: true })
    await writeFile(dataDir, '')
    await expect(start()).rejects.toMatchObject({ code: 'DATA_READ_ONLY' })
  })
})
