/** Telling people end to end: the alarm desk, its journal, the teller, and channels that do what the story says. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fastify } from 'fastify'
import { afterEach, describe, expect, test } from 'vitest'
import { NS_PER_S } from '../../domain/time.ts'
import type { ReceivedCondition } from '../../domain/wire/condition.ts'
import { SimulatedClock } from '../../runtime/clock.ts'
import { silentLog } from '../../runtime/log.ts'
import { doorsOf } from '../access.ts'
import type { NewEntry } from '../alarm.ts'
import { answerRoutes } from '../routes/answer.ts'
import { siteWith } from '../telling/testing-telling.ts'
import { MemoryJournal } from '../testing-journal.ts'
import { at, OUTBOX, record } from '../testing-site.ts'
import { AlarmDesk } from './alarm-desk.ts'
import type { DeskContext } from './desk-context.ts'
import { guard } from './guard.ts'
import type { Outgoing, SendResult } from './send/outgoing.ts'
import type { Senders } from './send/senders.ts'
import { Teller } from './teller.ts'

const NOTICES = `
desk: { public_url: https://desk.example.org }
notices:
  smtp: { host: mail.example.org, from: a@example.org }
  contacts:
    - { id: mei, name: Mei Lin, language: zh-TW, channels: [{ id: mail, email: { to: mei@example.org } }] }
    - { id: lin, name: Lin Bo, channels: [{ id: phone, mqtt: { topic: lin } }] }
  policies:
    - { id: all, steps: [{ to: [mei] }, { to: [lin] }] }
`
const SITE = siteWith(NOTICES)
const folders: string[] = []
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true, maxRetries: 5 })
})

class World {
  readonly clock: SimulatedClock
  readonly journal: MemoryJournal
  readonly sent: Outgoing[] = []
  answer: (outgoing: Outgoing, signal: AbortSignal) => Promise<SendResult> = async () => ({ ok: true, detail: 'taken' })
  alarms!: AlarmDesk
  teller!: Teller
  folder = ''

  constructor(journal = new MemoryJournal(), clock = new SimulatedClock(at(60))) {
    this.journal = journal
    this.clock = clock
  }
  async start(folder?: string): Promise<this> {
    this.folder = folder ?? (await mkdtemp(join(tmpdir(), 'teller-')))
    folders.push(this.folder)
    this.alarms = new AlarmDesk({
      ...{ site: SITE, journal: this.journal, clock: this.clock, log: silentLog },
      onAlarm: () => {},
      onEntry: (entry) => this.teller.heard(entry),
      onWaiting: (entries: readonly NewEntry[]) => this.teller.heardEarly(entries),
      onCommitted: () => {},
      onRecovered: () => {},
    })
    await this.alarms.start()
    const send = (outgoing: Outgoing, signal: AbortSignal) => {
      this.sent.push(outgoing)
      return this.answer(outgoing, signal)
    }
    const senders: Senders = { email: send, webhook: send, mqtt: send, output: send }
    this.teller = new Teller({
      ...{ site: SITE, notices: SITE.file.notices!, folder: this.folder, clock: this.clock, log: silentLog },
      ...{ journal: this.journal, alarms: this.alarms, senders, known: () => undefined },
    })
    await this.teller.start()
    return this
  }
  flood(n = 1, minute = 60): void {
    const condition: ReceivedCondition = {
      identity: { node: 'north', outbox: OUTBOX, stream: 'conditions', offset: n },
      historical: false,
      record: record(n, minute, undefined, { exercise: false }),
    }
    this.alarms.records('north', [condition])
  }
  /** The process is killed: nothing more of it happens. */
  async killed(): Promise<World> {
    const after = new World(this.journal, this.clock)
    void this.teller.stop()
    return after
  }
  seconds(s: number): Promise<void> {
    return this.clock.advance(BigInt(Math.round(s * 1000)) * (NS_PER_S / 1000n))
  }
  deliveries(): string[] {
    return this.journal.rows
      .filter(({ kind }) => kind === 'delivery')
      .map(({ body }) => JSON.parse(body) as { what: string; id: string })
      .map(({ what, id }) => `${what} ${id.split('-').slice(1).join('-')}`)
  }
}

