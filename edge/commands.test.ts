import { beforeEach, describe, expect, test } from 'vitest'
import { createLog } from '../runtime/log.ts'
import { type CommandResult, Commands, type Execute } from './commands.ts'
import { MemoryState } from './testing.ts'

let state: MemoryState
let done: string[]
let answers: CommandResult[]
let lines: string[]
beforeEach(() => {
  state = new MemoryState()
  done = []
  answers = []
  lines = []
})
const make = (execute?: Execute) =>
  new Commands({
    log: createLog({ write: (line) => lines.push(line), pretty: false }),
    state: () => state,
    execute:
      execute ??
      (async (kind, { device }) => {
        done.push(`${kind} ${String(device)}`)
        return { ok: true, detail: 'done' }
      }),
    answer: (result) => answers.push(result),
  })
const body = (id: string) => JSON.stringify({ id, kind: 'write', device: 'gate', metric: 'open', value: 1, by: 'Mei' })
const settled = () => new Promise((resolve) => setImmediate(resolve))

describe('a command', () => {
  test('is carried out once, answered, and stands in the log with who asked', async () => {
    expect(make().take(body('a'))).toBe(true)
    await settled()
    expect(done).toEqual(['write gate'])
    expect(answers).toEqual([{ id: 'a', ok: true, detail: 'done' }])
    expect(JSON.parse(lines[0]!)).toMatchObject({ command: 'a', by: 'Mei', device: 'gate', value: 1 })
  })

  test('that is repeated gets its first answer and does nothing, also after a restart', async () => {
    const commands = make()
    commands.take(body('a'))
    commands.take(body('a'))
    await settled()
    commands.take(body('a'))
    make().take(body('a'))
    await settled()
    expect(done).toEqual(['write gate'])
    expect(answers.map((a) => a.ok)).toEqual([true, true, true])
  })

  test('that a kill interrupted is not carried out again, and says so', async () => {
    make(() => new Promise(() => {})).take(body('a'))
    make().take(body('a'))
    await settled()
    expect(done).toEqual([])
    expect(answers[0]).toMatchObject({ ok: false, detail: expect.stringContaining('stopped') })
  })

  test('that fails is answered with why', async () => {
    make(() => Promise.reject(new Error('no answer in 1000 ms'))).take(body('a'))
    await settled()
    expect(answers).toEqual([{ id: 'a', ok: false, detail: 'no answer in 1000 ms' }])
    expect(lines[0]).toContain('not carried out')
  })

  test.each([['x'], ['{}'], ['{"id":""}'], ['{"id":7}'], [`{"id":"a","x":"${'y'.repeat(5000)}"}`], ['null']])(
    'without an id is none: %.20s',
    (text) => {
      expect(make().take(text)).toBe(false)
    },
  )

  test('answers are remembered up to a number', async () => {
    const commands = make()
    for (let i = 0; i < 100; i++) commands.take(body(`c${i}`))
    await settled()
    expect(answers).toHaveLength(100)
    expect(state.get('commands')).toHaveLength(64)
  })
})
