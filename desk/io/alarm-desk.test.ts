import { describe, expect, test, vi } from 'vitest'
import type { AlarmJson, JournalEntryJson } from '../../domain/alarm.ts'
import type { ConditionRecord } from '../../domain/condition.ts'
import type { Ranges } from '../../domain/record.ts'
import { NS_PER_S } from '../../domain/time.ts'
import type { ReceivedCondition } from '../../domain/wire/condition.ts'
import { SimulatedClock } from '../../runtime/clock.ts'
import { silentLog } from '../../runtime/log.ts'
import { MemoryJournal } from '../testing-journal.ts'
import { at, limitOf, OUTBOX, record, testSite } from '../testing-site.ts'
import { AlarmDesk } from './alarm-desk.ts'

async function desk(journal = new MemoryJournal()) {
  const clock = new SimulatedClock(at(60))
  const live: AlarmJson[] = []
  const entries: JournalEntryJson[] = []
  const committed: Array<{ node: string; outbox: string; ranges: Ranges; rows: number }> = []
  const recovered = vi.fn()
  const alarms = new AlarmDesk({
    site: testSite(),
    journal,
    clock,
    log: silentLog,
    onAlarm: (alarm) => live.push(alarm),
    onEntry: (entry) => entries.push(entry),
    onCommitted: (node, outbox, ranges) => committed.push({ node, outbox, ranges, rows: journal.rows.length }),
    onRecovered: recovered,
  })
  await alarms.start()
  const notices = () => journal.rows.filter((r) => r.kind === 'notice').map((r) => r.occurrence)
  const creek = () => alarms.list().find((a) => a.id === 'north:creek-red')!
  return { alarms, clock, live, entries, committed, recovered, journal, notices, creek }
}

const received = (offset: number, condition: ConditionRecord, historical = false): ReceivedCondition => ({
  identity: { node: 'north', outbox: OUTBOX, stream: 'conditions', offset },
  historical,
  record: condition,
})
const settle = (clock: SimulatedClock) => clock.advance(0n)

describe('acknowledgement to the edge', () => {
  test('comes after the journal, never before', async () => {
    const { alarms, clock, committed, live, notices } = await desk()
    alarms.records('north', [received(7, record(1, 59))])
    expect(live, 'people see it at once').toMatchObject([{ state: 'unacknowledged', occurrence: 1 }])
    expect(committed).toEqual([])
    await settle(clock)
    expect(committed).toEqual([{ node: 'north', outbox: OUTBOX, ranges: [[7, 7]], rows: 3 }])
    expect(notices()).toEqual([1])
  })

  test('an alarm that comes while an earlier one is being written is seen at once and acknowledged after it', async () => {
    const journal = new MemoryJournal()
    const append = journal.append.bind(journal)
    const writes: Array<() => void> = []
    journal.append = async (...args) => {
      await new Promise<void>((resolve) => writes.push(resolve))
      return append(...args)
    }
    const { alarms, live, committed, notices } = await desk(journal)
    alarms.records('north', [received(1, record(1, 50)), received(2, record(1, 50, 51))])
    expect(writes).toHaveLength(1)
    alarms.records('north', [received(3, record(2, 52))])
    expect(live.map(({ state, occurrence }) => [state, occurrence])).toEqual([
      ['returned-unacknowledged', 1],
      ['unacknowledged', 2],
    ])
    writes[0]!()
    await vi.waitFor(() => expect(writes).toHaveLength(2))
    expect(
      committed.map(({ ranges }) => ranges),
      'the third is not durable yet',
    ).toEqual([[[1, 2]]])
    expect(notices()).toEqual([1])
    writes[1]!()
    await vi.waitFor(() => expect(committed.at(-1)!.ranges).toEqual([[1, 3]]))
    expect(notices()).toEqual([1, 2])
  })

  test('what was added while the journal broke is written in its order when it can be', async () => {
    const journal = new MemoryJournal()
    const append = journal.append.bind(journal)
    let broken = true
    journal.append = async (...args) => {
      await Promise.resolve()
      if (broken) throw new Error('disk full')
      return append(...args)
    }
    const { alarms, clock, committed, notices } = await desk(journal)
    alarms.records('north', [received(1, record(1, 50)), received(2, record(1, 50, 51))])
    alarms.records('north', [received(3, record(2, 52))])
    await settle(clock)
    expect(committed).toEqual([])
    broken = false
    await clock.advance(10n * NS_PER_S)
    expect(notices()).toEqual([1, 2])
    expect(committed.flatMap(({ ranges }) => ranges)).toEqual([[1, 3]])
  })

  test('comes again for what is resent, and nobody is told again', async () => {
    const { alarms, clock, committed, notices, journal } = await desk()
    alarms.records('north', [received(7, record(1, 59)), received(8, record(1, 59, 60))])
    await settle(clock)
    const rows = journal.rows.length
    alarms.records('north', [received(7, record(1, 59), true)])
    alarms.records('north', [received(8, record(1, 59, 60), true)])
    await settle(clock)
    expect(committed.map((c) => c.ranges)).toEqual([[[7, 8]], [[7, 7]], [[8, 8]]])
    expect(notices()).toEqual([1])
    expect(journal.rows).toHaveLength(rows)
  })

  test('a record that cannot be counted is neither told nor acknowledged', async () => {
    const { alarms, clock, committed, journal } = await desk()
    alarms.records('north', [received(7, record(0, 59))])
    await settle(clock)
    expect(committed).toEqual([])
    expect(journal.rows).toEqual([])
  })
})

