import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { have } from '../../broker/real-tools.fixture.ts'
import type { AlarmJson } from '../../domain/alarm.ts'
import { loadSite } from '../../domain/site-load.ts'
import type { Instant } from '../../domain/time.ts'
import type { NewEntry } from '../alarm.ts'
import { at, siteText, testModels } from '../testing-site.ts'
import { CapBook, type CapEntry, etagOf, isDraft, type Kept, messageOf, statusOf } from './cap-book.ts'
import { capFeed } from './cap-feed.ts'
import { nextRenewal, planOf, referencesOf, releaseOf, withdrawOf } from './cap-plan.ts'
import { capXml } from './cap-xml.ts'

const lint = have('xmllint', 'libxml2-utils', 'xmllint', ['--version'])
const folder = mkdtempSync(join(tmpdir(), 'cap-plan-'))
afterAll(() => rmSync(folder, { recursive: true }))
const xsd = join(import.meta.dirname, 'cap-1.2.xsd')
function valid(xml: string, ...schema: string[]): string {
  if (!lint) return xml
  writeFileSync(join(folder, 'a.xml'), xml)
  execFileSync('xmllint', ['--noout', ...schema, join(folder, 'a.xml')], { stdio: 'pipe' })
  return xml
}

/** The creek with a second level below red, and `cap:`. */
function capSite(automatic = false, test = false, expires_min?: number) {
  const text = siteText(false)
    .replace(
      'levels: [',
      'area: { polygon: [{ latitude: 25, longitude: 121 }, { latitude: 25.1, longitude: 121 }, { latitude: 25.1, longitude: 121.1 }], geocodes: [{ name: Taiwan_Geocode_112, value: "63000" }] }, levels: [\n      { id: watch, name: "Watch <1> & more", stage: 1, severity: action, meaning: look },',
    )
    .replace(
      'limits:\n',
      'limits:\n  - { id: creek-watch, name: Creek above watch, channel: creek/stage, level: creek/watch }\n',
    )
  const cap = `cap: { sender: desk@example.org, test: ${test}, ${expires_min === undefined ? '' : `expires_min: ${expires_min}, `}levels: [${automatic ? '{ level: creek/watch, release: automatic }' : ''}] }\n`
  const loaded = loadSite(text + cap, 'cap.yaml', { models: testModels, recordings: new Set(['any']) }, () => undefined)
  if ('mistakes' in loaded) throw new Error(JSON.stringify(loaded.mistakes))
  return loaded.site
}

