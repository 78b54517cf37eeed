/** A message that expires is renewed when its time comes, without any alarm that changes, and after a restart as well. */
import { expect, test } from 'vitest'
import type { AlarmJson, JournalEntryJson } from '../../domain/alarm.ts'
import { loadSite } from '../../domain/site-load.ts'
import { NS_PER_S } from '../../domain/time.ts'
import { SimulatedClock } from '../../runtime/clock.ts'
import { silentLog } from '../../runtime/log.ts'
import type { NewEntry } from '../alarm.ts'
import { at, siteText, testModels } from '../testing-site.ts'
import { CapDesk } from './cap-desk.ts'

const loaded = loadSite(
  `${siteText(false)}cap: { sender: desk@example.org, expires_min: 60, levels: [{ level: creek/red, release: automatic }] }\n`,
  'cap.yaml',
  { models: testModels, recordings: new Set(['any']) },
  () => undefined,
)
if ('mistakes' in loaded) throw new Error(JSON.stringify(loaded.mistakes))
const { site } = loaded

const standing = {
  ...{ id: 'north:creek-red', limit_id: 'creek-red', name: 'Creek above red', channel: 'creek/stage', kind: 'above' },
  ...{ unit: 'm', value: 2.05, limit: 2, occurrence: 1, onset_ns: String(at(0)), returned_ns: null },
  ...{ flag: 1, unconfirmed: false, unknown: null, aside: null, exercise: false, drill: null },
} as unknown as AlarmJson

async function desk(clock: SimulatedClock, journal: NewEntry[]) {
  const alarms = {
    list: () => [standing],
    book: { json: () => standing },
    append: async (entries: readonly NewEntry[]) => {
      journal.push(...entries)
      for (const entry of entries) one.heard(entry as unknown as JournalEntryJson)
      return undefined
    },
  }
  const one: CapDesk = new CapDesk({ site, clock, log: silentLog, alarms: () => alarms as never })
  await one.start({ ofKind: async () => journal } as never)
  return one
}
const told = (one: CapDesk) => one.list().map(({ msg_type, status }) => `${msg_type} ${status}`)
const minutes = (n: number) => BigInt(n) * 60n * NS_PER_S

test('half-way, again after that, and after a restart as if the desk had not been away', async () => {
  const [clock, journal] = [new SimulatedClock(at(0)), [] as NewEntry[]]
  const first = await desk(clock, journal)
  await clock.advance(minutes(29))
  expect(told(first)).toEqual(['Alert Actual'])
  await clock.advance(minutes(2))
  expect(told(first)).toEqual(['Update Actual', 'Alert Actual'])
  await clock.advance(minutes(31))
  expect(told(first)).toHaveLength(3)
  await first.stop()
  await clock.advance(minutes(40))
  const second = await desk(clock, journal)
  await clock.advance(minutes(1))
  expect(told(second)).toHaveLength(4)
  await second.stop()
  await clock.advance(minutes(60))
  expect(told(second), 'stopped').toHaveLength(4)
})
