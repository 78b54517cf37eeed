/** A device that misbehaves makes its own channels bad, with the reason, and never the others'. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ReadingJson } from '../domain/api.ts'
import type { Fault } from '../firmware-sim/device.ts'
import { freePort } from '../runtime/free-port.fixture.ts'
import { DeskClient } from './desk-client.ts'
import { type Line, removeFolder, startLine, temporaryFolder } from './line.ts'
import { deadRun, siteOf, yonago } from './site.ts'
import { pause, until } from './until.ts'

let line: Line
let client: DeskClient

beforeAll(async () => {
  const [bus, other] = [await freePort(), await freePort()]
  const site = await siteOf({
    site: 'faults',
    name: 'Faults',
    nodes: [
      {
        id: 'n1',
        name: 'Node',
        links: [
          {
            id: 'bus',
            tcp: { port: bus },
            timeout_ms: 300,
            devices: [
              { ...deadRun(1), id: 'sick', poll_ms: 200 },
              { ...deadRun(1), id: 'well', unit_id: 2, poll_ms: 200 },
            ],
          },
          { id: 'tower', tcp: { port: other }, devices: [yonago()] },
        ],
      },
    ],
    broker: { port: await freePort() },
    desk: { port: await freePort() },
  })
  line = await startLine(site, await temporaryFolder())
  client = new DeskClient(site.file.desk.port)
  await until(
    'all channels are good',
    async () => {
      const good = (await client.readings()).filter((r) => r.flag === 1).map((r) => r.channel)
      return ['sick/stage', 'well/stage', 'yonago/pga'].every((channel) => good.includes(channel))
    },
    30_000,
  )
}, 60_000)

afterAll(async () => {
  await line.stop()
  await removeFolder(line.data)
})

const reading = async (channel: string): Promise<ReadingJson> =>
  (await client.readings()).find((r) => r.channel === channel)!

describe('of three devices, two on one link, one fails', () => {
  const faults: Array<[string, Fault, RegExp]> = [
    ['answers with an exception', { exception: 4 }, /^exception-4$/],
    ['hangs', 'hang', /^timeout$/],
    ['closes the connection', 'close', /^(closed|timeout)$/],
    ['sends NaN', 'nan', /^nan$/],
    ['sends a code that means no value', 'invalid-code', /^invalid-code$/],
    ['says invalid in its status word', 'status', /^status$/],
    ['sends half a reply', 'truncate', /^timeout$/],
    ['answers for another unit', 'wrong-unit', /^(bad-reply|timeout)$/],
    ['answers with a wrong transaction id', 'wrong-transaction', /^(bad-reply|timeout)$/],
  ]
  test.each(faults)(
    '%s',
    async (_, fault, reason) => {
      const simulator = line.simulator()
      simulator.setFault('sick', fault)
      const bad = await until('the channel is bad', async () => {
        const r = await reading('sick/stage')
        return r.flag !== 1 && r
      })
      expect(bad.value).toBeNull()
      expect(bad.reason).toMatch(reason)
      const before = await Promise.all(['well/stage', 'yonago/pga'].map(reading))
      await pause(2500)
      const after = await Promise.all(['well/stage', 'yonago/pga'].map(reading))
      after.forEach((r, i) => {
        expect([r.channel, r.flag, r.reason]).toEqual([before[i]!.channel, 1, null])
        expect(BigInt(r.t_ns)).toBeGreaterThan(BigInt(before[i]!.t_ns))
      })
      simulator.setFault('sick', 'none')
      await until('it recovers by itself', async () => (await reading('sick/stage')).flag === 1, 40_000)
    },
    60_000,
  )
})
