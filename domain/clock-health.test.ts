/** The worst of what is known decides; an unknown clock is never called good. */
import { expect, test } from 'vitest'
import { type ClockFacts, judgeClock } from './clock-health.ts'

test.for<[string, ClockFacts, string]>([
  ['nothing known', {}, 'unknown'],
  ['synchronised', { synchronised: true }, 'good'],
  ['trusted, no time service to ask', { trusted: true }, 'good'],
  ['not trusted, whatever else', { trusted: false, synchronised: true, offset_s: 0 }, 'bad'],
  ['not synchronised', { trusted: true, synchronised: false }, 'doubtful'],
  ['50 ms off', { synchronised: true, offset_s: -0.05 }, 'good'],
  ['200 ms off', { synchronised: true, offset_s: -0.2 }, 'doubtful'],
  ['two seconds off', { synchronised: true, offset_s: 2 }, 'bad'],
  ['stepped ten minutes ago', { synchronised: true, step: { age_s: 600, by_s: -30 } }, 'doubtful'],
  ['stepped yesterday', { synchronised: true, step: { age_s: 86_400, by_s: -30 } }, 'good'],
])('%s', ([, facts, state]) => {
  const judged = judgeClock(facts)
  expect(judged.state).toBe(state)
  expect(judged.why === undefined).toBe(state === 'good')
})
