import { Duplex } from 'node:stream'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { NOT_READING, Stalled } from './stalled.ts'

/** A connection that holds ten bytes; what is written passes when `pass` is called. */
function connection() {
  let pass = () => {}
  const made = new Duplex({
    highWaterMark: 10,
    read() {},
    write(_chunk, _encoding, callback) {
      pass = () => callback()
    },
  })
  const ended: string[] = []
  made.on('error', (error) => ended.push(error.message))
  return { made, ended, pass: () => pass() }
}

describe('a connection', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  })
  afterEach(() => {
    vi.useRealTimers()
  })
  const settle = () => new Promise((resolve) => setImmediate(resolve))

  test('that does not drain is ended before a second has passed', async () => {
    const { made, ended } = connection()
    new Stalled().watch(made)
    made.write(Buffer.alloc(20))
    vi.advanceTimersByTime(700)
    expect(made.destroyed).toBe(false)
    vi.advanceTimersByTime(100)
    await settle()
    expect(ended).toEqual([NOT_READING])
    expect(vi.getTimerCount()).toBe(0)
  })

  test('that drains now and then stays, however often it was full', async () => {
    const { made, pass } = connection()
    new Stalled().watch(made)
    for (let n = 0; n < 5; n++) {
      made.write(Buffer.alloc(20))
      vi.advanceTimersByTime(600)
      pass()
      await settle()
    }
    expect(made.destroyed).toBe(false)
  })

  test('that holds little stays, however long', () => {
    const { made } = connection()
    new Stalled().watch(made)
    made.write(Buffer.alloc(5))
    vi.advanceTimersByTime(60_000)
    expect(made.destroyed).toBe(false)
  })
})