class Story {
  readonly site
  readonly journal: NewEntry[] = []
  readonly alarms = new Map<string, AlarmJson>()
  book = new CapBook()
  minute = 0
  constructor(automatic = false, test = false, expires_min?: number) {
    this.site = capSite(automatic, test, expires_min)
  }
  get now(): Instant {
    return at(this.minute)
  }
  write(entries: NewEntry[]): void {
    this.journal.push(...entries)
    for (const entry of entries) this.book.apply(entry as unknown as CapEntry)
  }
  /** Until nothing is left to do; what is shown is valid at every moment. */
  settle(): this {
    const entries = planOf({ alarms: this.alarms.values(), book: this.book, site: this.site, now: this.now })
    this.write(entries)
    expect(planOf({ alarms: this.alarms.values(), book: this.book, site: this.site, now: this.now })).toEqual([])
    for (const message of this.book.list()) this.xml(message)
    valid(this.feed())
    return this
  }
  rise(limit: 'creek-watch' | 'creek-red', more: Partial<AlarmJson> = {}): this {
    this.minute++
    const about = {
      limit_id: limit,
      id: `north:${limit}`,
      name: limit,
      channel: 'creek/stage',
      kind: 'above',
      unit: 'm',
    }
    const doubts = { flag: 1, unconfirmed: false, unknown: null, aside: null, exercise: false, drill: null }
    const alarm = {
      ...about,
      ...doubts,
      onset_ns: String(this.now),
      returned_ns: null,
      value: 2.05,
      limit: 2,
      occurrence: 1,
    }
    this.alarms.set(alarm.id, { ...alarm, ...more } as unknown as AlarmJson)
    return this.settle()
  }
  fall(limit: string, more: Partial<AlarmJson> = {}): this {
    this.minute++
    const alarm = this.alarms.get(`north:${limit}`)!
    this.alarms.set(alarm.id, { ...alarm, returned_ns: String(this.now), ...more })
    return this.settle()
  }
  release(): this {
    this.minute++
    this.write(releaseOf(this.book.list().find(isDraft)!, this.book, 'Mei', this.now))
    return this.settle()
  }
  withdraw(message: Kept): this {
    this.minute++
    this.write(withdrawOf(message, this.book, this.site, 'Mei', this.now))
    return this.settle()
  }
  /** Only the journal is left. */
  restart(): this {
    this.book = new CapBook()
    for (const entry of this.journal) this.book.apply(JSON.parse(JSON.stringify(entry)) as CapEntry)
    return this.settle()
  }
  xml(message: Kept): string {
    return valid(capXml(messageOf(message, referencesOf(message, this.book)), 'Asia/Taipei'), '--schema', xsd)
  }
  feed(): string {
    const about = { site: 'yard', name: 'The <yard>', sender: 'desk@example.org', public_url: undefined, now: this.now }
    return capFeed(this.book, about)
  }
  /** Oldest first. */
  get told(): string[] {
    return [...this.book.list()]
      .reverse()
      .map(
        (one) =>
          `${one.msg_type} ${statusOf(one)} ${one.rank}${one.withdrawn ? ` withdrawn by ${one.withdrawn.by}` : ''}`,
      )
  }
}

describe.each([false, true])('a rise through two levels (started anew in the middle: %s)', (anew) => {
  const again = (story: Story) => (anew ? story.restart() : story)
  test('is Alert, Update, Cancel, each naming what it follows, each after an operator released it', () => {
    const story = new Story()
    again(story.rise('creek-watch'))
    expect(story.told).toEqual(['Alert Draft 0'])
    expect(story.feed()).not.toContain('<entry>')
    again(story.release())
    again(story.rise('creek-red'))
    again(story.release())
    again(story.fall('creek-red').fall('creek-watch'))
    expect(story.told.slice(0, 2)).toEqual(['Alert Actual 0', 'Update Actual 1'])
    expect(story.told.at(-1)).toBe('Cancel Draft 1')
    again(story.release())
    const [cancel] = story.book.list()
    const sent = story.book
      .list()
      .filter(({ released }) => released !== null)
      .reverse()
    const [alert, update] = sent
    // Sender, identifier and the instant of release: minutes 2 and 4 after 14:00 in Taipei.
    const first = `desk@example.org,${alert!.id},2018-06-03T14:02:00+08:00`
    const second = `desk@example.org,${update!.id},2018-06-03T14:04:00+08:00`
    expect(story.xml(alert!)).not.toContain('<references>')
    expect(story.xml(update!)).toContain(`<references>${first}</references>`)
    expect(story.xml(cancel!)).toContain(`<references>${first} ${second}</references>`)
    expect(story.feed().match(/<entry>/g)).toHaveLength(3)
    expect(new Set(sent.map(({ id }) => id)).size).toBe(3)
  })
})

test('a site that tests sends every message of real sensors as Test, with the same chain; an exercise stays one', () => {
  const story = new Story(false, true).rise('creek-watch').release().rise('creek-red').release()
  story.fall('creek-red').fall('creek-watch').release()
  const [cancel, update, alert] = story.book.list().filter(({ released }) => released !== null)
  expect([alert, update, cancel].map((one) => `${one!.msg_type} ${statusOf(one!)} ${one!.rank}`)).toEqual([
    ...['Alert Test 0', 'Update Test 1', 'Cancel Test 1'],
  ])
  const told = story.told
  for (const message of [alert!, update!, cancel!]) expect(story.xml(message)).toContain('<status>Test</status>')
  expect(story.xml(update!)).toContain(`<references>desk@example.org,${alert!.id},`)
  expect(story.xml(cancel!)).toContain(` desk@example.org,${update!.id},`)
  expect(story.restart().told).toEqual(told)

  const exercise = new Story(false, true).rise('creek-watch', { exercise: true }).release()
  expect(exercise.told).toEqual(['Alert Exercise 0'])
})

