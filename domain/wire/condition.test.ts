import { describe, expect, test } from 'vitest'
import type { ConditionRecord, Limit } from '../condition.ts'
import { decodePayload, encodePayload } from '../sparkplug/codec.ts'
import { instant } from '../time.ts'
import { parseCommitted } from './committed.ts'
import { conditionBirthMetric, conditionMetricOf, conditionsOfBirth, decodeConditions } from './condition.ts'
import { outboxIdMetric, outboxOffsetMetric } from './record.ts'

const record: ConditionRecord = {
  limit_id: 'river-high',
  state: false,
  occurrence: 3,
  at_ns: instant(20n),
  onset_ns: instant(10n),
  returned_ns: instant(20n),
  value: 0.5,
  peak: 0.7,
  limit: 0.6096,
  unit: 'm',
  flag: 3,
  unconfirmed: true,
  exercise: true,
  time_unknown: false,
}
const limit: Limit = {
  id: 'river-high',
  name: 'River high',
  channel: 'river/stage',
  direction: 'above',
  limit: 0.6096,
  deadband: 0.06,
  on_delay_s: 1,
  off_delay_s: 2,
  unit: 'm',
  priority: 'critical',
  latch: true,
}

describe('a condition on the wire', () => {
  test('NDATA: identity and every particular come back', () => {
    const bytes = encodePayload({
      metrics: [outboxIdMetric('box', 1), outboxOffsetMetric(4, 1), conditionMetricOf(record)],
    })
    expect(decodeConditions(decodePayload(bytes).metrics, 'edge-1')).toEqual([
      { identity: { node: 'edge-1', outbox: 'box', stream: 'conditions', offset: 4 }, historical: false, record },
    ])
  })

  test("NBIRTH: the edge tells state and limit, so that the desk shows the edge's values", () => {
    const bytes = encodePayload({ metrics: [conditionBirthMetric(record, limit, 1)] })
    expect(conditionsOfBirth(decodePayload(bytes).metrics)).toEqual([{ record, limit }])
  })

  test('NBIRTH: the limit is the one that is evaluated now, whatever the last record was held against', () => {
    const now: Limit = { ...limit, kind: 'outside', limit: 0.75, parameters: { low: 0.1 } }
    const [born] = conditionsOfBirth([conditionBirthMetric({ ...record, limit: 0.1 }, now, 1)])
    expect(born?.limit).toEqual(now)
  })
})

describe('an acknowledgement', () => {
  const good = {
    owner: 'desk',
    outbox: 'box',
    stream: 'conditions',
    ranges: [
      [1, 4],
      [6, 6],
    ],
  }
  test('of the owner is taken', () => expect(parseCommitted(JSON.stringify(good))).toEqual(good))
  test.each([
    ['another owner', { ...good, owner: 'ingest' }],
    ['an unknown stream', { ...good, stream: 'waves' }],
    ['a range backwards', { ...good, ranges: [[4, 1]] }],
    ['offset 0', { ...good, ranges: [[0, 1]] }],
    ['no ranges', { ...good, ranges: 'all' }],
  ])('of %s trims nothing', (_, body) => expect(parseCommitted(JSON.stringify(body))).toBeUndefined())
  test('that is no JSON trims nothing', () => expect(parseCommitted('{')).toBeUndefined())
})
