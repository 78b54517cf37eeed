import { describe, expect, test } from 'vitest'
import { classicStaLta, delayedStaLta, recursiveStaLta, triggerOnset } from './sta-lta.ts'
import { StaLtaTrigger, type StaLtaTriggerOptions } from './sta-lta-trigger.ts'

/** Repeatable noise in −1 … 1 (an LCG: Numerical Recipes' constants). */
function noise(n: number, seed = 1): Float64Array {
  let state = seed
  return Float64Array.from({ length: n }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 31 - 1
  })
}
/** Noise with a shaking `times` as strong in [from, to). */
const shaking = (n: number, from: number, to: number, times: number) =>
  noise(n).map((v, k) => v * (k >= from && k < to ? times : 1))

const SETTINGS: StaLtaTriggerOptions = { sample_rate_hz: 100, sta_s: 0.5, lta_s: 10, on: 4, off: 1.5 }

describe('a trigger on a stream', () => {
  test.each([
    ['classic', classicStaLta],
    ['recursive', recursiveStaLta],
    ['delayed', delayedStaLta],
  ] as const)(
    'not frozen, gives the %s ratios and onsets of the whole record, in blocks of any size',
    (kind, staLta) => {
      const x = shaking(6000, 3000, 3500, 20)
      const trigger = new StaLtaTrigger({ ...SETTINGS, kind, freeze: false })
      const ratios = x.map((v) => trigger.push(v))
      expect(ratios).toEqual(staLta(x, 50, 1000))
      const changes = trigger.take()
      const onOff = changes.filter((c) => c.kind === 'off').map((c) => [c.on, c.sample])
      expect(onOff).toEqual(triggerOnset(ratios, 4, 1.5))
      expect(onOff.length).toBeGreaterThan(0)
      const blocks = new StaLtaTrigger({ ...SETTINGS, kind, freeze: false })
      for (let k = 0; k < x.length; k += 77) blocks.pushBlock(x.slice(k, k + 77))
      expect(blocks.take()).toEqual(changes)
    },
  )

  test('frozen, keeps a long shaking as one event, which its own background would end', () => {
    const x = shaking(12_000, 3000, 9000, 20)
    const events = (freeze: boolean) => {
      const trigger = new StaLtaTrigger({ ...SETTINGS, freeze })
      trigger.pushBlock(x)
      return trigger.take().filter((c) => c.kind === 'off')
    }
    expect(events(false)[0]!.sample).toBeLessThan(5000)
    const [event, ...more] = events(true)
    expect(more).toEqual([])
    expect(event).toMatchObject({ reason: 'ratio' })
    expect(event!.on).toBeLessThan(3010)
    expect(event!.sample).toBeGreaterThan(8990)
    expect(event!.sample).toBeLessThan(9060)
    // Power 20² = 400 of the background; the classic onset samples are in the frozen average with their share.
    expect(event!.ratioMax).toBeGreaterThan(50)
  })

  test('comes with the samples before the onset, oldest first, as many as are there', () => {
    const x = shaking(4000, 3000, 3200, 20)
    const trigger = new StaLtaTrigger({ ...SETTINGS, preEvent_s: 12.3 })
    trigger.pushBlock(x)
    const [on] = trigger.take()
    if (on?.kind !== 'on') throw new Error('expected an onset')
    expect(on.preEvent).toEqual(x.slice(on.sample - 1230, on.sample))
    const early = new StaLtaTrigger({ ...SETTINGS, preEvent_s: 60 })
    early.pushBlock(x)
    expect(early.take()[0]).toMatchObject({ preEvent: x.slice(0, on.sample) })
  })

  test('ends at its greatest length when the noise has risen for good, learns the new level and sees the next event', () => {
    const x = shaking(30_000, 3000, 30_000, 20)
    for (let k = 25_000; k < 25_300; k++) x[k]! *= 20
    const trigger = new StaLtaTrigger({ ...SETTINGS, maxEvent_s: 60 })
    trigger.pushBlock(x)
    const offs = trigger.take().filter((c) => c.kind === 'off')
    expect(offs.map((c) => c.reason)).toEqual(['length', 'ratio'])
    expect(offs[0]!.sample - offs[0]!.on).toBe(6000)
    expect(offs[1]!.on).toBeGreaterThanOrEqual(25_000)
  })

  test('does not trigger before the long window is full', () => {
    const trigger = new StaLtaTrigger(SETTINGS)
    trigger.pushBlock(shaking(999, 600, 900, 100))
    expect(trigger.ready).toBe(false)
    expect(trigger.take()).toEqual([])
  })

  test('is not blinded by a lost packet, but starts anew after a gap longer than its window, ending an open event', () => {
    const x = shaking(6000, 3000, 6000, 20)
    const trigger = new StaLtaTrigger(SETTINGS)
    trigger.pushBlock(x.slice(0, 2000))
    trigger.gap(25)
    expect(trigger.ready).toBe(true)
    trigger.pushBlock(x.slice(2025, 3100))
    const [on] = trigger.take()
    expect(on).toMatchObject({ kind: 'on' })
    expect(on!.sample).toBeGreaterThanOrEqual(3000)
    expect(on!.sample).toBeLessThan(3020)
    trigger.push(Number.NaN)
    expect(trigger.missing).toBe(26)
    trigger.gap(1001)
    expect(trigger.take()).toMatchObject([{ kind: 'off', reason: 'gap', sample: 3100 }])
    expect(trigger.ready).toBe(false)
    expect(trigger.triggered).toBe(false)
  })

  test.each(['classic', 'recursive', 'delayed'] as const)('goes on after a restart to the bit: %s', (kind) => {
    const x = shaking(6000, 3000, 4000, 20)
    const whole = new StaLtaTrigger({ ...SETTINGS, kind, preEvent_s: 0 })
    const first = new StaLtaTrigger({ ...SETTINGS, kind, preEvent_s: 0 })
    whole.pushBlock(x)
    first.pushBlock(x.slice(0, 3333))
    expect(first.triggered).toBe(true)
    const saved = JSON.parse(JSON.stringify(first.state()))
    const second = new StaLtaTrigger({ ...SETTINGS, kind, preEvent_s: 0 }, saved)
    second.pushBlock(x.slice(3333))
    expect([...first.take(), ...second.take()]).toEqual(whole.take())
    expect(second.state()).toEqual(whole.state())
  })

  test('refuses the state of other windows, and settings that could never trigger', () => {
    const { averages, ...rest } = new StaLtaTrigger(SETTINGS).state()
    expect(() => new StaLtaTrigger({ ...SETTINGS, lta_s: 20 }, { averages, ...rest })).toThrow('expected windows of 50')
    expect(() => new StaLtaTrigger({ ...SETTINGS, kind: 'recursive' }, { averages, ...rest })).toThrow(
      'of kind recursive',
    )
    expect(() => new StaLtaTrigger({ ...SETTINGS, on: 20 })).toThrow(
      'on: expected a threshold below LTA/STA = 20, got 20',
    )
    expect(() => new StaLtaTrigger({ ...SETTINGS, off: 5 })).toThrow(
      'off: expected a threshold at or below on (4), got 5',
    )
    expect(() => new StaLtaTrigger({ ...SETTINGS, sample_rate_hz: 0 })).toThrow('sample_rate_hz')
    new StaLtaTrigger({ ...SETTINGS, kind: 'delayed', on: 20 })
  })

  test('that nobody listens to keeps a bounded list and counts what it dropped', () => {
    const trigger = new StaLtaTrigger({ sample_rate_hz: 1, sta_s: 1, lta_s: 3, on: 2, off: 1, preEvent_s: 0 })
    for (let k = 0; k < 20_000; k++) trigger.push(k % 5 === 0 ? 10 : 1)
    expect(trigger.dropped).toBeGreaterThan(0)
    expect(trigger.take().length).toBe(1800)
  })
})