describe('an alarm is never silently missed', () => {
  test('(a) uplink cut: the birth tells of it, the resent records are silent', async () => {
    const { alarms, clock, notices, creek, journal } = await desk()
    alarms.birth('north', OUTBOX, [{ record: record(1, 5, 9), limit: limitOf('creek-red') }])
    alarms.records('north', [received(3, record(1, 5), true), received(4, record(1, 5, 9), true)])
    await settle(clock)
    expect(notices()).toEqual([1])
    expect(creek()).toMatchObject({ state: 'returned-unacknowledged', late: [{ occurrence: 1 }] })
    expect(journal.rows.find((r) => r.kind === 'notice')?.body).toContain('LATE: at 14:05, learned 15:00')
  })

  test('(a) two occurrences during the cut: the birth knows the last, the resent records bring the other', async () => {
    const { alarms, clock, notices, creek } = await desk()
    alarms.birth('north', OUTBOX, [{ record: record(2, 20, 25), limit: limitOf('creek-red') }])
    const resent = [record(1, 5), record(1, 5, 9), record(2, 20), record(2, 20, 25)]
    alarms.records(
      'north',
      resent.map((r, i) => received(i + 1, r, true)),
    )
    await settle(clock)
    expect(notices()).toEqual([2, 1])
    expect(creek().late.map((l) => l.occurrence)).toEqual([1, 2])
  })

  test('(b) desk dead: the next desk, on the same journal, learns it late and tells it once', async () => {
    const first = await desk()
    first.alarms.records('north', [received(1, record(1, 1)), received(2, record(1, 1, 2))])
    await first.alarms.stop()
    const second = await desk(first.journal)
    second.alarms.birth('north', OUTBOX, [{ record: record(2, 30, 40), limit: limitOf('creek-red') }])
    second.alarms.records('north', [received(3, record(2, 30), true), received(4, record(2, 30, 40), true)])
    await second.alarms.stop()
    expect(second.notices()).toEqual([1, 2])
    const third = await desk(first.journal)
    third.alarms.birth('north', OUTBOX, [{ record: record(2, 30, 40), limit: limitOf('creek-red') }])
    await third.alarms.stop()
    expect(third.notices()).toEqual([1, 2])
  })

  test('(c) rise and return in one packet: told as late, exactly once, never as if it were true', async () => {
    const { alarms, clock, notices, live, journal } = await desk()
    alarms.records('north', [received(1, record(1, 5)), received(2, record(1, 5, 9))])
    await settle(clock)
    expect(live.map((a) => a.state)).toEqual(['returned-unacknowledged'])
    expect(notices()).toEqual([1])
    expect(journal.rows.find((r) => r.kind === 'notice')?.body).toContain('LATE')
  })

  test('(c) the packet with the rise was dropped and the condition is still true: told at once, true onset', async () => {
    const { alarms, clock, notices, creek } = await desk()
    alarms.birth('north', OUTBOX, [{ record: record(1, 5), limit: limitOf('creek-red') }])
    alarms.records('north', [received(1, record(1, 5), true)])
    await settle(clock)
    expect(notices()).toEqual([1])
    expect(creek()).toMatchObject({ state: 'unacknowledged', onset_ns: String(at(5)), learned_ns: String(at(60)) })
  })

  test('a limit that the site file does not know is an alarm all the same', async () => {
    const { alarms, clock, notices } = await desk()
    alarms.records('south', [
      {
        ...received(1, record(1, 59, undefined, { limit_id: 'new' })),
        identity: { ...received(1, record(1, 1)).identity, node: 'south' },
      },
    ])
    await settle(clock)
    expect(notices()).toEqual([1])
    expect(alarms.list().find((a) => a.id === 'south:new')).toMatchObject({ state: 'unacknowledged', name: 'new' })
  })
})

