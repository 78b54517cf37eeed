import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { LiveEvent } from '../domain/api.ts'
import type { Flag, Reading } from '../domain/reading.ts'
import { type Instant, NS_PER_S } from '../domain/time.ts'
import { LiveModel } from './live-model.ts'
import { at, limitOf, testSite } from './testing-site.ts'
import { type KnownNow, unknownOf } from './unknown.ts'

const SITE = testSite()

/** The desk's knowledge of the creek, with a clock of its own. */
class Known {
  readonly model = new LiveModel(SITE)
  now_ns: Instant = at(60)
  readonly #heard = new Map<string, bigint>()

  hear(events: readonly LiveEvent[]): this {
    for (const { event, data } of events)
      if (event === 'readings') for (const { channel } of data) this.#heard.set(channel, this.now_ns)
    return this
  }
  born(): this {
    this.hear(this.model.nodeBirth('north', SITE.hash, this.now_ns))
    return this.hear(this.model.deviceBirth('creek', this.now_ns))
  }
  read(value: number | null, more: { flag?: Flag; late_s?: number; historical?: boolean } = {}): this {
    const { flag = 1, late_s = 0, historical = false } = more
    const t_ns = (this.now_ns - BigInt(Math.round(late_s * 1e9))) as Instant
    const reading: Reading = { channel: 'creek/stage', value, t_ns, half_width_ns: 0n, flag }
    return this.hear(this.model.read('creek', [reading], historical))
  }
  later(s: number): this {
    this.now_ns = (this.now_ns + BigInt(Math.round(s * 1e9))) as Instant
    return this
  }
  get knowledge(): KnownNow {
    const { model } = this
    return {
      started_ns: at(0),
      at: this.now_ns,
      node: (id) => model.node(id),
      device: (id) => model.device(id),
      reading: (channel) => model.reading(channel),
      readingAge_s: (channel) => {
        const heard = this.#heard.get(channel)
        return heard === undefined ? undefined : Number(this.now_ns - heard) / 1e9
      },
      ownUnknownSince: () => undefined,
    }
  }
  of(kind?: string) {
    return unknownOf('north', { ...limitOf('creek-red'), ...(kind && { kind }) }, this.knowledge)
  }
}

describe('unknown is not clear', () => {
  test('before any birth, since the desk started', () => {
    expect(new Known().of()).toEqual({ since_ns: String(at(0)), cause: 'nothing heard since the desk started' })
  })
  test('born, but no value has come', () => {
    expect(new Known().born().of()).toMatchObject({ cause: 'no value has come yet' })
  })
  test('a fresh, good value: known', () => {
    expect(new Known().born().read(1.2).of()).toBeNull()
    expect(new Known().born().read(1.2, { flag: 3 }).of(), 'a suspect one is judged and marked').toBeNull()
  })
  test('nothing new for three polls, at least three seconds', () => {
    const known = new Known().born().read(1.2).later(3)
    expect(known.of()).toBeNull()
    expect(known.later(0.1).of()).toEqual({ since_ns: String(at(60)), cause: 'no new value since then' })
  })
  test.each([
    ['no value', null, 9],
    ['a value that failed', 1.2, 4],
  ] as const)('%s', (_, value, flag) => {
    expect(new Known().born().read(value, { flag }).of()).toMatchObject({ since_ns: String(at(60)) })
  })
  test('the device is silent, the node away, the desk cut off: each with its cause', () => {
    const silent = new Known().born().read(1.2)
    silent.hear(silent.model.deviceDeath('creek', silent.now_ns))
    expect(silent.of()).toMatchObject({ cause: 'the device does not answer' })
    const away = new Known().born().read(1.2)
    away.hear(away.model.nodeDeath('north', away.now_ns))
    expect(away.of()).toEqual({ since_ns: String(at(60)), cause: 'the edge node is away' })
    const cut = new Known().born().read(1.2)
    cut.hear(cut.model.connectionLost('timeout', cut.now_ns))
    expect(cut.of()?.cause).toContain('no connection to the broker')
  })
  test('what was stored before the desk started, or is resent, is not fresh', () => {
    expect(new Known().born().read(1.2, { late_s: 600, historical: true }).of()).not.toBeNull()
  })
  test('the clock of a node may be off by some seconds', () => {
    expect(new Known().born().read(1.2, { late_s: 20 }).of()).toBeNull()
    expect(new Known().born().read(1.2, { late_s: -20 }).of()).toBeNull()
  })
  test('an alarm about silence is known while its node is there', () => {
    expect(new Known().born().of('stale_s')).toBeNull()
    expect(new Known().of('stale_s')).not.toBeNull()
  })
  test('a node that the site file does not have', () => {
    expect(unknownOf('south', limitOf('creek-red'), new Known().born().knowledge)).not.toBeNull()
  })
})

test('whatever happens, it is known only with a live node, a live device and a fresh, good value', () => {
  const act = fc.oneof(
    fc.constantFrom('birth', 'node birth', 'device birth', 'node death', 'device death', 'cut', 'wait', 'long wait'),
    fc.record({
      value: fc.option(fc.double({ noNaN: true })),
      flag: fc.constantFrom<Flag>(1, 2, 3, 4, 9),
      historical: fc.boolean(),
    }),
  )
  fc.assert(
    fc.property(fc.array(act, { maxLength: 40 }), (acts) => {
      const known = new Known()
      const { model } = known
      let [node, device, good, fresh_ns] = [false, false, false, -1n]
      for (const one of acts) {
        if (typeof one !== 'string') {
          known.read(one.value, { ...one, late_s: one.historical ? 600 : 0 })
          const taken = model.reading('creek/stage')!
          good = taken.value !== null && taken.flag !== 4 && taken.flag !== 9
          if (!one.historical) fresh_ns = known.now_ns
        } else if (one === 'birth' || one === 'node birth') {
          known.hear(model.nodeBirth('north', undefined, known.now_ns))
          node = true
          device = false
          if (one === 'birth') known.born()
          if (one === 'birth') device = true
        } else if (one === 'device birth') {
          known.hear(model.deviceBirth('creek', known.now_ns))
          device = true
        } else if (one === 'device death') {
          known.hear(model.deviceDeath('creek', known.now_ns))
          device = false
        } else if (one === 'node death' || one === 'cut') {
          known.hear(one === 'cut' ? model.connectionLost('x', known.now_ns) : model.nodeDeath('north', known.now_ns))
          node = false
          device = false
        } else known.later(one === 'wait' ? 1 : 5)
        const mayBeKnown = node && device && good && fresh_ns >= 0n && known.now_ns - fresh_ns <= 3n * NS_PER_S
        if (known.of() === null) expect(mayBeKnown).toBe(true)
      }
    }),
    { numRuns: 500 },
  )
})
