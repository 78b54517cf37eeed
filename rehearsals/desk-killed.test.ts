/** kill -9 of the desk: delays, shelves, escalation and messages go on as if it had not been away. */
import { expect, test } from 'vitest'
import { deskKilled } from './desk-killed.ts'

test('what was due meanwhile is carried out once and late; what may have been sent is sent once more, marked', async () => {
  const { late_ms, restart_s, ...told } = await deskKilled()
  expect(told).toEqual({
    ...{ told: 1, escalated: 1, mails: { came: 2, marked: 1 }, requests: { came: 2, marked: 1, keys: 1 } },
    ...{ unknown: 2, states: ['sent, possible repeat', 'sent, possible repeat'] },
    ...{ ended: 1, ended_late: 1, kept: true, again: 0, journal_whole: true },
    offline: { onsets: 1, late: 1, true_onset: true },
  })
  expect(late_ms).toBeGreaterThan(1000)
  expect(restart_s).toBeLessThan(45)
}, 120_000)
