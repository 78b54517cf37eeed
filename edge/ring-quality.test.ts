import { describe, expect, test } from 'vitest'
import { automaticLimits } from '../domain/automatic-limits.ts'
import type { Limit } from '../domain/condition.ts'
import type { Model } from '../domain/model.ts'
import type { QualityTests } from '../domain/quality-tests.ts'
import { acquire, limitOn, MemoryState } from './testing.ts'
import { lone, type Options, quiet, START, s, shaking, shipped, verify } from './testing-ring.ts'

/** One step of the converter is 2 g / 32768 = 0.000061 g. */
const withTests = (quality: QualityTests | undefined): Model =>
  quality === undefined ? shipped : { ...shipped, ring: { ...shipped.ring!, quality } }
const SHAKE = limitOn('shake', 'acc/pga', 0.2, { unit: 'm/s²' })

type Story = Omit<Options, 'model'> & { quality?: QualityTests; restart_s?: number; lag_s?: number; faults?: boolean }
async function run(seconds: number, { quality, restart_s, lag_s = 0, faults, limits = [], ...options }: Story) {
  const model = withTests(quality)
  const { clock, rig, device, site } = lone({ ...options, model, limits })
  const all: Limit[] = faults ? [...limits, ...automaticLimits(site.site.file, site.site.models)] : limits
  const whole = { ...site, site: { ...site.site, limits: all } }
  const first = acquire(clock, whole, rig)
  if (restart_s === undefined) {
    await clock.advance(s(seconds))
    await first.stop()
    return { rig, device }
  }
  await clock.advance(s(restart_s - lag_s))
  const state = new MemoryState(rig.state.values)
  await clock.advance(s(lag_s))
  await first.stop()
  rig.bus.closed = false
  const second = acquire(clock, whole, { ...rig, state })
  await clock.advance(s(seconds - restart_s))
  await second.stop()
  return { rig, device }
}
type Rig = Awaited<ReturnType<typeof run>>['rig']
const secondOf = (t_ns: bigint) => Number(t_ns - START) / 1e9
/** Flag and reason of the PGA of each second, once each. */
const flags = (rig: Rig) =>
  new Map(
    rig.recorder
      .of('acc/pga')
      .map(({ t_ns, flag, reason }) => [secondOf(t_ns), reason ? `${flag} ${reason}` : `${flag}`]),
  )

/** x stands still from counter 1000 on. */
const stuck = (counter: number, axis: number) => (axis === 0 && counter >= 1000 ? 100 : quiet(counter, axis))
const FLAT: QualityTests = { flat_line: { tolerance: 0.00007, suspect_s: 3, fail_s: 5 } }

