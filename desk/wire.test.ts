import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import type { AlarmJson, JournalEntryJson } from '../domain/alarm.ts'
import { decodeBlockFrame } from '../domain/api.ts'
import type { Block } from '../domain/reading.ts'
import { addNs, instant, NS_PER_S } from '../domain/time.ts'
import { silentLog } from '../runtime/log.ts'
import { connectMqtt } from '../runtime/mqtt-connection.ts'
import { Client, STORED, signedIn, type TestDesk, TestDesks } from './testing.ts'
import { at, OUTBOX, pressed, record } from './testing-site.ts'
import { clock, TestBroker, TestEdge, TestStream } from './testing-wire.ts'

const desks = new TestDesks()
let broker: TestBroker
let edge: TestEdge
let dataDir: string
const ends: Array<() => unknown> = []

beforeEach(async () => {
  broker = new TestBroker()
  await broker.start()
  edge = new TestEdge(broker.url)
  dataDir = await desks.folder()
})
afterEach(async () => {
  for (const end of ends.splice(0)) await end()
  await desks.end()
  await edge.stop()
  await broker.stop()
})

const start = () => desks.start({ dataDir, brokerUrl: broker.url, clock, connectMqtt: connectMqtt(clock, silentLog) })
const live = async (desk: TestDesk) => {
  const stream = new TestStream()
  ends.push(() => stream.close())
  await stream.open(desk.url)
  await expect.poll(() => stream.events[0]?.event).toBe('snapshot')
  return stream
}
const creek = async (desk: TestDesk): Promise<AlarmJson> => {
  const { body } = await new Client(desk.url).get('/api/v1/alarms')
  return (body as { alarms: AlarmJson[] }).alarms.find((a) => a.id === 'north:creek-red')!
}
const journal = async (desk: TestDesk, kind: string): Promise<JournalEntryJson[]> => {
  const { body } = await new Client(desk.url).get('/api/v1/journal?limit=1000')
  return (body as { entries: JournalEntryJson[] }).entries.filter((e) => e.kind === kind)
}
const device = async (desk: TestDesk, id: string) => {
  const { body } = await new Client(desk.url).get('/api/v1/devices')
  return (body as { devices: Array<{ id: string; state: string; reason: string }> }).devices.find((d) => d.id === id)!
}
const soon = { timeout: 8000, interval: 20 }

