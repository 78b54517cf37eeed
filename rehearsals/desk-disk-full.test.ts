/**
 * The disk of the desk runs full, on a small disk of its own: alarms still go live and people still see them, nothing is
 * acknowledged that is not durable, and with room again everything that waited is written, unaided and once.
 */
import { execFileSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { JOURNAL_FILE, verifyJournal } from '../desk/io/journal.ts'
import { type Client, signedIn, type TestDesk, TestDesks } from '../desk/testing.ts'
import { at, OUTBOX, record } from '../desk/testing-site.ts'
import { clock, TestBroker, TestEdge } from '../desk/testing-wire.ts'
import type { AlarmJson, JournalEntryJson } from '../domain/alarm.ts'
import type { DeviceJson } from '../domain/api.ts'
import { deskFolder } from '../domain/data-folder.ts'
import { silentLog } from '../runtime/log.ts'
import { mayMount } from '../runtime/mount.fixture.ts'
import { connectMqtt } from '../runtime/mqtt-connection.ts'

const soon = { timeout: 30_000, interval: 50 }

describe.skipIf(!mayMount())('a full disk at the desk (needs the right to mount)', () => {
  const desks = new TestDesks()
  let disk: string
  let broker: TestBroker
  let edge: TestEdge
  let desk: TestDesk
  let mei: Client

  beforeEach(async () => {
    disk = mkdtempSync(join(tmpdir(), 'plumbline-full-'))
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk])
    broker = new TestBroker()
    await broker.start()
    edge = new TestEdge(broker.url)
    const consoleDir = await desks.folder()
    const connect = connectMqtt(clock, silentLog)
    desk = await desks.start({ dataDir: disk, consoleDir, brokerUrl: broker.url, clock, connectMqtt: connect })
    mei = await signedIn(desk)
    edge.start()
    await expect
      .poll(async () => ((await mei.get('/api/v1/devices')).body as { devices: DeviceJson[] }).devices, soon)
      .toContainEqual(expect.objectContaining({ id: 'creek', state: 'online' }))
  })
  afterEach(async () => {
    await desks.end()
    await edge.stop()
    await broker.stop()
    execFileSync('umount', ['-l', disk])
    rmSync(disk, { recursive: true, force: true })
  })

  const alarmOf = async (id: string) => {
    const { alarms } = (await mei.get('/api/v1/alarms')).body as { alarms: AlarmJson[] }
    return alarms.find((alarm) => alarm.id === `north:${id}`)!
  }
  const rows = async (kind: string) =>
    (
      (await mei.get(`/api/v1/journal?limit=1000&kind=${kind}&alarm=north:creek-red`)).body as {
        entries: JournalEntryJson[]
      }
    ).entries
  const acknowledge = async () => {
    const { etag, occurrence } = await alarmOf('creek-red')
    return mei.post('/api/v1/alarms/north:creek-red/acknowledge', { occurrence, etag })
  }
  const committed = () => edge.committed.flatMap(({ ranges }) => ranges.flat())

  test('alarms are seen and not acknowledged; with room again all is written once and committed', async () => {
    const first = await edge.condition(record(1, 5))
    await expect.poll(committed, soon).toContain(first)
    const ballast = fill(join(disk, 'ballast'))

    // Over, and risen again: seen at once, by everybody.
    await edge.condition(record(1, 5, 9))
    const risen = await edge.condition(record(2, 20))
    await expect.poll(() => alarmOf('creek-red'), soon).toMatchObject({ state: 'unacknowledged', occurrence: 2 })
    await expect
      .poll(() => mei.get('/readyz'), soon)
      .toMatchObject({
        status: 503,
        body: { checks: { journal: { ok: false, why: expect.stringContaining('DATA_FULL') } } },
      })
    expect(await acknowledge()).toMatchObject({ status: 503, body: { code: 'JOURNAL_UNAVAILABLE' } })
    expect(await alarmOf('creek-red')).toMatchObject({ state: 'unacknowledged', acknowledged_by: null })
    expect(await mei.post('/api/v1/alarms/north:creek-red/comment', { text: 'x' })).toMatchObject({ status: 503 })
    expect(committed(), 'the edge keeps what is not durable here').not.toContain(risen)

    const asked = edge.rebirths.length
    rmSync(ballast)
    await expect.poll(committed, soon).toContain(risen)
    await expect.poll(() => edge.rebirths.length, soon).toBeGreaterThan(asked)
    expect(
      (await rows('onset')).map(({ occurrence, body }) => [occurrence, (body as { outbox: string }).outbox]),
    ).toEqual([
      [1, OUTBOX],
      [2, OUTBOX],
    ])
    expect((await rows('notice')).map(({ occurrence }) => occurrence)).toEqual([1, 2])
    expect(await alarmOf('creek-red')).toMatchObject({ onset_ns: String(at(20)) })
    expect(await acknowledge()).toMatchObject({ status: 200, body: { state: 'acknowledged', acknowledged_by: 'Mei' } })
    const { broken } = await verifyJournal(join(deskFolder(disk, desk.site.file.site), JOURNAL_FILE))
    expect(broken).toBeUndefined()
  }, 120_000)
})

/** Writes until nothing more fits. */
function fill(path: string): string {
  const file = openSync(path, 'w')
  for (let size = 65_536; size >= 1; size = Math.floor(size / 2)) {
    try {
      for (;;) writeSync(file, Buffer.alloc(size))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
    }
  }
  closeSync(file)
  return path
}
