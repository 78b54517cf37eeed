/** What stands in the log, what never does, and how much. */
import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { createLog } from './log.ts'
import { LogBudget } from './log-budget.ts'
import { LINE_MAX } from './log-line.ts'
import { REDACTED } from './redact.ts'

function written(options: Parameters<typeof createLog>[0] = {}) {
  const lines: string[] = []
  const log = createLog({
    write: (line) => lines.push(line),
    now: () => '2026-01-02T03:04:05.678Z',
    pretty: false,
    ...options,
  })
  return { log, lines }
}

test('a line is one JSON object with instant, level, message and what is bound to it', () => {
  const { log, lines } = written()
  log
    .child({ site: 'demo' })
    .child({ service: 'edge' })
    .warn('link down', { link: 'river', t_ns: 5n, cause: undefined })
  expect(lines).toHaveLength(1)
  expect(lines[0]).toMatch(/^\{.*\}\n$/)
  expect(JSON.parse(lines[0]!)).toEqual({
    ...{ at: '2026-01-02T03:04:05.678Z', level: 'warn', message: 'link down' },
    ...{ site: 'demo', service: 'edge', link: 'river', t_ns: '5' },
  })
})

test('on a terminal it is a short line for people', () => {
  const { log, lines } = written({ pretty: true })
  log.info('listening', { port: 1883, host: '127.0.0.1' })
  expect(lines).toEqual(['03:04:05.678 info  listening  port=1883 host=127.0.0.1\n'])
})

test('an error shows where it came from', () => {
  const { log, lines } = written()
  log.error('a call failed', { cause: new Error('no route') })
  expect((JSON.parse(lines[0]!) as { cause: string }).cause).toMatch(/^Error: no route\n {4}at .*log\.test\.ts/)
})

describe('a secret', () => {
  const CANARY = 'canary-5f2c91d7'
  test.for([
    ['by the name of its key', { password: CANARY }],
    ['deep in an object', { options: { headers: { Authorization: `Token ${CANARY}` } } }],
    ['in a list', { clients: [{ name: 'a', api_key: CANARY }] }],
    ['in an address', { url: `mqtt://demo:${CANARY}@broker:1883` }],
    ['in a query', { url: `http://127.0.0.1:8080/#/first-user?token=${CANARY}` }],
    ['in the text of an error', { cause: new Error(`connect mqtt://u:${CANARY}@h refused`) }],
    ['as a header in a text', { what: `sent Authorization: Bearer ${CANARY}` }],
    ['as a key file', { pem: `-----BEGIN PRIVATE KEY-----\n${CANARY}\n-----END PRIVATE KEY-----` }],
  ] as Array<[string, Record<string, unknown>]>)('%s does not come out', ([, fields]) => {
    for (const pretty of [false, true]) {
      const { log, lines } = written({ pretty })
      log.warn('refused', fields)
      log.child(fields).warn('refused')
      expect(lines).toHaveLength(2)
      for (const line of lines) {
        expect(line).not.toContain(CANARY)
        expect(line).toContain(REDACTED)
      }
    }
  })

  test('where it is kept may stand there', () => {
    const { log, lines } = written()
    log.warn('cannot be read', { token_file: '/run/secrets/influx-token' })
    expect(lines[0]).toContain('/run/secrets/influx-token')
  })
})

describe('the budget', () => {
  test('never lets out more than its burst and its rate, and counts every line that it withholds', () => {
    const steps = fc.array(fc.integer({ min: 0, max: 5000 }), { minLength: 1, maxLength: 400 })
    fc.assert(
      fc.property(steps, (waits_ms) => {
        const budget = new LogBudget(10, 2)
        let [now_s, out, withheld] = [0, 0, 0]
        for (const wait_ms of waits_ms) {
          now_s += wait_ms / 1000
          if (budget.allows(now_s)) {
            out++
            withheld += budget.withheld()
          }
        }
        withheld += budget.withheld()
        expect(out).toBeLessThanOrEqual(10 + 2 * now_s + 1e-6)
        expect(out + withheld).toBe(waits_ms.length)
      }),
    )
  })

  test('the log says how many lines it left out once it may write again', async () => {
    // One line at once, then fifty a second.
    const { log, lines } = written({ budget: new LogBudget(1, 50) })
    for (let i = 0; i < 5; i++) log.warn('again')
    await vi.waitFor(() => {
      log.info('well')
      expect(lines.length).toBeGreaterThan(1)
    })
    const said = lines.map((line) => JSON.parse(line) as { message: string; lines?: number })
    expect(said.map(({ message }) => message)).toEqual(['again', 'too many lines: some were left out', 'well'])
    expect(said[1]!.lines).toBeGreaterThanOrEqual(4)
  })

  test('a line is no longer than its limit, whatever came from outside, and stays one JSON object that says so', () => {
    const { log, lines } = written()
    log.warn('refused', { why: 'x'.repeat(1_000_000), status: 400 })
    log.warn('y'.repeat(50_000), { list: Array.from({ length: 5000 }, (_, i) => `item ${i}`) })
    log.warn('many', Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`field_${i}`, 'z'.repeat(100)])))
    log.warn('short', { why: 'as it is' })
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(LINE_MAX)
    const said = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(said[0]).toMatchObject({ level: 'warn', message: 'refused', status: 400 })
    expect(said[0]!['why']).toMatch(/^x{300}…$/)
    expect(said[1]!['message']).toMatch(/^y{300}…$/)
    expect(said[2]).toMatchObject({ level: 'warn', message: 'many' })
    expect(said.slice(0, 3).every((one) => Number(one['cut_from']) > LINE_MAX)).toBe(true)
    expect(said[3]).toMatchObject({ message: 'short', why: 'as it is' })
    expect(said[3]!['cut_from']).toBeUndefined()
  })
})
