import { describe, expect, test } from 'vitest'
import type { CommandBody } from '../../domain/api.ts'
import { SimulatedClock } from '../../runtime/clock.ts'
import type { Json } from '../alarm.ts'
import { at } from '../testing-site.ts'
import { CommandTeller, EXPIRES_MS, type SentCommand } from './command-teller.ts'

const WRITE: CommandBody = { kind: 'write', device: 'gate', metric: 'opening', value: 0.4 }
const s = (seconds: number): bigint => BigInt(Math.round(seconds * 1e9))

function desk({ away, broker = true }: { away?: string; broker?: boolean } = {}) {
  const clock = new SimulatedClock(at(0))
  const sent: SentCommand[] = []
  const journal: Array<{ actor: string; body: Json }> = []
  const teller = new CommandTeller({
    clock,
    send: async (_node, command) => {
      if (!broker) throw new Error('the broker is away')
      sent.push(command)
    },
    write: async (actor, body) => {
      if (away === undefined) journal.push({ actor, body })
      return away
    },
    note: async (actor, body) => {
      journal.push({ actor, body })
    },
  })
  const answer = (ok: boolean, detail: string, node = 'north') =>
    teller.heard(node, JSON.stringify({ id: sent.at(-1)?.id, ok, detail }))
  const whats = () => journal.map(({ actor, body }) => [actor, (body as { what: string }).what])
  return { clock, sent, journal, teller, answer, whats }
}

describe('a command', () => {
  test('is journalled before it is sent, sent until it is answered, and its answer is journalled', async () => {
    const { clock, sent, journal, teller, answer, whats } = desk()
    const asked = teller.ask('north', WRITE, 'Mei')
    await clock.advance(s(4))
    // At 0, 1 and 3 s.
    expect(sent).toHaveLength(3)
    expect(new Set(sent.map(({ id }) => id)).size).toBe(1)
    expect(sent[0]).toMatchObject({ ...WRITE, by: 'Mei', expires_ns: String(at(0) + BigInt(EXPIRES_MS) * 1_000_000n) })
    answer(true, 'written and read back')
    expect(await asked).toMatchObject({
      ...{ node: 'north', by: 'Mei', asked: WRITE, outcome: 'done', detail: 'written and read back' },
      answered_ns: String(at(0) + s(4)),
    })
    await clock.advance(s(60))
    expect(sent).toHaveLength(3)
    expect(whats()).toEqual([
      ['Mei', 'asked'],
      ['north', 'done'],
    ])
    expect(journal[0]!.body).toMatchObject({ node: 'north', ...WRITE, id: sent[0]!.id })
  })

  test('that the node refuses says why', async () => {
    const { clock, teller, answer, whats } = desk()
    const asked = teller.ask('north', WRITE, 'Mei')
    await clock.advance(0n)
    answer(false, 'not-writable: gate/opening may not be written')
    expect(await asked).toMatchObject({ outcome: 'refused', detail: expect.stringContaining('not-writable') })
    expect(whats()[1]).toEqual(['north', 'refused'])
  })

  test('without an answer is sent no more once it has expired, and a late answer is journalled', async () => {
    const { clock, sent, teller, answer, journal, whats } = desk()
    const asked = teller.ask('north', WRITE, 'Mei')
    await clock.advance(s(26))
    expect(await asked).toMatchObject({ outcome: 'unanswered', answered_ns: null })
    const expires_ns = at(0) + BigInt(EXPIRES_MS) * 1_000_000n
    expect(sent.length).toBeGreaterThan(4)
    expect(BigInt(sent.at(-1)!.expires_ns)).toBe(expires_ns)
    const count = sent.length
    await clock.advance(s(60))
    expect(sent).toHaveLength(count)
    answer(true, 'written and read back')
    answer(true, 'written and read back')
    expect(whats().map(([, what]) => what)).toEqual(['asked', 'unanswered', 'done'])
    expect(journal.at(-1)!.body).toMatchObject({ late: true, by: 'Mei' })
  })

  test('is answered by its own node only, and by what is an answer', async () => {
    const { clock, sent, teller, answer } = desk()
    const asked = teller.ask('north', WRITE, 'Mei')
    await clock.advance(0n)
    answer(true, 'a stranger', 'south')
    for (const text of ['', 'null', '[]', '{}', `{"id":"${sent[0]!.id}"}`, '{"id":"other","ok":true}'])
      teller.heard('north', text)
    await clock.advance(s(2))
    expect(sent.length).toBeGreaterThan(1)
    answer(true, 'mine')
    expect(await asked).toMatchObject({ detail: 'mine' })
  })

  test('is not sent at all while it cannot be journalled', async () => {
    const { clock, sent, teller } = desk({ away: 'disk full' })
    const refused = expect(teller.ask('north', WRITE, 'Mei')).rejects.toMatchObject({ status: 503 })
    await clock.advance(s(30))
    await refused
    expect(sent).toHaveLength(0)
  })

  test('survives a broker that is away, and a desk that stops', async () => {
    const { clock, teller, whats } = desk({ broker: false })
    const asked = teller.ask('north', WRITE, 'Mei')
    await clock.advance(s(3))
    await teller.stop()
    expect(await asked).toMatchObject({ outcome: 'unanswered', detail: expect.stringContaining('stopped') })
    expect(whats().at(-1)).toEqual(['desk', 'unanswered'])
  })

  test('more than thirty-two under way are refused', async () => {
    const { teller } = desk()
    for (let i = 0; i < 32; i++) void teller.ask('north', WRITE, 'Mei')
    await expect(teller.ask('north', WRITE, 'Mei')).rejects.toMatchObject({ status: 429 })
    await teller.stop()
  })
})
