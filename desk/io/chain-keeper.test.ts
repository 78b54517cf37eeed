import { expect, test } from 'vitest'
import type { JournalEntryJson } from '../../domain/alarm.ts'
import { NS_PER_S } from '../../domain/time.ts'
import { SimulatedClock } from '../../runtime/clock.ts'
import { createLog } from '../../runtime/log.ts'
import { at } from '../testing-site.ts'
import { ChainKeeper } from './chain-keeper.ts'

const HOUR = 3600n * NS_PER_S

function keeper(rows: ReadonlyArray<Partial<JournalEntryJson>> = [], anchors: Array<object | Error> = []) {
  const clock = new SimulatedClock(at(0))
  const [lines, noted, asked]: [string[], object[], unknown[][]] = [[], [], []]
  const journal = {
    ofKind: async (kind: string) => rows.filter((row) => row.kind === kind),
    retain: async (...call: unknown[]) => {
      asked.push(call)
      const next = anchors.shift()
      if (next instanceof Error) throw next
      return next
    },
  }
  const alarms = {
    journalHead: { seq: 41, hash: 'f00d' },
    note: async (kind: string, actor: string, body: object) => void noted.push({ kind, actor, body }),
  }
  const keeping = new ChainKeeper({
    ...{ clock, days: 400, log: createLog({ write: (line) => lines.push(line), pretty: false }) },
    ...{ alarms: () => alarms as never, journal: journal as never },
  })
  return { clock, keeping, lines, noted, asked }
}

test('the head of the chain goes into the log and the journal once a day, by the clock that nobody sets', async () => {
  const { clock, keeping, lines, noted } = keeper()
  const hours = async (count: number) => {
    for (let hour = 0; hour < count; hour++) {
      await clock.advance(HOUR)
      await keeping.tick()
    }
  }
  await hours(23)
  clock.stepWall(48n * HOUR)
  await keeping.tick()
  expect(lines).toEqual([])
  await hours(1)
  expect(lines).toHaveLength(1)
  expect(JSON.parse(lines[0]!)).toMatchObject({ message: 'head of the journal', seq: 41, hash: 'f00d' })
  expect(noted).toEqual([{ kind: 'chain', actor: 'desk', body: { what: 'head', seq: 41, hash: 'f00d', to: 'log' } }])
  await hours(48)
  expect(noted).toHaveLength(3)
})

test('what is older than the site keeps is removed, piece by piece until nothing is left to remove', async () => {
  const { clock, keeping, asked, lines } = keeper([], [{ body: { removed_to: 20 } }, { body: { removed_to: 33 } }])
  await clock.advance(24n * HOUR)
  await keeping.tick()
  const now = at(24 * 60)
  expect(asked).toEqual(
    Array.from({ length: 3 }, () => [String(now - 400n * 24n * HOUR), Number.MAX_SAFE_INTEGER, String(now)]),
  )
  expect(lines.filter((line) => line.includes('removed and sealed'))).toHaveLength(2)
})

test('nothing is removed from the first entry on of a drill or a window that is not over', async () => {
  const { clock, keeping, asked } = keeper([
    { seq: 3, kind: 'drill', body: { what: 'started', drill: 'd1' } },
    { seq: 5, kind: 'maintenance', body: { what: 'planned', id: 'm1' } },
    { seq: 8, kind: 'drill', body: { what: 'ended', drill: 'd1' } },
    { seq: 9, kind: 'maintenance', body: { what: 'started', id: 'm1' } },
    { seq: 12, kind: 'drill', body: { what: 'started', drill: 'd2' } },
  ])
  await clock.advance(24n * HOUR)
  await keeping.tick()
  expect(asked[0]![1]).toBe(5)
})

test('a journal that cannot be written is tried again a day later', async () => {
  const { clock, keeping, asked, lines } = keeper([], [new Error('DATA_FULL')])
  await clock.advance(24n * HOUR)
  await keeping.tick()
  expect(lines.at(-1)).toContain('cannot be removed')
  await clock.advance(HOUR)
  await keeping.tick()
  expect(asked).toHaveLength(1)
  await clock.advance(23n * HOUR)
  await keeping.tick()
  expect(asked).toHaveLength(2)
})