describe('a message', () => {
  test('stands in the journal before it is sent, and what became of it after', async () => {
    const world = await new World().start()
    let planned: string[] = []
    world.answer = async () => {
      planned = world.deliveries()
      return { ok: true, detail: 'taken' }
    }
    world.flood()
    await world.seconds(5)
    expect(planned).toEqual(['planned 0.0.0-mei-mail'])
    expect(world.deliveries()).toEqual(['planned 0.0.0-mei-mail', 'sent 0.0.0-mei-mail'])
    const [{ message, contact }] = world.sent as [Outgoing]
    expect(contact.id).toBe('mei')
    expect(message.subject).toBe('高優先: Creek above red')
    expect(message.text).toContain('2.05 m')
    expect(message.text).toContain('Red：leave')
    expect(message.text).toMatch(/確認收到: https:\/\/desk\.example\.org\/answer\/[A-Za-z0-9_-]{43}\n/)
    await world.teller.stop()
  })

  test('is tried again with growing pauses until it is taken, one entry for the first failure', async () => {
    const world = await new World().start()
    const times: number[] = []
    const start = world.clock.now()
    world.answer = async () => {
      times.push(Number(world.clock.now() - start) / 1e9)
      return times.length < 4 ? { ok: false, permanent: false, detail: 'busy' } : { ok: true, detail: 'taken' }
    }
    world.flood()
    await world.seconds(200)
    // 3 s of grouping, then 5, 15 and 45 s.
    expect(times.map(Math.round)).toEqual([3, 8, 23, 68])
    expect(world.deliveries()).toEqual(['planned 0.0.0-mei-mail', 'retrying 0.0.0-mei-mail', 'sent 0.0.0-mei-mail'])
    expect(world.teller.list()[0]).toMatchObject({ state: 'sent', tries: 4, possible_repeat: false })
    await world.teller.stop()
  })

  test('waits as long as the far end says, and a refusal for good goes to the next step at once', async () => {
    const world = await new World().start()
    const at_s: string[] = []
    const start = world.clock.now()
    world.answer = async ({ contact }) => {
      at_s.push(`${Math.round(Number(world.clock.now() - start) / 1e9)} ${contact.id}`)
      if (contact.id === 'lin') return { ok: true, detail: 'taken' }
      return at_s.length === 1
        ? { ok: false, permanent: false, detail: '429', after_ms: 90_000 }
        : { ok: false, permanent: true, detail: '404' }
    }
    world.flood()
    await world.seconds(120)
    expect(at_s).toEqual(['3 mei', '93 mei', '93 lin'])
    await world.teller.stop()
  })

  test('that nobody needs any more is not sent: somebody has answered', async () => {
    const world = await new World().start()
    world.answer = async () => ({ ok: false, permanent: false, detail: 'ECONNREFUSED' })
    world.flood()
    await world.seconds(10)
    const { etag } = world.alarms.list().find(({ id }) => id === 'north:creek-red')!
    await world.alarms.command('north:creek-red', { kind: 'acknowledge', occurrence: 1, etag, by: 'Chief' })
    await world.seconds(60)
    expect(world.deliveries().at(-1)).toBe('skipped 0.0.0-mei-mail')
    const tried = world.sent.length
    await world.seconds(3600)
    expect(world.sent).toHaveLength(tried)
    await world.teller.stop()
  })

  test('that hangs is cut off at the time-out of its channel and tried again', async () => {
    const world = await new World().start()
    world.answer = (_, signal) =>
      world.sent.length > 1
        ? Promise.resolve({ ok: true, detail: 'taken' })
        : new Promise((resolve) => {
            // Nothing is held: the clock goes on while it hangs.
            signal.addEventListener('abort', () =>
              resolve({ ok: false, permanent: false, detail: 'no answer in time' }),
            )
          })
    world.flood()
    const release = world.clock.hold
    Object.assign(world.clock, { hold: () => () => {} })
    await world.seconds(30)
    Object.assign(world.clock, { hold: release })
    expect(world.deliveries()).toEqual(['planned 0.0.0-mei-mail', 'retrying 0.0.0-mei-mail', 'sent 0.0.0-mei-mail'])
    await world.teller.stop()
  })
})

