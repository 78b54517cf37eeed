import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Coincidence, coincidence, type Onset } from './coincidence.ts'

const onset = (channel: string, on_s: number): Onset => ({ channel, on_s })
const three = { atLeast: 3, window_s: 2 }

describe('coincidence over channels', () => {
  test('is confirmed by the third channel within the window, and counts later ones to the event', () => {
    const live = new Coincidence(three)
    expect(live.push(onset('roof', 10))).toBeUndefined()
    expect(live.push(onset('base', 10.4))).toBeUndefined()
    expect(live.push(onset('mid', 11))).toEqual({ on_s: 10, confirmed_s: 11, channels: ['roof', 'base', 'mid'] })
    expect(live.push(onset('annex', 12.5))).toBeUndefined()
    expect(live.event?.channels).toEqual(['roof', 'base', 'mid', 'annex'])
  })

  test('is none when the third comes later than the window after the first, or is the same channel again', () => {
    expect(coincidence([onset('a', 0), onset('b', 1), onset('c', 2.01)], three)).toEqual([])
    expect(coincidence([onset('a', 0), onset('a', 0.5), onset('b', 1), onset('b', 1.5)], three)).toEqual([])
    expect(coincidence([onset('a', 0), onset('b', 1), onset('c', 2)], three)).toHaveLength(1)
  })

  test('counts a channel with its latest onset: an early false one does not hide the real one', () => {
    const onsets = [onset('a', 0), onset('a', 9), onset('b', 9.5), onset('c', 10.5)]
    expect(coincidence(onsets, three)).toEqual([{ on_s: 9, confirmed_s: 10.5, channels: ['a', 'b', 'c'] }])
  })

  test('of a channel that chatters neither makes an event nor hides the next one', () => {
    const chatter = Array.from({ length: 200 }, (_, k) => onset('loose', k * 0.5))
    expect(coincidence(chatter, three)).toEqual([])
    const quakes = [20, 60].flatMap((at) => [onset('a', at), onset('b', at + 0.1), onset('c', at + 0.2)])
    const events = coincidence([...chatter, ...quakes], three)
    expect(events).toHaveLength(2)
    expect(events[0]!.channels).toContain('a')
    expect(events[1]!.confirmed_s).toBeGreaterThanOrEqual(60)
  })

  test('does not depend on the order in which the channels are listed nor on the origin of time', () => {
    const lists = fc.array(
      fc.record({ channel: fc.constantFrom('a', 'b', 'c', 'd'), on_s: fc.integer({ min: 0, max: 60 }) }),
    )
    fc.assert(
      fc.property(lists, fc.integer({ min: -1000, max: 1000 }), (list, shift) => {
        const distinct = list.filter((o, k) => list.findIndex((p) => p.on_s === o.on_s) === k)
        const events = coincidence(distinct, three)
        expect(coincidence(distinct.toReversed(), three)).toEqual(events)
        const shifted = coincidence(
          distinct.map((o) => onset(o.channel, o.on_s + shift)),
          three,
        )
        expect(shifted.map((e) => e.on_s - shift)).toEqual(events.map((e) => e.on_s))
        for (const event of events) {
          expect(new Set(event.channels).size).toBe(event.channels.length)
          expect(event.channels.length).toBeGreaterThanOrEqual(3)
          expect(event.confirmed_s - event.on_s).toBeLessThanOrEqual(2)
        }
      }),
    )
  })

  test('refuses settings and instants that are none', () => {
    expect(() => new Coincidence({ atLeast: 0, window_s: 1 })).toThrow('atLeast')
    expect(() => new Coincidence({ atLeast: 2, window_s: 0 })).toThrow('window_s')
    expect(() => new Coincidence(three).push(onset('a', Number.NaN))).toThrow(
      'on_s: expected a finite instant, got NaN',
    )
  })
})
