import { mkdir, mkdtemp, rm, utimes } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { NS_PER_S } from '../../domain/time.ts'
import { SimulatedClock } from '../../runtime/clock.ts'
import { silentLog } from '../../runtime/log.ts'
import type { NewEntry } from '../alarm.ts'
import { siteWith } from '../telling/testing-telling.ts'
import { MemoryJournal } from '../testing-journal.ts'
import { at } from '../testing-site.ts'
import { DailyMail } from './daily-mail.ts'

const SITE = siteWith(`
notices:
  smtp: { host: mail.example.org, from: a@example.org }
  contacts:
    - { id: mei, name: Mei Lin, language: zh-TW, channels: [{ id: mail, email: { to: mei@example.org } }] }
    - { id: lin, name: Lin Bo, channels: [{ id: phone, mqtt: { topic: lin } }, { id: mail, email: { to: lin@example.org } }] }
  daily_mail: { at: "15:00", to: [mei, lin] }
`)
const HOUR = 3600n * NS_PER_S
const ends: Array<() => Promise<unknown>> = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

type Sent = { to: string; channel: string; action: string; text: string; name: string }

/** From 14:00 of the site's time on. */
async function mailing(journal = new MemoryJournal(), clock = new SimulatedClock(at(0)), backups?: string) {
  const sent: Sent[] = []
  const state = { away: undefined as string | undefined }
  const append = async (entries: readonly NewEntry[]) => {
    if (state.away === undefined) await journal.append(entries, [])
    return state.away
  }
  const teller = {
    book: { deliveries: () => [] },
    deliver: async (target: never, action: string, message: { text: string }, _: string, name: string) => {
      const { contact, channel } = target as { contact: { id: string }; channel: { id: string } }
      sent.push({ to: contact.id, channel: channel.id, action, text: message.text, name })
    },
  }
  const mail = new DailyMail({
    ...{ settings: SITE.file.notices!.daily_mail!, site: SITE, notices: SITE.file.notices!, clock, log: silentLog },
    ...{ teller: teller as never, alarms: { append }, journal, backups },
    standing: () => ({ alarms: [], devices: [], exercise: false }),
  })
  ends.push(() => mail.stop())
  const comment = () =>
    journal.append(
      [
        {
          at_ns: String(clock.now()),
          kind: 'comment',
          alarm: null,
          occurrence: null,
          actor: 'Mei',
          body: { text: 'x' },
          dedupe: null,
        },
      ],
      [],
    )
  await comment()
  mail.start()
  await clock.advance(0n)
  return { mail, journal, clock, sent, state, comment }
}

test('at its time to every mailbox, with the head of the journal as it was then; once a day', async () => {
  const { journal, clock, sent, comment } = await mailing()
  await clock.advance(HOUR - 30n * NS_PER_S)
  expect(sent).toEqual([])
  await comment()
  const head = journal.rows.at(-1)!
  await clock.advance(60n * NS_PER_S)
  expect(sent.map(({ to, channel, action, name }) => [to, channel, action, name])).toEqual([
    ['mei', 'mail', 'daily', '2018-06-03'],
    ['lin', 'mail', 'daily', '2018-06-03'],
  ])
  // Who keeps the mail can prove by it that nothing before was changed.
  for (const { text } of sent) {
    expect(text).toContain(head.hash)
    expect(text).toMatch(new RegExp(`\\b${head.seq}\\b`))
  }
  const chain = journal.rows.filter(({ kind }) => kind === 'chain')
  expect(chain.map(({ body }) => JSON.parse(body) as object)).toEqual([
    expect.objectContaining({ what: 'daily mail', date: '2018-06-03', seq: head.seq, hash: head.hash, late: false }),
  ])
  await clock.advance(23n * HOUR)
  expect(sent).toHaveLength(2)
  await clock.advance(2n * HOUR)
  expect(sent).toHaveLength(4)
})

test('a desk that was started again that day sends no second one; one that was away at its time sends it late', async () => {
  const first = await mailing()
  await first.clock.advance(HOUR + 60n * NS_PER_S)
  expect(first.sent).toHaveLength(2)
  await first.mail.stop()
  const second = await mailing(first.journal, first.clock)
  await second.clock.advance(HOUR)
  expect(second.sent).toEqual([])
  await second.mail.stop()

  const clock = new SimulatedClock(at(4 * 60))
  const away = await mailing(new MemoryJournal(), clock)
  await clock.advance(60n * NS_PER_S)
  expect(away.sent).toHaveLength(2)
  expect(
    away.journal.rows.filter(({ kind }) => kind === 'chain').map(({ body }) => JSON.parse(body) as object),
  ).toEqual([expect.objectContaining({ late: true })])
})

test('while the journal cannot be written it waits, and goes out once it can', async () => {
  const { clock, sent, state } = await mailing()
  state.away = 'DATA_FULL'
  await clock.advance(2n * HOUR)
  expect(sent).toEqual([])
  state.away = undefined
  await clock.advance(60n * NS_PER_S)
  expect(sent).toHaveLength(2)
})

test('tells how old the newest backup is, where it is told the folder', async () => {
  const backups = await mkdtemp(join(tmpdir(), 'daily-'))
  ends.push(() => rm(backups, { recursive: true }))
  const clock = new SimulatedClock(at(0))
  for (const [name, hours] of [
    ['old', 100],
    ['new', 6],
  ] as const) {
    await mkdir(join(backups, name))
    const when_s = Number(at(60) / NS_PER_S) - hours * 3600
    await utimes(join(backups, name), when_s, when_s)
  }
  const { sent } = await mailing(new MemoryJournal(), clock, backups)
  await clock.advance(HOUR + 30n * NS_PER_S)
  await expect.poll(() => sent.find(({ to }) => to === 'lin')?.text, { timeout: 10_000 }).toMatch(/\b6\.0 h/)
})