describe('a desk that is killed', () => {
  test('while a message is on its way sends it once more, marked, and forgets none', async () => {
    const first = await new World().start()
    first.answer = () => new Promise(() => {})
    Object.assign(first.clock, { hold: () => () => {} })
    first.flood()
    await first.seconds(5)
    expect(first.sent).toHaveLength(1)
    const second = await (await first.killed()).start()
    await second.seconds(1)
    expect(second.deliveries()).toEqual(['planned 0.0.0-mei-mail', 'unknown 0.0.0-mei-mail', 'sent 0.0.0-mei-mail'])
    expect(second.sent[0]!.message.subject).toBe('可能重複 高優先: Creek above red')
    expect(second.teller.list()[0]).toMatchObject({ possible_repeat: true, state: 'sent' })
    expect(second.sent[0]!.answer_link, 'a new link: the old token was kept nowhere').not.toBe(
      first.sent[0]!.answer_link,
    )
    await second.seconds(700)
    expect(second.sent.map(({ contact }) => contact.id)).toEqual(['mei', 'lin'])
    await second.teller.stop()
  })

  test('with several on their way marks every one before any goes out', async () => {
    const first = await new World().start()
    first.answer = () => new Promise(() => {})
    Object.assign(first.clock, { hold: () => () => {} })
    first.flood()
    await first.seconds(700)
    expect(first.sent.map(({ contact }) => contact.id)).toEqual(['mei', 'lin'])
    const second = await (await first.killed()).start()
    await second.seconds(1)
    expect(second.sent.map(({ message }) => message.subject)).toEqual([
      expect.stringMatching(/^可能重複 /),
      expect.stringMatching(/^POSSIBLE REPEAT /),
    ])
    await second.teller.stop()
  })

  test('again and again does not send the same message for ever', async () => {
    let world = await new World().start()
    Object.assign(world.clock, { hold: () => () => {} })
    world.answer = () => new Promise(() => {})
    world.flood()
    await world.seconds(5)
    for (let i = 0; i < 5; i++) {
      world = await world.killed()
      world.answer = () => new Promise(() => {})
      await world.start()
      await world.seconds(1)
    }
    expect(world.deliveries().filter((line) => line === 'unknown 0.0.0-mei-mail')).toHaveLength(3)
    expect(world.deliveries()).toContain('failed 0.0.0-mei-mail')
  })

  test('goes on from its snapshot as from the whole journal, and not from one of another journal', async () => {
    const first = await new World().start()
    first.flood()
    await first.seconds(5)
    await first.teller.stop()
    const second = await new World(first.journal, first.clock).start(first.folder)
    await second.seconds(700)
    expect(second.sent.map(({ contact }) => contact.id)).toEqual(['lin'])
    await second.teller.stop()
    const other = await new World(new MemoryJournal(), first.clock).start(first.folder)
    expect(other.teller.list()).toEqual([])
  })
})

test('while the journal is away people are told all the same, once, and it is written down afterwards', async () => {
  const world = await new World().start()
  world.journal.full = true
  world.flood()
  await world.seconds(30)
  expect(world.sent.map(({ contact }) => contact.id)).toEqual(['mei'])
  expect(world.deliveries()).toEqual([])
  world.journal.full = false
  await world.seconds(30)
  expect(world.deliveries()).toEqual(['planned 0.0.0-mei-mail', 'sent 0.0.0-mei-mail'])
  await world.seconds(700)
  expect(world.sent.map(({ contact }) => contact.id)).toEqual(['mei', 'lin'])
  await world.teller.stop()
})

test('the test button sends one message, marked, and says what became of it', async () => {
  const world = await new World().start()
  const good = world.teller.test('lin', 'phone', 'Ada')
  await world.seconds(1)
  expect(await good).toMatchObject({ alarm: null, contact: 'lin', state: 'sent', tries: 1 })
  expect(world.sent[0]!.message.subject).toBe('TEST: The yard')
  expect(world.journal.rows.find(({ kind }) => kind === 'delivery')!.actor).toBe('Ada')
  world.answer = async () => ({ ok: false, permanent: false, detail: 'ECONNREFUSED' })
  const bad = world.teller.test('mei', 'mail', 'Ada')
  await world.seconds(1)
  expect(await bad, 'tried once: a person waits').toMatchObject({ state: 'failed', detail: 'ECONNREFUSED' })
  await expect(world.teller.test('mei', 'pigeon', 'Ada')).rejects.toMatchObject({ status: 404 })
  await world.teller.stop()
})