test('a draft whose water fell before anybody released it is put away, and nothing is cancelled', () => {
  expect(new Story().rise('creek-red').fall('creek-red').told).toEqual(['Alert Draft 1 withdrawn by desk'])
})

describe('automatic release', () => {
  test('goes out and is taken back by itself where the level says so, and waits where it does not', () => {
    const story = new Story(true).rise('creek-watch')
    expect(story.told).toEqual(['Alert Actual 0'])
    expect(story.rise('creek-red').told.at(-1)).toBe('Update Draft 1')
    story.fall('creek-red').fall('creek-watch')
    expect(story.told.at(-1)).toBe('Cancel Actual 0')
  })
  test.each<[string, Partial<AlarmJson>]>([
    ['unconfirmed', { unconfirmed: true }],
    ['suspect', { flag: 3 }],
    ['not judged', { flag: 2 }],
    ['of a channel that is silent', { unknown: { since_ns: '1', cause: 'node-offline' } } as Partial<AlarmJson>],
  ])('never on a value that is %s; it says so and its certainty is unknown', (_, doubt) => {
    const story = new Story(true).rise('creek-watch', doubt)
    expect(story.told).toEqual(['Alert Draft 0'])
    expect(story.restart().told).toEqual(['Alert Draft 0'])
    const xml = story.xml(story.book.list()[0]!)
    expect(xml).toContain('<certainty>Unknown</certainty>')
    expect(xml).toContain('UNCONFIRMED')
    expect(xml).toContain('未確認')
  })
  test('does not take a message back on a suspect value', () => {
    const story = new Story(true).rise('creek-watch').fall('creek-watch', { flag: 3 })
    expect(story.told).toEqual(['Alert Actual 0', 'Cancel Draft 0'])
  })
})

describe('a message that expires', () => {
  const expires = (story: Story) =>
    [...story.book.list()].reverse().map((message) => /<expires>(.*)<\/expires>/.exec(story.xml(message))?.[1])
  const later = (story: Story, minute: number) => {
    story.minute = minute
    return story.settle()
  }

  test('without the key says nothing of its end and is never renewed', () => {
    const story = later(new Story(true).rise('creek-watch'), 50_000)
    expect([story.told, expires(story)]).toEqual([['Alert Actual 0'], [undefined]])
    expect(nextRenewal(story.book)).toBeUndefined()
  })

  // Minute 0 is 14:00 in Taipei; 60 minutes, renewed after 30.
  test('counts from when it went out; while the level stands an Update renews it; the Cancel ends it', () => {
    const story = new Story(true, false, 60).rise('creek-watch')
    expect(expires(story)).toEqual(['2018-06-03T15:01:00+08:00'])
    expect(nextRenewal(story.book)).toBe(at(31))
    expect(later(story, 30).told).toEqual(['Alert Actual 0'])
    expect(later(story, 31).restart().told).toEqual(['Alert Actual 0', 'Update Actual 0'])
    expect(expires(story).at(-1)).toBe('2018-06-03T15:31:00+08:00')
    expect(story.xml(story.book.list()[0]!)).toMatch(/<references>desk@example\.org,[^,]+,2018-06-03T14:01:00\+08:00</)
    story.fall('creek-watch')
    expect(story.told.at(-1)).toBe('Cancel Actual 0')
    expect(nextRenewal(story.book), 'nothing stands').toBeUndefined()
  })

  test('that an operator released is renewed by one, who has half of its time; the release counts', () => {
    const story = new Story(false, false, 60).rise('creek-red')
    expect(expires(story), 'if it went out now').toEqual(['2018-06-03T15:01:00+08:00'])
    story.minute = 9
    story.release()
    expect(expires(story)).toEqual(['2018-06-03T15:10:00+08:00'])
    expect(later(story, 40).told).toEqual(['Alert Actual 1', 'Update Draft 1'])
    expect(later(story, 100).told, 'one draft, however long it waits').toHaveLength(2)
    story.release()
    expect(story.told).toEqual(['Alert Actual 1', 'Update Actual 1'])
    expect(expires(story).at(-1)).toBe('2018-06-03T16:41:00+08:00')
    // Who withdraws a renewal lets the message end.
    later(story, 140)
    story.withdraw(story.book.list()[0]!)
    expect(later(story, 300).told.at(-1)).toBe('Update Draft 1 withdrawn by Mei')
  })

  test('is not renewed by itself on a suspect value', () => {
    const story = new Story(true, false, 60).rise('creek-watch')
    story.alarms.set('north:creek-watch', { ...story.alarms.get('north:creek-watch')!, flag: 3 })
    expect(later(story, 40).told).toEqual(['Alert Actual 0', 'Update Draft 0'])
    expect(story.xml(story.book.list()[0]!)).toContain('UNCONFIRMED')
  })
})

