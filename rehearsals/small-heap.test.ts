/** A desk with hardly any memory under a flood of alarms, with watchers that never read and requests that are too big. */
import { expect, test } from 'vitest'
import { STREAM_CLIENTS_MAX } from '../desk/io/event-stream.ts'
import { FLOOD_ALARMS } from './alarm-flood.ts'
import { MORE_MAX_MB, smallHeap } from './small-heap.ts'

test('the desk lives on, tells and journals each alarm once, and refuses what is too big', async () => {
  const { onsets, notices, returns, clients, answers, before_MB, most_MB, ...told } = await smallHeap()
  const once = { once: FLOOD_ALARMS, missing: 0, doubled: 0 }
  expect({ onsets, notices, returns }).toEqual({ onsets: once, notices: once, returns: once })
  expect(told).toMatchObject({ journal_whole: true, alive: true })
  expect(clients.taken).toBe(STREAM_CLIENTS_MAX)
  expect(clients.refused).toBeGreaterThan(0)
  // Who reads is not made to pay for those who do not.
  expect(clients.cut_off).toBeLessThanOrEqual(STREAM_CLIENTS_MAX / 2)
  expect(told.seen_least).toBe(FLOOD_ALARMS)
  // `closed`: the desk answers a body that is too big before it has come, and the connection may end under the writer.
  expect(Object.keys(answers).filter((status) => !['400', '413', '431', 'closed'].includes(status))).toEqual([])
  expect(most_MB - before_MB).toBeLessThan(MORE_MAX_MB)
}, 200_000)