describe('an alarm on the wire', () => {
  test('from the edge to a live client, acknowledged by a person, committed back to the edge, back to normal', async () => {
    const desk = await start()
    edge.start()
    const stream = await live(desk)
    await expect.poll(() => device(desk, 'creek'), soon).toMatchObject({ state: 'online' })
    const offset = await edge.condition(record(1, 5))
    await expect
      .poll(() => stream.of('alarm').find(({ state }) => state === 'unacknowledged'), soon)
      .toMatchObject({
        id: 'north:creek-red',
        state: 'unacknowledged',
        occurrence: 1,
        onset_ns: String(at(5)),
        value: 2.05,
        exercise: true,
      })
    await expect.poll(() => stream.of('notice'), soon).toMatchObject([{ kind: 'notice', occurrence: 1 }])
    await expect
      .poll(() => edge.committed, soon)
      .toEqual([{ owner: 'desk', outbox: OUTBOX, stream: 'conditions', ranges: [[offset, offset]] }])

    const path = '/api/v1/alarms/north:creek-red'
    const { etag } = await creek(desk)
    const body = { occurrence: 1, etag, comment: 'on my way' }
    expect((await new Client(desk.url).post(`${path}/acknowledge`, body)).status).toBe(401)
    const mei = await signedIn(desk)
    expect((await mei.post(`${path}/acknowledge`, { ...body, occurrence: 'one' })).status).toBe(400)
    expect((await mei.post('/api/v1/alarms/north:none/acknowledge', body)).status).toBe(404)
    expect(await mei.post(`${path}/acknowledge`, { ...body, etag: 'old' })).toMatchObject({
      status: 409,
      body: { error: { code: 'STALE' } },
    })
    expect(await mei.post(`${path}/acknowledge`, body)).toMatchObject({
      status: 200,
      body: {
        state: 'acknowledged',
        acknowledged_by: 'Mei',
        comments: [{ by: 'Mei', text: 'on my way' }],
      },
    })
    expect((await mei.post(`${path}/comment`, { text: '  ' })).status).toBe(400)
    expect((await mei.post(`${path}/comment`, { text: 'gate closed' })).body).toMatchObject({
      comments: [{ text: 'on my way' }, { by: 'Mei', text: 'gate closed' }],
    })
    expect((await mei.post(`${path}/reset`, { etag: (await creek(desk)).etag })).body).toMatchObject({
      error: { message: expect.stringContaining('still true') },
    })
    await edge.condition(record(1, 5, 9))
    await expect
      .poll(() => creek(desk), soon)
      .toMatchObject({ state: 'normal', returned_ns: String(at(9)), peak: 2.31 })
    expect((await journal(desk, 'acknowledge')).map((e) => [e.actor, e.occurrence])).toEqual([['Mei', 1]])
  })

  test('a latched alarm is reset only after it was acknowledged', async () => {
    const desk = await start()
    edge.start()
    const shaking = { limit_id: 'roof-shaking', limit: 0.8, unit: 'm/s²' }
    await expect.poll(() => device(desk, 'roof'), soon).toMatchObject({ state: 'online' })
    await edge.condition(record(1, 5, undefined, shaking))
    await edge.condition(record(1, 5, 6, shaking))
    const find = async () => {
      const { body } = await new Client(desk.url).get('/api/v1/alarms')
      return (body as { alarms: AlarmJson[] }).alarms.find((a) => a.limit_id === 'roof-shaking')!
    }
    await expect.poll(find, soon).toMatchObject({ state: 'latched-unacknowledged', latch: true })
    const mei = await signedIn(desk)
    const path = '/api/v1/alarms/north:roof-shaking'
    expect(await mei.post(`${path}/reset`, { etag: (await find()).etag })).toMatchObject({
      status: 409,
      body: { error: { message: 'the alarm is not acknowledged: acknowledge before resetting' } },
    })
    await mei.post(`${path}/acknowledge`, { occurrence: 1, etag: (await find()).etag })
    expect((await mei.post(`${path}/reset`, { etag: (await find()).etag })).body).toMatchObject({ state: 'normal' })
  })

  test('(b) what came and went while the desk was dead is told late, once; the alarm survives the next restart', async () => {
    edge.start()
    await expect.poll(() => edge.up, soon).toBe(true)
    await edge.condition(record(1, 5))
    await edge.condition(record(1, 5, 9))
    const desk = await start()
    await expect
      .poll(() => creek(desk), soon)
      .toMatchObject({
        state: 'returned-unacknowledged',
        late: [{ occurrence: 1, onset_ns: String(at(5)), returned_ns: String(at(9)) }],
      })
    const [notice, ...more] = await journal(desk, 'notice')
    expect(more).toEqual([])
    expect(notice?.body).toMatchObject({ late: true, text: expect.stringContaining('LATE: at 2018-06-03 14:05') })
    await desk.service.stop()
    const again = await start()
    await expect.poll(() => device(again, 'creek'), soon).toMatchObject({ state: 'online' })
    expect(await creek(again)).toMatchObject({ state: 'returned-unacknowledged', late: [{ occurrence: 1 }] })
    expect(await journal(again, 'notice')).toHaveLength(1)
  })

  test('(c) both packets are dropped: the gap asks for a rebirth, and the birth tells it late, once', async () => {
    const desk = await start()
    edge.start()
    await expect.poll(() => device(desk, 'creek'), soon).toMatchObject({ state: 'online' })
    await edge.condition(record(1, 5), { lost: true })
    await edge.condition(record(1, 5, 9), { lost: true })
    const stage = { channel: 'creek/stage', value: 1.4, t_ns: at(10), half_width_ns: 0n, flag: 1 as const }
    await edge.readings('creek', [stage])
    await expect.poll(() => creek(desk), soon).toMatchObject({ state: 'returned-unacknowledged' })
    expect((await journal(desk, 'notice')).map((e) => (e.body as { late: boolean }).late)).toEqual([true])
  })
})

test('a silencing at the panel is in the journal once, over resends, births and a restart of the desk; no alarm row', async () => {
  edge.start()
  await expect.poll(() => edge.up, soon).toBe(true)
  await edge.condition(pressed(1, 5))
  const desk = await start()
  await expect.poll(() => journal(desk, 'silenced'), soon).toHaveLength(1)
  const offset = await edge.condition(pressed(1, 5, 6))
  await expect
    .poll(() => edge.committed, soon)
    .toEqual([{ owner: 'desk', outbox: OUTBOX, stream: 'conditions', ranges: [[offset, offset]] }])
  await desk.service.stop()
  const again = await start()
  await expect.poll(() => device(again, 'creek'), soon).toMatchObject({ state: 'online' })
  await edge.condition(pressed(2, 15, 16))
  await expect.poll(() => journal(again, 'silenced'), soon).toHaveLength(2)
  const [first, second] = await journal(again, 'silenced')
  expect(first).toMatchObject({ actor: 'panel:siren', occurrence: 1, body: { pressed_ns: String(at(5)) } })
  expect(second).toMatchObject({ occurrence: 2, body: { pressed_ns: String(at(15)), where: 'at the panel' } })
  const { body } = await new Client(again.url).get('/api/v1/alarms')
  expect((body as { alarms: AlarmJson[] }).alarms.map((a) => a.limit_id)).toEqual(['creek-red', 'roof-shaking'])
  expect(await journal(again, 'notice')).toEqual([])
})

