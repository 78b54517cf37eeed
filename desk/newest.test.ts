import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { monotonic } from '../domain/time.ts'
import { Newest } from './newest.ts'

const at = (t: number) => monotonic(BigInt(t))

describe('the newest of each topic', () => {
  test('goes at once, then not before its time, and then as it is by then', () => {
    const newest = new Newest(1000n)
    newest.put('a', '1')
    expect(newest.due(at(0), 10)).toEqual([['a', '1']])
    newest.put('a', '2')
    newest.put('a', '3')
    expect(newest.due(at(999), 10)).toEqual([])
    expect(newest.due(at(1000), 10)).toEqual([['a', '3']])
    expect(newest.due(at(9000), 10)).toEqual([])
  })

  test('what is said already does not go again, until it failed or the session ended', () => {
    const newest = new Newest(1000n)
    newest.put('a', '1')
    newest.due(at(0), 10)
    newest.put('a', '2')
    newest.put('a', '1')
    expect(newest.due(at(5000), 10)).toEqual([])
    newest.failed('a')
    expect(newest.due(at(5000), 10)).toEqual([['a', '1']])
    newest.again()
    expect(newest.due(at(5001), 10)).toEqual([['a', '1']])
    newest.forget('a')
    newest.failed('a')
    expect(newest.due(at(9999), 10)).toEqual([])
  })

  test('whatever changes when: no topic goes oftener than once in so long, and the last text of each gets out', () => {
    const step = fc.record({
      topic: fc.constantFrom('a', 'b', 'c'),
      text: fc.string(),
      wait: fc.nat(400),
      most: fc.nat(3),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const newest = new Newest(1000n)
        const said = new Map<string, { at: number; text: string }>()
        const last = new Map<string, string>()
        let now = 0
        const give = (most: number) => {
          for (const [topic, text] of newest.due(at(now), most)) {
            expect(now - (said.get(topic)?.at ?? -1000)).toBeGreaterThanOrEqual(1000)
            said.set(topic, { at: now, text })
          }
        }
        for (const { topic, text, wait, most } of steps) {
          newest.put(topic, text)
          last.set(topic, text)
          give(most)
          now += wait
        }
        now += 1000
        give(10)
        expect(new Map([...said].map(([topic, { text }]) => [topic, text]))).toEqual(last)
        expect(newest.waiting).toBe(0)
      }),
    )
  })
})
