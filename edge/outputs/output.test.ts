import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Instant, instant, NS_PER_S } from '../../domain/time.ts'
import { causesOf, endOf, OFF, type OutputRule, restoreOutput, saveOutput, stepOutput } from './output.ts'

const at = (s: number): Instant => instant(BigInt(s) * NS_PER_S)
const rule = (mode: OutputRule['mode'], max_s: number): OutputRule => ({
  id: 'siren',
  mode,
  max_ns: BigInt(max_s) * NS_PER_S,
})

/** One second a step: the causes as a text of letters, `!` = silenced. Gives `#` for on and `.` for off. */
function run(of: OutputRule, script: string): string {
  let state = OFF
  return script
    .split(' ')
    .map((word, s) => {
      const causes = [...word].filter((c) => /[a-z]/.test(c))
      state = restoreOutput(
        JSON.parse(JSON.stringify(saveOutput(stepOutput(of, state, at(s), causes, word.includes('!'))))),
      )
      return state.since_ns === null ? '.' : '#'
    })
    .join('')
}

describe('when an output is on', () => {
  test('hold: as long as its cause, at most the longest time', () => {
    expect(run(rule('hold', 4), '- a a - a a a a a a -')).toBe('.##.####...')
  })
  test('pulse: so long at each new cause, also after the cause has gone', () => {
    expect(run(rule('pulse', 2), 'a - - - a a a a ab ab ab')).toBe('##..##..##.')
  })
  test('until acknowledged: stays when the cause goes, off when silenced, anew with a new cause', () => {
    expect(run(rule('until_acknowledged', 99), 'a - - -! - a a! a ab ab')).toBe('###..#..##')
  })
  test('silenced stays off while its causes are those, and when one of them goes', () => {
    expect(run(rule('hold', 99), 'ab ab! ab a a ac')).toBe('#....#')
  })
  test('a clock that is set back does not lengthen the sounding', () => {
    const of = rule('hold', 10)
    const on = stepOutput(of, OFF, at(1000), ['a'], false)
    const back = stepOutput(of, on, at(100), ['a'], false)
    expect(endOf(of, back)).toBe(at(110))
  })
  test('never on for longer than the longest time without a new cause, and never without any cause at first', () => {
    const word = fc.record({
      causes: fc.subarray(['a', 'b', 'c']),
      silence: fc.boolean(),
      gap: fc.integer({ min: 0, max: 5 }),
    })
    const modes = fc.constantFrom<OutputRule['mode']>('hold', 'pulse', 'until_acknowledged')
    fc.assert(
      fc.property(fc.array(word), modes, fc.integer({ min: 1, max: 9 }), (words, mode, max_s) => {
        let state = OFF
        let now = 0
        let fresh = -Infinity
        let before: readonly string[] = []
        for (const { causes, silence, gap } of words) {
          now += gap
          if (causes.some((c) => !before.includes(c))) fresh = now
          before = causes
          state = stepOutput(rule(mode, max_s), state, at(now), causes, silence)
          if (silence) expect(state.since_ns).toBeNull()
          if (state.since_ns !== null) expect(now - fresh).toBeLessThan(max_s)
          if (mode === 'hold' && causes.length === 0) expect(state.since_ns).toBeNull()
        }
      }),
    )
  })
})

describe('what asks for an output', () => {
  const states = {
    real: { raised: true, exercise: false, occurrence: 3 },
    drill: { raised: true, exercise: true, occurrence: 1 },
    calm: { raised: false, exercise: false, occurrence: 7 },
  }
  const context = {
    stateOf: (id: string) => states[id as keyof typeof states],
    deskOfflineSince: null,
    now: at(100),
    simulated: false,
  }
  test('an exercise drives only a simulated device', () => {
    expect(causesOf({ any: ['real', 'drill', 'calm', 'gone'] }, context)).toEqual(['real#3'])
    expect(causesOf({ any: ['real', 'drill'] }, { ...context, simulated: true })).toEqual(['real#3', 'drill#1'])
  })
  test('all: only where every one is true', () => {
    expect(causesOf({ all: ['real', 'calm'] }, context)).toEqual([])
    expect(causesOf({ all: ['real', 'drill'] }, context)).toEqual([])
    expect(causesOf({ all: ['real', 'drill'] }, { ...context, simulated: true })).toEqual(['all:real#3+drill#1'])
  })
  test('the desk away for long enough', () => {
    const away = (s: number) => causesOf({ desk_offline_s: 60 }, { ...context, deskOfflineSince: at(100 - s) })
    expect([away(59), away(60)]).toEqual([[], [`desk#${at(40)}`]])
  })
})