describe('the link in a message', () => {
  /** The routes behind the real guard, reached by the public name, as a browser or a scanner reaches them. */
  async function served(world: World) {
    const app = fastify()
    app.removeAllContentTypeParsers()
    const outreach = { teller: world.teller }
    const context = {
      site: SITE,
      doors: doorsOf('127.0.0.1', SITE),
      clock: world.clock,
      alarms: world.alarms,
      outreach,
    }
    guard(app, context as unknown as DeskContext)
    app.register(async (scope) => answerRoutes(scope, context as unknown as DeskContext))
    const ask = async (method: 'GET' | 'POST', url: string, more: Record<string, string> = {}) => {
      const headers = { host: 'desk.example.org', ...(method === 'POST' && FORM), ...more }
      const reply = app.inject({ method, url, headers, ...(method === 'POST' && { payload: '' }) })
      await world.seconds(0)
      return reply
    }
    return { app, ask }
  }
  const FORM = {
    'content-type': 'application/x-www-form-urlencoded',
    origin: 'https://desk.example.org',
    'sec-fetch-site': 'same-origin',
  }
  const state = (world: World) => world.alarms.list().find(({ id }) => id === 'north:creek-red')!

  async function told() {
    const world = await new World().start()
    world.flood()
    await world.seconds(5)
    const path = new URL(world.sent[0]!.answer_link!).pathname
    return { world, path, ...(await served(world)) }
  }

  test('looked at, also by a scanner again and again, acknowledges nothing; the button does, once, by name', async () => {
    const { world, path, app, ask } = await told()
    for (let i = 0; i < 5; i++) {
      const page = await ask('GET', path)
      expect(page.statusCode).toBe(200)
      expect(page.body).toContain('確認收到')
      expect(page.body, 'no script is needed').not.toContain('<script')
      // A page that may not say where it came from sends its form with the origin "null", and would be refused.
      expect(page.headers['referrer-policy']).toBe('same-origin')
      expect(page.headers['content-security-policy']).toContain("form-action 'self'")
    }
    expect(state(world).state).toBe('unacknowledged')
    expect(
      (await ask('POST', path, { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' })).statusCode,
    ).toBe(403)
    expect(state(world).state).toBe('unacknowledged')
    const done = await ask('POST', path)
    expect([done.statusCode, done.body.includes('Mei Lin')]).toEqual([200, true])
    expect(state(world)).toMatchObject({ state: 'acknowledged', acknowledged_by: 'Mei Lin (link)' })
    expect(world.deliveries().at(-1)).toBe('answered 0.0.0-mei-mail')
    expect((await ask('POST', path)).statusCode, 'single use').toBe(410)
    expect((await ask('GET', path)).statusCode).toBe(410)
    await app.close()
    await world.teller.stop()
  })

  test('stands nowhere: neither in the journal nor in the snapshot', async () => {
    const { world, path, app } = await told()
    const token = path.split('/').at(-1)!
    expect(JSON.stringify(world.journal.rows)).not.toContain(token)
    expect(JSON.stringify(world.teller.book.snapshot())).not.toContain(token)
    await app.close()
    await world.teller.stop()
  })

  test('expires, acknowledges nothing that came after the message, and a wrong one is unknown, not often', async () => {
    const { world, path, app, ask } = await told()
    world.alarms.records('north', [
      {
        identity: { node: 'north', outbox: OUTBOX, stream: 'conditions', offset: 2 },
        historical: false,
        record: record(1, 60, 61, { exercise: false }),
      },
      {
        identity: { node: 'north', outbox: OUTBOX, stream: 'conditions', offset: 3 },
        historical: false,
        record: record(2, 62, undefined, { exercise: false }),
      },
    ])
    await world.seconds(1)
    expect((await ask('POST', path)).statusCode).toBe(409)
    expect(state(world).state).toBe('unacknowledged')
    await world.seconds(12 * 3600 + 10)
    expect((await ask('POST', path)).statusCode).toBe(410)
    const wrong = `/answer/${'x'.repeat(43)}`
    const statuses: number[] = []
    for (let i = 0; i < 12; i++) statuses.push((await ask('GET', wrong)).statusCode)
    expect(statuses[0]).toBe(404)
    expect(statuses.at(-1)).toBe(429)
    await app.close()
    await world.teller.stop()
  })
})
