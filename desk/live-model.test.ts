import { describe, expect, test } from 'vitest'
import type { Reading } from '../domain/reading.ts'
import { LiveModel, NOT_BORN, NOT_HEARD } from './live-model.ts'
import { at, testSite } from './testing-site.ts'

const stage = (value: number | null, minute: number, more: Partial<Reading> = {}): Reading => ({
  channel: 'creek/stage',
  value,
  t_ns: at(minute),
  half_width_ns: 0n,
  flag: 1,
  ...more,
})
const site = testSite()
const creek = (model: LiveModel) => model.devices().find((d) => d.id === 'creek')!

describe('what is there now', () => {
  test('before anything was heard all is unknown, with the reason', () => {
    const model = new LiveModel(site)
    expect(model.nodes()).toEqual([
      { id: 'north', state: 'unknown', since_ns: null, reason: NOT_HEARD, site_hash_agrees: null },
    ])
    expect(creek(model)).toMatchObject({ state: 'unknown', reason: NOT_HEARD, last_ns: null, stale_after_ms: 3000 })
    expect(creek(model).channels.map((c) => [c.id, c.kind])).toEqual([
      ['creek/stage', 'point'],
      ['creek/rate_of_rise', 'measure'],
    ])
  })

  test('births bring node and device online; the death of the node makes its devices unknown, never clear', () => {
    const model = new LiveModel(site)
    model.nodeBirth('north', site.hash, at(0))
    expect(creek(model)).toMatchObject({ state: 'unknown', reason: NOT_BORN })
    model.deviceBirth('creek', at(0))
    expect(creek(model)).toMatchObject({ state: 'online', since_ns: String(at(0)), reason: null })
    const events = model.nodeDeath('north', at(10))
    expect(model.node('north')).toMatchObject({ state: 'offline', since_ns: String(at(10)) })
    expect(events.map((e) => e.event)).toEqual(['node', 'device', 'device'])
    expect(creek(model)).toMatchObject({
      state: 'unknown',
      since_ns: String(at(10)),
      reason: 'the edge node is away',
    })
  })

  test('a rebirth of a node that stayed does not make its devices young', () => {
    const model = new LiveModel(site)
    model.nodeBirth('north', site.hash, at(0))
    model.deviceBirth('creek', at(0))
    model.nodeBirth('north', site.hash, at(30))
    model.deviceBirth('creek', at(30))
    expect(creek(model)).toMatchObject({ state: 'online', since_ns: String(at(0)) })
    expect(model.node('north')?.since_ns).toBe(String(at(0)))
  })

  test('a device that a rebirth does not name is no longer shown as online', () => {
    const model = new LiveModel(site)
    model.nodeBirth('north', site.hash, at(0))
    model.deviceBirth('creek', at(0))
    model.nodeBirth('north', site.hash, at(30))
    expect(creek(model)).toMatchObject({ state: 'unknown', reason: NOT_BORN, since_ns: String(at(30)) })
  })

  test('a device that fails is offline with the reason of its last readings', () => {
    const model = new LiveModel(site)
    model.nodeBirth('north', site.hash, at(0))
    model.deviceBirth('creek', at(0))
    model.read('creek', [stage(null, 1, { flag: 9, reason: 'timeout' })], false)
    model.deviceDeath('creek', at(2))
    expect(creek(model)).toMatchObject({ state: 'offline', reason: 'timeout' })
  })

  test('without the broker nothing is known of anybody, since when and why', () => {
    const model = new LiveModel(site)
    model.nodeBirth('north', site.hash, at(0))
    model.deviceBirth('creek', at(0))
    model.connectionLost('closed', at(5))
    model.connectionLost('refused', at(6))
    expect(model.node('north')).toMatchObject({ state: 'unknown', since_ns: String(at(5)) })
    expect(creek(model)).toMatchObject({
      state: 'unknown',
      since_ns: String(at(5)),
      reason: 'the desk has no connection to the broker (refused)',
    })
  })

  test('says whether the edge runs on our site file', () => {
    const model = new LiveModel(site)
    model.nodeBirth('north', 'another', at(0))
    expect(model.node('north')?.site_hash_agrees).toBe(false)
    model.nodeBirth('north', undefined, at(1))
    expect(model.node('north')?.site_hash_agrees).toBeNull()
  })
})

describe('the newest reading of each channel', () => {
  test('resent readings never take the place of newer ones, live ones always do', () => {
    const model = new LiveModel(site)
    model.read('creek', [stage(1.2, 10)], false)
    expect(model.read('creek', [stage(0.9, 9)], true)).toEqual([])
    expect(model.readings()).toMatchObject([{ value: 1.2 }])
    model.read('creek', [stage(0.8, 4)], false)
    expect(model.readings(), 'the clock of the edge was set back').toMatchObject([{ value: 0.8, t_ns: String(at(4)) }])
    expect(creek(model).last_ns).toBe(String(at(4)))
  })

  test('a reading without value stands with its reason but is not a sign of life', () => {
    const model = new LiveModel(site)
    model.read('creek', [stage(1.2, 10)], false)
    const events = model.read('creek', [stage(null, 11, { flag: 9, reason: 'timeout', detail: 'no answer' })], false)
    expect(events).toEqual([
      {
        event: 'readings',
        data: [
          {
            channel: 'creek/stage',
            value: null,
            t_ns: String(at(11)),
            flag: 9,
            reason: 'timeout',
            detail: 'no answer',
            exercise: true,
          },
        ],
      },
    ])
    expect(creek(model).last_ns).toBe(String(at(10)))
  })

  test('what is older than the newest of every channel is known to be no news', () => {
    const model = new LiveModel(site)
    const channels = ['creek/stage', 'creek/rate_of_rise']
    model.read('creek', [stage(1.2, 10)], false)
    expect(model.knowsSince(channels, at(5)), 'of one channel nothing is known').toBe(false)
    model.read('creek', [stage(0, 9, { channel: 'creek/rate_of_rise' })], false)
    expect(model.knowsSince(channels, at(9))).toBe(true)
    expect(model.knowsSince(channels, at(10))).toBe(false)
  })

  test('channels that the site does not know take no memory', () => {
    const model = new LiveModel(site)
    expect(model.read('creek', [stage(1, 1, { channel: 'creek/made-up' })], false)).toEqual([])
    expect(model.readings()).toEqual([])
  })
})
