/**
 * A disk that is really full under the broker. What it retains is in memory and bounded, so nothing that passes through it needs
 * the disk: sessions, STATE and new connections go on, also over a restart; only a change of the clients is refused, whole.
 */
import { execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { mayMount } from '../runtime/mount.fixture.ts'
import { BrokerFixture } from './broker.fixture.ts'
import { connectPacket, publishPacket, RawMqtt, subscribePacket } from './raw-mqtt.fixture.ts'

const STATE = 'spBv1.0/STATE/yard-desk'
const PUBLISH = 3
let disk: string
let fixture: BrokerFixture
const opened: RawMqtt[] = []

const there = mayMount()
beforeEach(async () => {
  if (!there) return
  disk = await mkdtemp(join(tmpdir(), 'plumbline-full-'))
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk])
  fixture = await BrokerFixture.start({}, false, disk)
})
afterEach(async () => {
  if (!there) return
  for (const raw of opened.splice(0)) raw.cut()
  await fixture.stop()
  execFileSync('umount', [disk])
  await rm(disk, { recursive: true })
})

const ballast = () => join(disk, 'ballast')
const fill = async (): Promise<void> => {
  await expect(writeFile(ballast(), Buffer.alloc(2 * 1024 * 1024))).rejects.toMatchObject({ code: 'ENOSPC' })
}

async function client(user: string, password = fixture.password(user)): Promise<RawMqtt> {
  const raw = await RawMqtt.open(fixture.port)
  opened.push(raw)
  raw.send(connectPacket({ clientId: user, user, password }))
  expect((await raw.next()).body[1], `${user} is let in`).toBe(0)
  return raw
}
async function tellState(): Promise<void> {
  const desk = await client('yard-desk')
  desk.send(publishPacket(STATE, 'online', { qos: 1, retain: true }))
  await desk.next()
}
/** What a newcomer hears of STATE. */
async function stateHeard(): Promise<string> {
  const raw = await client('north')
  raw.send(subscribePacket(1, [STATE, 1]))
  for (;;) {
    const { type, body } = await raw.next()
    if (type === PUBLISH) return body.toString('latin1')
  }
}

test.skipIf(!there)(
  'a full disk under the broker (needs the right to mount): all goes on but a change of clients',
  async () => {
    await fill()
    await tellState()
    expect(await stateHeard()).toContain('online')
    const clients = join(fixture.data, 'yard', 'broker', 'clients.json')
    const before = await readFile(clients, 'utf8')
    await expect(fixture.book.addNode('plant')).rejects.toMatchObject({ code: 'DATA_FULL' })
    expect(await readFile(clients, 'utf8'), 'whole, as it was').toBe(before)

    await fixture.broker.stop()
    await fixture.broker.start()
    await tellState()
    expect(await stateHeard()).toContain('online')

    await rm(ballast())
    const password = await fixture.book.addNode('plant')
    await expect
      .poll(
        async () => {
          const raw = await RawMqtt.open(fixture.port)
          opened.push(raw)
          raw.send(connectPacket({ clientId: 'plant', user: 'plant', password }))
          return (await raw.next()).body[1]
        },
        { timeout: 20_000 },
      )
      .toBe(0)
  },
)
