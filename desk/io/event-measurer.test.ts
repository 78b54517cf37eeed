/** Events are measured by themselves, one at a look, and never while the ground shakes; what fails does not hold up the others. */
import { expect, test } from 'vitest'
import { NS_PER_S } from '../../domain/time.ts'
import { SimulatedClock } from '../../runtime/clock.ts'
import { silentLog } from '../../runtime/log.ts'
import type { GroundMotion } from '../ground-motion.ts'
import { at } from '../testing-site.ts'
import { EventMeasurer } from './event-measurer.ts'

function measurer(ids: readonly string[]) {
  const clock = new SimulatedClock(at(0))
  const state = { shaking: false, away: undefined as string | undefined, broken: '', goes: false }
  const measured: string[] = []
  const tried: string[] = []
  const events = {
    get shaking() {
      return state.shaking
    },
    due: () => ids.filter((id) => !measured.includes(id)).map((id) => ({ id }) as GroundMotion),
    measureAnew: async ({ id }: GroundMotion) => {
      tried.push(id)
      if (state.goes) state.away = 'locked'
      if (state.goes || id === state.broken) throw new Error('no figure')
      measured.push(id)
    },
  }
  const one = new EventMeasurer({ events, storeAway: () => state.away, clock, log: silentLog })
  one.start()
  return { one, state, measured, tried, looks: (n: number) => clock.advance(BigInt(15 * n) * NS_PER_S) }
}

test('one at a look, in their order, and nothing more when all are measured', async () => {
  const { one, measured, tried, looks } = measurer(['new', 'old'])
  await looks(1)
  expect(measured).toEqual(['new'])
  await looks(3)
  expect(measured).toEqual(['new', 'old'])
  expect(tried).toHaveLength(2)
  await one.stop()
})

test('not while the ground shakes, nor while the store is away; then it goes on', async () => {
  const { one, state, tried, measured, looks } = measurer(['a'])
  state.shaking = true
  await looks(4)
  Object.assign(state, { shaking: false, away: 'locked' })
  await looks(4)
  expect(tried).toEqual([])
  // It goes in the middle, again and again: that is no fault of the event.
  for (let i = 0; i < 4; i++) {
    Object.assign(state, { away: undefined, goes: true })
    await looks(1)
  }
  Object.assign(state, { away: undefined, goes: false })
  await looks(1)
  expect([tried.length, measured]).toEqual([5, ['a']])
  await one.stop()
})

test('one that cannot be measured has three tries, and the next its turn', async () => {
  const { one, state, tried, looks } = measurer(['bad', 'good'])
  state.broken = 'bad'
  await looks(6)
  expect(tried).toEqual(['bad', 'bad', 'bad', 'good'])
  await one.stop()
})

test('after a stop nothing is measured any more', async () => {
  const { one, tried, looks } = measurer(['a'])
  await one.stop()
  await looks(3)
  expect(tried).toEqual([])
})
