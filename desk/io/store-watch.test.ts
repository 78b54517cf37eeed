import { expect, test } from 'vitest'
import { channelId } from '../../domain/ids.ts'
import type { LatestReading, SeriesReader } from '../../domain/ports.ts'
import { GOOD } from '../../domain/reading.ts'
import { NS_PER_S } from '../../domain/time.ts'
import { SimulatedClock } from '../../runtime/clock.ts'
import { silentLog } from '../../runtime/log.ts'
import { at } from '../testing-site.ts'
import { StoreWatch } from './store-watch.ts'

const CHANNEL = channelId('quay', 'stage')
const turn = () => new Promise((resolve) => setImmediate(resolve))

/** Answers some turns of the event loop later, as a disk does: with what was stored when it was asked. */
function slowStore(clock: SimulatedClock) {
  const waits_s: number[] = []
  const latest = async (): Promise<LatestReading[]> => {
    const [asked, t_ns] = [clock.monotonic(), clock.now()]
    for (let i = 0; i < 10; i++) await turn()
    waits_s.push(Number(clock.monotonic() - asked) / 1e9)
    return [{ channel: CHANNEL, value: 1, t_ns, half_width_ns: 0n, flag: GOOD } as LatestReading]
  }
  return { waits_s, series: { latest, close: async () => {} } as unknown as SeriesReader }
}

test('a simulated clock stands while the store is read: however slow the machine, what is stored is as old as it is', async () => {
  const clock = new SimulatedClock(at(0))
  const { series, waits_s } = slowStore(clock)
  const watch = new StoreWatch({ series, clock, log: silentLog, onLatest: () => {} })
  // The rest of the desk has something to do every second.
  const tick = () => void clock.at((clock.monotonic() + NS_PER_S) as never, tick)
  tick()
  watch.start()
  await clock.advance(60n * NS_PER_S)
  expect(waits_s).toEqual(Array.from({ length: 13 }, () => 0))
  expect(watch.stored!.get('quay')).toBe(clock.now())
  await watch.stop()
})