describe('who is there', () => {
  test('history is news where it is the newest that is known, and where it belongs to an alarm that stands', async () => {
    const desk = await start()
    edge.start()
    const stream = await live(desk)
    await expect.poll(() => device(desk, 'creek'), soon).toMatchObject({ state: 'online' })
    const of = (metric: string, value: number, minute: number) => ({
      channel: `creek/${metric}`,
      value,
      t_ns: at(minute),
      half_width_ns: 0n,
      flag: 1 as const,
    })
    // What the store holds comes with the snapshot or right behind it.
    const stages = () =>
      stream
        .of('readings')
        .flat()
        .flatMap(({ channel, value }) => (channel === 'creek/stage' && value !== STORED ? [value] : []))
    await edge.readings('creek', [of('stage', 1.1, 3), of('rate_of_rise', 0, 3)], true)
    await expect.poll(stages, soon).toEqual([1.1])
    await edge.readings('creek', [of('stage', 2.06, 10), of('rate_of_rise', 0, 10)])
    await edge.condition(record(1, 5))
    await expect.poll(() => creek(desk), soon).toMatchObject({ state: 'unacknowledged', peak: 2.05 })
    await edge.readings('creek', [of('stage', 9.9, 4)], true)
    await edge.readings('creek', [of('stage', 2.5, 7)], true)
    await expect.poll(() => creek(desk), soon).toMatchObject({ peak: 2.5 })
    await expect.poll(stages, soon).toEqual([1.1, 2.06])
  })

  test('readings arrive; a node that dies and a broker that goes leave unknown devices, never clear ones', async () => {
    const desk = await start()
    edge.start()
    const stream = await live(desk)
    await expect.poll(() => device(desk, 'creek'), soon).toMatchObject({ state: 'online' })
    const stage = { channel: 'creek/stage', value: 1.4, t_ns: clock.now(), half_width_ns: 0n, flag: 1 as const }
    await edge.readings('creek', [stage])
    await expect
      .poll(() => stream.of('readings').flat(), soon)
      .toContainEqual(expect.objectContaining({ channel: 'creek/stage', value: 1.4, t_ns: String(stage.t_ns) }))
    edge.drop()
    await expect
      .poll(() => journal(desk, 'node'), soon)
      .toMatchObject([
        { actor: 'north', body: { to: 'online' } },
        { actor: 'north', body: { to: 'offline', reason: 'the edge node is away' } },
        { actor: 'north', body: { to: 'online' } },
      ])
    await broker.stop()
    await expect
      .poll(() => device(desk, 'creek'), soon)
      .toMatchObject({
        state: 'unknown',
        reason: expect.stringContaining('no connection to the broker'),
      })
    await broker.start()
    await expect.poll(() => device(desk, 'creek'), soon).toMatchObject({ state: 'online', reason: null })
  })

  test('an edge that runs on another site file is seen and journalled', async () => {
    const desk = await start()
    edge.hash = 'f'.repeat(64)
    edge.start()
    await expect.poll(() => journal(desk, 'site'), soon).toMatchObject([{ actor: 'north', body: { agrees: false } }])
    const stream = await live(desk)
    expect(stream.of('snapshot')[0]).toMatchObject({ nodes: [{ id: 'north', site_hash_agrees: false }] })
  })
})

describe('waveforms', () => {
  test('come off the broker only while somebody watches, as they were sent', async () => {
    edge.start()
    await expect.poll(() => edge.up, soon).toBe(true)
    const desk = await start()
    await expect.poll(() => device(desk, 'roof'), soon).toMatchObject({ state: 'online' })
    const filter = 'spBv1.0/yard/DDATA/north-blocks/roof'
    expect(broker.subscriptions).not.toContain(filter)
    const socket = new WebSocket(`${desk.url.replace('http', 'ws')}/api/v1/live/blocks?device=roof`)
    socket.binaryType = 'arraybuffer'
    const frames: ArrayBuffer[] = []
    socket.on('message', (data) => frames.push(data as ArrayBuffer))
    await expect.poll(() => broker.subscriptions, soon).toContain(filter)
    await expect.poll(() => edge.rebirths, soon).toContain('north-blocks')
    const axes = ['x', 'y', 'z'].map((axis, i) => ({
      axis,
      samples: Int16Array.from({ length: 100 }, (_, s) => s * (i - 1)),
    }))
    const block: Block = {
      device: 'roof',
      group: 'acceleration',
      boot_id: 1,
      first_counter: 500,
      t0_ns: addNs(instant(clock.now()), -NS_PER_S),
      half_width_ns: 0n,
      sample_rate_hz: 100,
      scale: 0.0006,
      unit: 'm/s²',
      axes,
    }
    await edge.block(block)
    await expect.poll(() => frames.length, soon).toBe(1)
    const { header, axes: received } = decodeBlockFrame(frames[0]!)
    expect(header).toEqual({
      device: 'roof',
      sample_bytes: 2,
      group: 'acceleration',
      axes: ['x', 'y', 'z'],
      samples: 100,
      t0_ns: String(block.t0_ns),
      sample_rate_hz: 100,
      scale: 0.0006,
      unit: 'm/s²',
      first_counter: 500,
      exercise: true,
    })
    expect(received).toEqual(axes.map(({ samples }) => samples))
    socket.close()
    await expect.poll(() => broker.subscriptions, soon).toContain(`not ${filter}`)
  })
})
