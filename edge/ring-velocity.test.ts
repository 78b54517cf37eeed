import { describe, expect, test } from 'vitest'
import type { Model } from '../domain/model.ts'
import { SUSPECT } from '../domain/reading.ts'
import { NS_PER_S } from '../domain/time.ts'
import { ambient } from '../measures/structure/test/ambient.ts'
import { acquire, limitOn, MemoryState } from './testing.ts'
import { lone, quiet, START, STEP, s } from './testing-ring.ts'

const RATE = 100
/** 1 Hz of `amplitude` steps on x from a counter on, about the offset of `quiet`. */
const swinging =
  (from: number, amplitude: number) =>
  (counter: number, axis: number): number =>
    (axis + 1) * 100 +
    (axis === 0 && counter >= from ? Math.round(amplitude * Math.sin((2 * Math.PI * counter) / RATE)) : 0)
/** PGV of it: A / (2 pi f). */
const velocityOf = (amplitude: number) => (amplitude * STEP) / (2 * Math.PI)
const secondOf = ({ t_ns }: { t_ns: bigint }) => Number((t_ns - START) / NS_PER_S)

describe('the PGV of a ring', () => {
  test('is told for each second once the filters have settled, and is A / (2 pi f) of a sine', async () => {
    const { clock, rig, site } = lone({ sample: swinging(0, 800) })
    const acquisition = acquire(clock, site, rig)
    await clock.advance(s(60))
    await acquisition.stop()
    const told = rig.recorder.of('acc/pgv')
    expect(secondOf(told[0]!)).toBeGreaterThanOrEqual(30)
    expect(told.every((reading) => reading.flag === 1)).toBe(true)
    expect(told.slice(1).every((reading, i) => secondOf(reading) === secondOf(told[i]!) + 1)).toBe(true)
    expect(Math.abs(told.at(-1)!.value! / velocityOf(800) - 1)).toBeLessThan(0.005)
  })

  test('a limit on it sees every sample, and is told once over a restart', async () => {
    const limits = [limitOn('fast', 'acc/pgv', 0.05, { deadband: 0.01, unit: 'm·s⁻¹', off_delay_s: 2 })]
    const { clock, rig, site } = lone({ sample: swinging(4000, 800), limits })
    const first = acquire(clock, site, rig)
    await clock.advance(s(47))
    await first.stop()
    expect(rig.recorder.conditions.map(({ state, flag }) => [state, flag])).toEqual([[true, 1]])
    await clock.advance(s(5))
    rig.bus.closed = false
    const second = acquire(clock, site, { ...rig, state: new MemoryState(rig.state.values) })
    await clock.advance(s(20))
    await second.stop()
    expect(rig.recorder.conditions).toHaveLength(1)
    const times = rig.recorder.of('acc/pgv').map(secondOf)
    expect(times.slice(1).every((time, i) => time === times[i]! + 1)).toBe(true)
    // Not one of the seconds around the restart is in doubt.
    expect(
      rig.recorder
        .of('acc/pgv')
        .slice(1)
        .every(({ flag }) => flag === 1),
    ).toBe(true)
  })

  test('goes on as if there had been no restart', async () => {
    const run = async (down_s: number, lag_s: number) => {
      const { clock, rig, site } = lone({ sample: swinging(3500, 300) })
      const first = acquire(clock, site, rig)
      await clock.advance(s(down_s - lag_s))
      const state = new MemoryState(rig.state.values)
      await clock.advance(s(lag_s))
      await first.stop()
      await clock.advance(s(3))
      rig.bus.closed = false
      const second = acquire(clock, site, { ...rig, state })
      await clock.advance(s(70 - down_s - 3))
      await second.stop()
      return new Map(rig.recorder.of('acc/pgv').map((reading) => [secondOf(reading), reading.value]))
    }
    const [soon, late] = [await run(45.3, 2), await run(60.7, 0)]
    for (let second = 31; second < 66; second++) expect(soon.get(second), `second ${second}`).toBe(late.get(second))
  })

  test('after samples were lost it goes on, suspect for half a minute', async () => {
    const { clock, rig, site } = lone({ sample: quiet })
    const acquisition = acquire(clock, site, rig)
    await clock.advance(s(40))
    rig.bus.faults.set(1, 'closed')
    await clock.advance(s(80))
    rig.bus.faults.clear()
    await clock.advance(s(100))
    await acquisition.stop()
    const after = rig.recorder.of('acc/pgv').filter((reading) => secondOf(reading) > 60 && reading.value !== null)
    const doubtful = after.filter(({ flag }) => flag === SUSPECT)
    expect(doubtful.length).toBeGreaterThanOrEqual(29)
    expect(doubtful.length).toBeLessThanOrEqual(32)
    expect(doubtful.every(({ reason }) => reason === 'overrun')).toBe(true)
    expect(after.slice(0, doubtful.length)).toEqual(doubtful)
    expect(after.length).toBeGreaterThan(60)
    // The offset of the sensor (up to 300 steps) makes no velocity.
    expect(Math.max(...after.map(({ value }) => value!))).toBeLessThan(0.01)
  })
})

describe('the natural frequency of a ring', () => {
  const slow: Model = {
    id: 'slow',
    name: 'S',
    source: 'test',
    poll_ms: 1000,
    measures: ['natural_frequency'],
    ring: {
      group: 'acceleration',
      table: 'holding',
      header_address: 0,
      samples_address: 32,
      axes: ['x', 'y', 'z'],
      sample_rate_hz: 20,
      depth: 1200,
      block_samples: 20,
      unit: 'g',
      full_scale: 0.25,
      bits: 20,
    },
  }
  const mode = ambient({ f_hz: 0.9, damping: 0.01, seconds: 2600, rate: 20, seed: 5 })
  const rms = Math.sqrt(mode.reduce((sum, v) => sum + v * v, 0) / mode.length)

  test('is told for a window, with its limit, and followed over a restart', async () => {
    const limits = [
      limitOn('soft', 'acc/natural_frequency', 0.95, { direction: 'below', kind: 'below', unit: 'Hz', deadband: 0.01 }),
    ]
    const sample = (counter: number, axis: number) =>
      axis === 2 ? 0 : Math.round((axis + 1) * 400 * (mode[counter]! / rms)) + 50
    const { clock, rig, site } = lone({ model: slow, sample, limits })
    const first = acquire(clock, site, rig)
    await clock.advance(s(1500))
    await first.stop()
    const told = rig.recorder.of('acc/natural_frequency')
    expect(told).toHaveLength(1)
    expect(Math.abs(told[0]!.value! / 0.9 - 1)).toBeLessThan(0.01)
    expect(told[0]!.flag).toBe(1)
    expect(rig.recorder.conditions.map(({ state, value }) => [state, value])).toEqual([[true, told[0]!.value]])
    rig.bus.closed = false
    const second = acquire(clock, site, { ...rig, state: new MemoryState(rig.state.values) })
    await clock.advance(s(800))
    await second.stop()
    expect(rig.recorder.of('acc/natural_frequency')).toHaveLength(2)
    expect(rig.recorder.conditions).toHaveLength(1)
  })
})
