import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { NS_PER_S } from '../../domain/time.ts'
import { SimulatedClock } from '../../runtime/clock.ts'
import { createLog } from '../../runtime/log.ts'
import { at } from '../testing-site.ts'
import { Heartbeat, type HeartbeatOptions } from './heartbeat.ts'
import { signatureOf } from './send/http.ts'
import { HttpSink } from './send/testing-sinks.ts'

let sink: HttpSink
let clock: SimulatedClock
let heartbeat: Heartbeat
let folder: string
let lines: string[]
const health = { journal: true, store: true, broker: true, open_alarms: 2, messages_open: 1 }

beforeEach(async () => {
  sink = await new HttpSink().start()
  clock = new SimulatedClock(at(0))
  folder = await mkdtemp(join(tmpdir(), 'heartbeat-'))
  lines = []
})
afterEach(async () => {
  heartbeat.stop()
  await sink.stop()
  await rm(folder, { recursive: true })
})

function beating(settings: Partial<HeartbeatOptions['settings']> = {}) {
  const now = { ...health }
  heartbeat = new Heartbeat({
    settings: { url: `${sink.url}/alive`, every_s: 60, only_healthy: true, ...settings },
    ...{ site: 'yard', software: 'plumbline test', clock },
    log: createLog({ write: (line) => lines.push(line), pretty: false }),
    health: () => now,
    head: async () => ({ seq: 7, hash: 'abc' }),
  })
  heartbeat.start()
  return now
}
/** The next beat is planned once the answer to the last one is there: one that was due then comes late. */
const came = (count: number) =>
  expect
    .poll(
      async () => {
        await clock.advance(0n)
        return sink.heard.length
      },
      { timeout: 10_000 },
    )
    .toBe(count)
const pass = async (s: number) => {
  await new Promise((resolve) => setTimeout(resolve, 50))
  await clock.advance(BigInt(s) * NS_PER_S)
}

test('says at once and then again and again how the desk is, with the head of the journal, signed', async () => {
  const sign_file = join(folder, 'key')
  await writeFile(sign_file, 'a key\n')
  beating({ sign_file })
  await came(1)
  await pass(59)
  expect(sink.heard).toHaveLength(1)
  await pass(1)
  await came(2)
  const { method, path, headers, body } = sink.heard[1]!
  expect([method, path]).toEqual(['POST', '/alive'])
  expect(JSON.parse(body)).toEqual({
    ...{ site: 'yard', software: 'plumbline test', at: '2018-06-03T06:01:00.000Z', healthy: true },
    ...{ ...health, head: { seq: 7, hash: 'abc' } },
  })
  expect(headers['x-plumbline-signature']).toBe(
    signatureOf({ key: 'a key', at_s: Number(at(1) / 1_000_000_000n) }, body),
  )
})

test('a desk that cannot do its work says nothing, and speaks again when it can', async () => {
  const now = beating()
  await came(1)
  for (const part of ['journal', 'broker'] as const) {
    now[part] = false
    await pass(60)
    await pass(60)
    now[part] = true
  }
  expect(sink.heard).toHaveLength(1)
  // Without the store nobody is told any less.
  now.store = false
  await pass(60)
  await came(2)
  expect(JSON.parse(sink.heard[1]!.body)).toMatchObject({ healthy: true, store: false })
})

test('where the site says so it speaks also when it is not well, and says that', async () => {
  const now = beating({ only_healthy: false })
  now.journal = false
  await came(1)
  await pass(60)
  await came(2)
  expect(JSON.parse(sink.heard[1]!.body)).toMatchObject({ healthy: false, journal: false })
})

test('one line when it is not taken any more and one when it is again; it goes on meanwhile', async () => {
  beating()
  await came(1)
  sink.answer = (response) => response.writeHead(500).end()
  for (let beat = 2; beat <= 4; beat++) {
    await pass(60)
    await came(beat)
  }
  sink.answer = (response) => response.writeHead(204).end()
  await pass(60)
  await came(5)
  await expect.poll(() => lines.length).toBe(2)
  expect(lines[0]).toContain('will think this desk dead')
  expect(lines[0]).toContain('500')
  expect(lines[1]).toContain('taken again')
})

test('nobody hears it after it was stopped', async () => {
  beating()
  await came(1)
  heartbeat.stop()
  await pass(600)
  expect(sink.heard).toHaveLength(1)
})
