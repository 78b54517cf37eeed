import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { instantFromMs } from '../../domain/time.ts'
import { SimulatedClock } from '../../runtime/clock.ts'
import { silentLog } from '../../runtime/log.ts'
import { condition } from '../testing-site.ts'
import { BdSeqFile } from './bd-seq.ts'
import { StateFile } from './state-file.ts'

let folder: string
let clock: SimulatedClock
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'state-'))
  clock = new SimulatedClock(instantFromMs(0))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function start(outbox = { id: 'box', isNew: false }, syncOutbox = async () => {}): Promise<StateFile> {
  const state = new StateFile({ folder, clock, log: silentLog, outbox, syncOutbox })
  await state.open()
  return state
}
const text = () => readFile(join(folder, 'state.json'), 'utf8')

describe('the state of a node', () => {
  test('comes back after a stop: values, conditions, and that it was clean', async () => {
    const first = await start({ id: 'box', isNew: true })
    expect(first.cleanStart).toBe(true)
    first.set('ring', { counter: '9007199254740993' })
    first.condition(condition(3, true, 1000), 12)
    await first.close()
    const second = await start()
    expect(second.cleanStart).toBe(true)
    expect(second.get('ring')).toEqual({ counter: '9007199254740993' })
    expect(second.conditions).toEqual([condition(3, true, 1000)])
    expect(second.conditionsOffset).toBe(12)
  })

  test('of a run that was killed is there, and not clean', async () => {
    const first = await start({ id: 'box', isNew: true })
    first.set('a', 1)
    await clock.advance(500_000_000n)
    await first.save()
    const second = await start()
    expect(second.get('a')).toBe(1)
    expect(second.cleanStart).toBe(false)
  })

  test('that is gone beside an outbox that is not is no clean start', async () => {
    expect((await start({ id: 'box', isNew: false })).cleanStart).toBe(false)
  })

  test('counts conditions anew in a new outbox', async () => {
    const first = await start()
    first.condition(condition(3, true, 1000), 12)
    await first.close()
    const second = await start({ id: 'other', isNew: true })
    expect(second.conditionsOffset).toBe(0)
    expect(second.conditions).toHaveLength(1)
  })

  test('is never ahead of the outbox: it says what was so before the outbox was synced', async () => {
    let release = () => {}
    let syncs = 0
    const state = await start(undefined, () => {
      if (syncs++ === 0) return Promise.resolve()
      return new Promise((resolve) => {
        release = resolve
      })
    })
    state.set('a', 1)
    const saved = state.save()
    state.set('a', 2)
    expect(JSON.parse(await text()).values).toEqual({})
    release()
    await saved
    expect(JSON.parse(await text()).values).toEqual({ a: 1 })
  })

  test('is written at most every half second, however often it changes', async () => {
    let syncs = 0
    const state = await start(undefined, async () => {
      syncs++
    })
    for (let i = 0; i < 100; i++) {
      state.set('i', i)
      await clock.advance(20_000_000n)
    }
    await state.save()
    expect(syncs).toBeLessThanOrEqual(6)
    expect(JSON.parse(await text()).values).toEqual({ i: 99 })
  })

  test('that nobody can read stops the start: occurrence numbers would be given twice', async () => {
    await writeFile(join(folder, 'state.json'), '{"clean": tr')
    await expect(start()).rejects.toMatchObject({ code: 'DATA_CORRUPT' })
  })
})

describe('bdSeq', () => {
  test('goes on after a restart, each node for itself, and wraps', () => {
    const open = () => {
      const file = new BdSeqFile(folder, silentLog)
      file.open()
      return file
    }
    const first = open()
    expect([first.next('a'), first.next('a'), first.next('a-blocks')]).toEqual([0, 1, 0])
    const second = open()
    expect([second.next('a'), second.next('a-blocks')]).toEqual([2, 1])
    for (let i = 0; i < 252; i++) second.next('a')
    expect([second.next('a'), second.next('a')]).toEqual([255, 0])
  })
})
