/**
 * How an edge node stands to the hosts, by the assertion ids of Sparkplug 3.0: what they may write to it is in its birth, and
 * whose STATE it heeds. No node waits for a primary host; the owners of its records take that place.
 */
import { describe, expect, test } from 'vitest'
import { decodePayload, encodePayload } from '../../domain/sparkplug/codec.ts'
import { DataType, type Metric } from '../../domain/sparkplug/payload.ts'
import { instantFromMs, monotonic } from '../../domain/time.ts'
import { committedMetric, rebirthMetric } from '../../domain/wire/committed.ts'
import { metricsByName } from '../../domain/wire/metric.ts'
import { COMMAND, DRILL } from '../../domain/wire/names.ts'
import { type BirthContext, blocksNodeBirth, nodeBirth } from '../births.ts'
import { Present } from '../present.ts'
import { Resend } from '../resend.ts'
import { testSite } from '../testing-site.ts'

const context: BirthContext = { ...testSite(), outbox: 'box', software: 'plumbline', present: new Present([]) }
const NOW = instantFromMs(Date.UTC(2026, 0, 1))
const committed = committedMetric({ owner: 'desk', outbox: 'box', stream: 'conditions', ranges: [[1, 2]] }, 1)
/** As `desk/io/sparkplug-desk.ts` sends them. */
const text = (name: string): Metric => ({ name, timestamp: 1, datatype: DataType.String, value: '{}' })

describe.each([
  ['tck-id-operational-behavior-data-commands-ncmd-metric-name'],
  ['tck-id-operational-behavior-data-commands-ncmd-metric-value'],
])('%s', () => {
  test.each([
    ['the node', nodeBirth(context, 0n, NOW), [rebirthMetric(1), committed, text(DRILL), text(COMMAND)]],
    ['its second Sparkplug node', blocksNodeBirth(context, NOW), [rebirthMetric(1), committed]],
  ])('what is written to %s is in its NBIRTH, in the same datatype', (_, birth, commands) => {
    const born = metricsByName(decodePayload(encodePayload({ metrics: birth })).metrics)
    for (const { name, datatype } of commands) expect(born.get(name!)?.datatype, name).toBe(datatype)
  })
})

describe('tck-id-operational-behavior-edge-node-termination-host-offline-timestamp', () => {
  const at = monotonic(0n)
  const heard = (...states: [boolean, number][]) => {
    const resend = new Resend({ windowRecords: 8, inOrder: true }, at)
    resend.session(true)
    for (const [online, timestamp_ms] of states) resend.ownerState(online, timestamp_ms, at)
    return resend.ownerOnline
  }

  test('an offline that is older than the online we know is a late will', () => {
    expect(heard([true, 100], [false, 99])).toBe(true)
  })
  test('one of the same session, or a newer one, counts', () => {
    expect([heard([true, 100], [false, 100]), heard([true, 100], [false, 101])]).toEqual([false, false])
  })
  test('until an owner is heard in this session it is offline', () => {
    expect([heard(), heard([false, 5]), heard([false, 5], [true, 4])]).toEqual([false, false, true])
  })
})