describe('a restart', () => {
  test('finds every alarm as it was: state, late list, comments, who acknowledged', async () => {
    const first = await desk()
    first.alarms.birth('north', OUTBOX, [{ record: record(2, 20), limit: limitOf('creek-red', true) }])
    const { etag } = first.creek()
    const done = await first.alarms.command('north:creek-red', { kind: 'acknowledge', occurrence: 2, etag, by: 'Mei' })
    expect(done).toHaveProperty('alarm.state', 'acknowledged')
    await first.alarms.command('north:creek-red', { kind: 'comment', by: 'Lin', text: 'pump is on' })
    first.alarms.records('north', [received(1, record(1, 5, 9), true)])
    await first.alarms.stop()
    const second = await desk(first.journal)
    const { latch: _, ...before } = first.creek()
    expect(second.creek()).toMatchObject({ ...before, late: [{ occurrence: 1 }], acknowledged_by: 'Mei' })
    expect(second.creek().comments).toMatchObject([{ by: 'Lin', text: 'pump is on' }])
  })
})

describe('when the journal cannot be written', () => {
  test('alarms go live, nothing is acknowledged to edge or person, and everything is written when it can be', async () => {
    const { alarms, clock, committed, live, journal, notices, creek, recovered } = await desk()
    journal.full = true
    alarms.records('north', [received(1, record(1, 59))])
    await settle(clock)
    expect(live).toMatchObject([{ state: 'unacknowledged' }])
    expect(committed).toEqual([])
    expect(alarms.away).toContain('DATA_FULL')
    const { etag } = creek()
    const refused = await alarms.command('north:creek-red', { kind: 'acknowledge', occurrence: 1, etag, by: 'Mei' })
    expect(refused).toEqual({ away: expect.stringContaining('DATA_FULL') })
    expect(creek().state, 'nobody believes it acknowledged').toBe('unacknowledged')
    alarms.records('north', [received(2, record(1, 59, 60))])
    await settle(clock)
    journal.full = false
    await clock.advance(6n * NS_PER_S)
    expect(alarms.away).toBeUndefined()
    expect(notices()).toEqual([1])
    expect(committed.map((c) => c.ranges)).toEqual([[[1, 2]]])
    expect(recovered).toHaveBeenCalledOnce()
    expect(creek().state).toBe('returned-unacknowledged')
    expect((await journal.alarms()).map((a) => JSON.parse(a.body).state)).toEqual(['returned-unacknowledged'])
  })

  test('what a thousand inputs make is written in few transactions', async () => {
    const { alarms, clock, journal, notices } = await desk()
    for (let n = 1; n <= 500; n++) {
      alarms.records('north', [received(2 * n, record(n, n))])
      alarms.records('north', [received(2 * n + 1, record(n, n, n + 0.5))])
    }
    await settle(clock)
    expect(notices()).toHaveLength(500)
    expect(journal.transactions).toBeLessThan(10)
  })
})

describe('people', () => {
  test('an alarm that is not there, a stale view, a refused reset', async () => {
    const { alarms, clock, creek } = await desk()
    expect(await alarms.command('north:none', { kind: 'comment', by: 'Mei', text: 'x' })).toEqual({ unknown: true })
    alarms.records('north', [received(1, record(1, 59))])
    await settle(clock)
    const { etag } = creek()
    const acknowledge = { kind: 'acknowledge', occurrence: 1, etag, by: 'Mei' } as const
    const both = await Promise.all([
      alarms.command('north:creek-red', acknowledge),
      alarms.command('north:creek-red', acknowledge),
    ])
    expect(
      both.map((r) => 'alarm' in r),
      'two people, one acknowledgement',
    ).toEqual([true, false])
    expect(await alarms.command('north:creek-red', { kind: 'reset', etag: creek().etag, by: 'Mei' })).toHaveProperty(
      'refused',
    )
  })
})