describe('quality control of the samples of a ring', () => {
  test('an axis that stands still is doubtful, then fails: the PGA says so, and a sensor fault is raised', async () => {
    const { rig, device } = await run(40, { sample: stuck, quality: FLAT, faults: true })
    const told = flags(rig)
    // Flat since 10.00 s: suspect from 13 s on, failed from 15 s on.
    expect([5, 12, 13, 14].map((second) => told.get(second))).toEqual(['1', '1', '3 flat-line', '3 flat-line'])
    expect([15, 16, 37].map((second) => told.get(second))).toEqual(Array(3).fill('4 flat-line'))
    const readings = rig.recorder.of('acc/pga').filter(({ t_ns }) => secondOf(t_ns) >= 15)
    expect(readings.every(({ value }) => value === null)).toBe(true)
    expect(new Set(rig.recorder.of('acc/pga').map(({ t_ns }) => t_ns)).size).toBe(rig.recorder.of('acc/pga').length)
    // Ten seconds of nothing but failed values are a fault (automatic-limits.ts); the other axes have none.
    const conditions = rig.recorder.conditions.map((c) => [c.limit_id, c.state, secondOf(c.at_ns)])
    expect(conditions).toHaveLength(1)
    expect(conditions[0]!.slice(0, 2)).toEqual(['fault-acc-acceleration-x', true])
    expect(conditions[0]![2]).toBeGreaterThanOrEqual(25)
    expect(conditions[0]![2]).toBeLessThan(25.5)
    // Nothing is taken away of the samples themselves.
    expect(verify(rig.recorder.blocks, device)).toEqual(['0-3999'])
  })

  test('and returns when it moves again', async () => {
    const sample = (counter: number, axis: number) => (counter < 3000 ? stuck(counter, axis) : quiet(counter, axis))
    const { rig } = await run(40, { sample, quality: FLAT, faults: true })
    expect(rig.recorder.conditions.map((c) => [c.limit_id, c.state])).toEqual([
      ['fault-acc-acceleration-x', true],
      ['fault-acc-acceleration-x', false],
    ])
    expect(flags(rig).get(35)).toBe('1')
  })

  const spiked = (counter: number, axis: number) => (axis === 1 && counter === 550 ? 30_000 : quiet(counter, axis))
  test('one sample that cannot be raises no alarm and is no part of the PGA; without the test it would be', async () => {
    const { rig } = await run(20, {
      sample: spiked,
      quality: { possible: { low: -0.5, high: 0.5 } },
      limits: [SHAKE],
      faults: true,
    })
    expect(rig.recorder.conditions).toEqual([])
    const fifth = rig.recorder.of('acc/pga').find(({ t_ns }) => secondOf(t_ns) === 5)!
    expect(fifth).toMatchObject({
      flag: 3,
      reason: 'gross-range',
      detail: '1 samples of axis y failed their tests and are left out',
    })
    expect(fifth.value).toBeLessThan(0.02)
    expect([4, 6, 7].map((second) => flags(rig).get(second))).toEqual(['1', '1', '1'])
    const control = await run(20, { sample: spiked, limits: [SHAKE] })
    expect(control.rig.recorder.conditions.length).toBeGreaterThan(0)
  })

  test('an alarm on doubtful samples goes out marked unconfirmed', async () => {
    const sample = shaking(1000, 1500, 400)
    const doubtful = await run(20, { sample, quality: { usual: { low: -0.015, high: 0.015 } }, limits: [SHAKE] })
    expect(doubtful.rig.recorder.conditions[0]).toMatchObject({ state: true, unconfirmed: true, flag: 3 })
    const sound = await run(20, { sample, quality: { usual: { low: -0.5, high: 0.5 } }, limits: [SHAKE] })
    expect(sound.rig.recorder.conditions[0]).toMatchObject({ state: true, unconfirmed: false, flag: 1 })
    expect(doubtful.rig.recorder.conditions.map((c) => c.at_ns)).toEqual(
      sound.rig.recorder.conditions.map((c) => c.at_ns),
    )
  })

  test.each([
    [12.3, 0],
    [13.7, 2.6],
    [17.1, 0.4],
  ])('a restart at %f s, with a state %f s behind, changes no flag and no fault', async (restart_s, lag_s) => {
    const quality = { ...FLAT, spike: { suspect: 0.2 }, rate_of_change: { suspect_per_h: 3600 * 100 } }
    const story = { sample: stuck, quality, faults: true }
    const [whole, cut] = [await run(40, story), await run(40, { ...story, restart_s, lag_s })]
    // The last second may or may not have been read.
    const upTo = (rig: Rig) => [...flags(rig)].filter(([second]) => second < 38).sort(([a], [b]) => a - b)
    expect(upTo(cut.rig)).toEqual(upTo(whole.rig))
    expect(cut.rig.recorder.conditions.map((c) => [c.limit_id, c.state])).toEqual([['fault-acc-acceleration-x', true]])
  })

  test('a PGA that this place has never had is suspect, by a test of the site', async () => {
    const { clock, rig, site } = lone({ sample: shaking(1000, 1500, 400) })
    const device = site.node.links[0]!.devices[0]! as { quality?: unknown }
    device.quality = [{ metric: 'pga', unit: 'gal', defaults: true, tests: { usual: { low: 0, high: 10 } } }]
    const acquisition = acquire(clock, site, rig)
    await clock.advance(s(20))
    await acquisition.stop()
    // 400 steps of 0.0599 gal are 24 gal.
    expect([8, 12, 18].map((second) => flags(rig).get(second))).toEqual(['1', '3 gross-range', '1'])
  })
})
