import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { instant, NS_PER_S } from '../../domain/time.ts'
import { SimulatedClock } from '../../runtime/clock.ts'
import { silentLog } from '../../runtime/log.ts'
import { seedOf } from '../noise.ts'
import { LinkFaults, WIRE_FAULTS } from '../wire-proxy.ts'
import { loadScenario, scenarioNames } from './load.ts'
import { applied, hashOfRound, testSite } from './scenario.fixture.ts'

const site = testSite()

/** Recorded once; another machine that computes other bits fails here. */
const KNOWN: Record<string, string> = {
  aftershocks: '06191bc01131cdab931f142911fdbfec890716c4b3cda099490a5ddd4941f9be',
  'bad-network': 'f7619f6cbaf82de0c80a8e0310142066f46bc2d5929e8b604c823a3d0cf31927',
  demo: 'c19ff6b3cfed0ea7d3e50c25e55c3e4d5cbdc3c0e3bcd31d993b73ec91f5ef8c',
  earthquake: 'c8ee1735756311b619cd8ce23bd14ba6d99222418eb207b32949a3dbfcac71f6',
  'failing-sensors': '1633068c9d81993616cfe9377f72a87f1414f56361970b1337bc25f0214fa1ee',
  'flash-flood': '6168a6afc53a6eb95e40a1c1cb4f93b16e5b03cb996305fe8539195adde106e3',
  'long-outage': '1d552cc7e63ecbc057f8cdd70fa4c9aa68ce7ad23f62c49214ce5c294ef8f4f6',
  quiet: '39e53a7f9dfbb1b6c18c91b4c5dc3341bfa0499a0f08cdc8e8c4a14729831711',
  'typhoon-flood': '5b0378b8761a781e960dbceb69be6fb989d6a80f6e5dbad609f20235416be3d8',
}

/** Bytes and delays of every frame that left, in order; recorded once as above. */
const KNOWN_WIRES = { hash: '08f60fe8f2f12406d17980201a1acbb09d0f48b39eaf42f88dd18cfa115849f7' }

describe('the same scenario and seed', async () => {
  for (const name of await scenarioNames())
    test(`give the same registers over a whole round, twice and on every machine: ${name}`, async () => {
      const { duration_s } = (await loadScenario(name, site)).file
      const first = await hashOfRound(await applied(name, site), duration_s)
      expect(await hashOfRound(await applied(name, site), duration_s)).toBe(first)
      expect(first).toBe(KNOWN[name])
    }, 60_000)

  test('another seed gives other registers', async () => {
    const hashes = await Promise.all([1, 2].map(async (seed) => hashOfRound(await applied('quiet', site, seed), 20)))
    expect(hashes[0]).not.toBe(hashes[1])
  })

  test('spoils the same frames of every wire: counts and bytes repeat, another seed spoils others', async () => {
    const first = await spoiledRound(3)
    expect(await spoiledRound(3)).toEqual(first)
    expect((await spoiledRound(4)).hash).not.toBe(first.hash)
    expect(first).toMatchObject(KNOWN_WIRES)
    // 400 frames go by while each fault lasts; every kind of fault has its turn.
    for (const kind of WIRE_FAULTS) expect(first.counts.requests[kind] + first.counts.replies[kind]).toBeGreaterThan(10)
  })
})

/** A round of bad-network: ten frames a second each way on both links of the site; what leaves, hashed, and the counts. */
async function spoiledRound(seed: number) {
  const clock = new SimulatedClock(instant(0n))
  const { faults, duration_s } = await applied('bad-network', site, seed)
  const links = new Map(['tower-bus', 'river-station'].map((id) => [id, new LinkFaults(id, 'mbap', seedOf(id))]))
  const lanes = [...links.values()].flatMap((link) => [link.lane('requests'), link.lane('replies')])
  const target = { setFault: () => {}, restartDevice: () => {} }
  faults.reachUplinks(() => {})
  faults.start(
    { ...target, setWireFaults: (_, link, what, by) => links.get(link)!.setFaults(what, by) },
    clock,
    silentLog,
  )
  const hash = createHash('sha256')
  for (let n = 0; n < duration_s * 10; n++) {
    await clock.advance(NS_PER_S / 10n)
    const frame = Uint8Array.of(n >> 8, n & 255, 0, 0, 0, 6, 1, 3, 0, 0, 0, 2)
    for (const lane of lanes)
      for (const { bytes, delay_ms } of lane.judge(frame)) hash.update(bytes).update(String(delay_ms))
  }
  faults.stop()
  const counts = links.get('tower-bus')!.counts
  expect([...links.values()].map((link) => link.faults)).toEqual([{}, {}])
  return { hash: hash.digest('hex'), counts }
}