describe('withdrawn by a person', () => {
  test('what went out is cancelled at once under the name, and not brought up again for the same occurrence', () => {
    const story = new Story(true).rise('creek-watch')
    story.withdraw(story.book.list()[0]!).restart()
    expect(story.told).toEqual(['Alert Actual 0 withdrawn by Mei', 'Cancel Actual 0'])
    expect(story.book.list()[0]).toMatchObject({ released: { by: 'Mei' } })
    expect(story.fall('creek-watch').rise('creek-watch').told.at(-1)).toBe('Alert Actual 0')
  })
  test('a draft never goes out, and its mark of change differs', () => {
    const story = new Story().rise('creek-red')
    const before = etagOf(story.book.list()[0]!)
    story.withdraw(story.book.list()[0]!)
    expect(story.told).toEqual(['Alert Draft 1 withdrawn by Mei'])
    expect(etagOf(story.book.list()[0]!)).not.toBe(before)
  })
})

test('a drill has a chain of its own, status Exercise, and is marked in both languages', () => {
  const story = new Story().rise('creek-watch').release()
  story.rise('creek-red', { exercise: true, drill: { id: 'flood-1', name: 'Flood & fire' } }).release()
  expect(story.told).toEqual(['Alert Actual 0', 'Alert Exercise 1'])
  const xml = story.xml(story.book.list()[0]!)
  expect(xml.match(/<headline>(EXERCISE: |演習：)/g)).toHaveLength(2)
  expect(xml.match(/<description>(EXERCISE|演習) - /g)).toHaveLength(2)
  expect(xml.match(/<language>(en|zh-TW)<\/language>/g)).toHaveLength(2)
})

test('urgency, severity and response by the table; the area closed; every text escaped', () => {
  const story = new Story().rise('creek-watch')
  const low = story.xml(story.book.list()[0]!)
  for (const part of ['urgency>Expected', 'severity>Minor', 'responseType>Monitor', 'certainty>Observed'])
    expect(low).toContain(`<${part}<`)
  expect(low).toContain('<polygon>25,121 25.1,121 25.1,121.1 25,121</polygon>')
  expect(low).toContain('<headline>Creek: Watch &#60;1&#62; &#38; more reached</headline>')
  const high = new Story().rise('creek-red')
  for (const part of ['urgency>Immediate', 'severity>Extreme', 'responseType>Execute'])
    expect(high.xml(high.book.list()[0]!)).toContain(`<${part}<`)
})

test('an alarm that was put aside makes no message, and takes none back', () => {
  const aside = { aside: { underlying: 'unacknowledged' } } as Partial<AlarmJson>
  expect(new Story(true).rise('creek-watch', aside).told).toEqual([])
  const story = new Story(true).rise('creek-watch')
  story.alarms.set('north:creek-watch', { ...story.alarms.get('north:creek-watch')!, ...aside })
  expect(story.settle().told).toEqual(['Alert Actual 0'])
})
