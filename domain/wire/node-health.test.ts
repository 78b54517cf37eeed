import { expect, test } from 'vitest'
import { parseNodeHealth } from './node-health.ts'

const outbox = { records: 1, bytes: 2, oldest_s: 0.5, dropped: 0, acknowledged_s: 0.01 }
const good = {
  ...{ polls: 10, polls_good: 9, polls_missed: 0, errors: { timeout: 1 }, links: 1, links_up: 1, not_sent: 0 },
  ...{ clock_trusted: true, clock_steps: 0, streams: { conditions: outbox, readings: outbox, blocks: outbox } },
}

test('health is taken whole or not at all', () => {
  expect(parseNodeHealth(JSON.stringify(good))).toEqual(good)
  const reasons = Object.fromEntries(Array.from({ length: 41 }, (_, i) => [`r${i}`, 1]))
  for (const bad of [
    'no JSON',
    'null',
    '7',
    JSON.stringify({ ...good, polls: -1 }),
    JSON.stringify({ ...good, polls: 1.5 }),
    JSON.stringify({ ...good, clock_trusted: 1 }),
    JSON.stringify({ ...good, errors: { timeout: 'many' } }),
    JSON.stringify({ ...good, errors: reasons }),
    JSON.stringify({ ...good, streams: { conditions: outbox, readings: outbox } }),
    JSON.stringify({ ...good, streams: { ...good.streams, blocks: { ...outbox, oldest_s: null } } }),
  ])
    expect(parseNodeHealth(bad), bad).toBeUndefined()
})
