/** Lists as CSV, what a client has already, day lines, and the ring of live events. */
import { EventEmitter } from 'node:events'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { WebSocket } from 'ws'
import { NS_PER_S } from '../domain/time.ts'
import { SimulatedClock } from '../runtime/clock.ts'
import { csvOf, table, wantsCsv } from './csv.ts'
import { etagOf } from './etag.ts'
import { EventRing } from './event-ring.ts'
import { dayStart, lineColumns, linesOf } from './helicorder.ts'
import { BlockWatch } from './io/block-watch.ts'
import { at } from './testing-site.ts'

describe('CSV (RFC 4180)', () => {
  test('a header, a line a row, CR LF; quotes, commas and line breaks survive; nested values stand as JSON', () => {
    const rows = [
      { id: 'a"b', n: 1.5, none: null },
      { id: 'c,d\r\ne', n: -2, list: [1, 'x'] },
    ]
    expect(csvOf({ alarms: rows, now_ns: '5' })).toBe(
      'id,n,none,list\r\n"a""b",1.5,,\r\n"c,d\r\ne",-2,,"[1,""x""]"\r\n',
    )
  })

  test('a comment is no formula in a spreadsheet; a negative number stays one', () => {
    expect(table([{ text: '=1+1', ns: '-5', n: -5 }])).toBe("text,ns,n\r\n'=1+1,-5,-5\r\n")
    for (const text of ['+1', '-x', '@x', '\tx']) expect(table([{ text }])).toContain(`'${text}`)
  })

  test('columns of series have names; samples of blocks are a line each, in their unit', () => {
    expect(csvOf({ channel: 'c', columns: [['7', 1, 2, 3, 4, 1]] })).toBe(
      't_ns,min,mean,max,count,worst_flag\r\n7,1,2,3,4,1\r\n',
    )
    const block = { t0_ns: '1000000000', sample_rate_hz: 100, scale: 0.5, axes: { x: [2, 4], y: [0, -2] } }
    expect(csvOf({ device: 'd', blocks: [block] })).toBe('t_ns,x,y\r\n1000000000,1,0\r\n1010000000,2,-1\r\n')
  })

  test.each([
    ['csv', undefined, true],
    ['json', 'text/csv', false],
    [undefined, 'text/csv', true],
    [undefined, 'application/json, text/csv', false],
    [undefined, 'text/csv, application/json', true],
    [undefined, '*/*', false],
  ])('format %s and Accept %s: %s', (format, accept, csv) => {
    expect(wantsCsv(format, accept)).toBe(csv)
  })
})

test('an ETag changes with the list, not with the clock, and CSV has its own', () => {
  const tag = etagOf({ alarms: [1], now_ns: '1' }, false)
  expect(etagOf({ alarms: [1], now_ns: '2' }, false)).toBe(tag)
  expect(etagOf({ alarms: [2], now_ns: '1' }, false)).not.toBe(tag)
  expect(etagOf({ alarms: [1], now_ns: '1' }, true)).not.toBe(tag)
})

describe('the ring of live events', () => {
  test('whatever was sent and forgotten: a client gets exactly what came after its id, or begins anew', () => {
    const step = fc.oneof(fc.constant('event' as const), fc.constant('forget' as const))
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.nat(60), (steps, when) => {
        const ring = new EventRing('e')
        const after: string[] = []
        let id = ring.id
        let forgotten = false
        steps.forEach((what, i) => {
          if (i === when) {
            id = ring.id
            after.length = 0
            forgotten = false
          }
          if (what === 'forget') {
            ring.forget()
            forgotten = true
          } else after.push(ring.add(`data: ${i}\n\n`).toString())
        })
        const got = ring.after(id)?.map(String)
        if (when >= steps.length) expect(got).toEqual(forgotten && id === 'e-0' ? undefined : got)
        else expect(got).toEqual(forgotten ? undefined : after)
      }),
    )
  })

  test('ids of another start, of the future and of nobody are not known; it never holds more than 4 MiB or 2000', () => {
    const ring = new EventRing('abc')
    for (let i = 0; i < 2100; i++) ring.add('data: 1\n\n')
    expect(ring.id).toBe('abc-2100')
    for (const id of [
      'abd-2099',
      'abc-2101',
      'abc-99',
      'abc-',
      'abc',
      '',
      'abc-1-2',
      'abc--1',
      `abc-${'9'.repeat(30)}`,
    ])
      expect(ring.after(id), id).toBeUndefined()
    expect(ring.after('abc-100')).toHaveLength(2000)
    expect(ring.after('abc-2100')).toEqual([])
    for (let i = 0; i < 8; i++) ring.add('x'.repeat(1024 * 1024))
    expect(ring.after('abc-2100'), 'too long ago by bytes').toBeUndefined()
    expect(ring.after('abc-2106')!.reduce((sum, bytes) => sum + bytes.length, 0)).toBeLessThan(4 * 1024 * 1024)
  })
})

describe('waveforms to a viewer', () => {
  /** A socket that holds what it is given until the test lets it write. */
  class SlowSocket extends EventEmitter {
    readyState = 1
    bufferedAmount = 0
    readonly sent: Array<string | number> = []
    readonly #written: Array<() => void> = []
    send(data: string | Uint8Array, done?: () => void) {
      this.sent.push(typeof data === 'string' ? data : data[0]!)
      this.bufferedAmount += typeof data === 'string' ? 0 : data.length
      if (done) this.#written.push(done)
    }
    drain() {
      this.bufferedAmount = 0
      for (const done of this.#written.splice(0)) done()
    }
    ping() {}
    close() {}
    terminate() {}
  }

  test('one that does not keep up loses the oldest, is told how many, and never more waits than 64 frames', () => {
    const watch = new BlockWatch({ clock: new SimulatedClock(at(0)), onWatch: () => {}, onUnwatch: () => {} })
    const socket = new SlowSocket()
    watch.add('roof', socket as unknown as WebSocket, () => true)
    const frame = (n: number) => {
      const bytes = new Uint8Array(300 * 1024)
      bytes[0] = n
      return bytes
    }
    for (let n = 0; n < 100; n++) watch.send('roof', frame(n))
    expect(socket.sent, 'the socket is full after the first').toEqual([0])
    expect(watch.dropped).toBe(99 - 64)
    socket.drain()
    expect(socket.sent).toEqual([0, '{"lost":35}', 36])
    for (let i = 0; i < 70; i++) socket.drain()
    expect(socket.sent.slice(2)).toEqual(Array.from({ length: 64 }, (_, i) => i + 36))
    watch.send('roof', frame(100))
    expect(socket.sent.at(-1)).toBe(100)
    watch.stop()
  })
})

describe('a day in lines', () => {
  test('begins at midnight of the site, also where the clocks are changed that day', () => {
    expect(dayStart('2018-06-03', 'Asia/Taipei')).toBe(at(0) - 14n * 3600n * NS_PER_S)
    // New York, 2026-03-08: midnight is still winter time, UTC-5.
    expect(dayStart('2026-03-08', 'America/New_York')).toBe(1_772_946_000n * NS_PER_S)
    expect(dayStart('2026-03-09', 'America/New_York'), 'a day of 23 hours').toBe(1_773_028_800n * NS_PER_S)
    expect(dayStart('2026-02-30', 'Asia/Taipei')).toBeUndefined()
    expect(linesOf(at(0), 30)).toHaveLength(48)
  })

  test('columns lie where their instants say; what is not there is null', () => {
    const column = (minute: number, min: number, max: number) => ({
      t_ns: at(minute),
      min,
      mean: 0,
      max,
      count: 1,
      worst_flag: 1,
    })
    const { min, max } = lineColumns(at(0), at(10), 10, [column(0, -1, 1), column(3, -2, 2), column(9, -3, 3)])
    expect(min).toEqual([-1, null, null, -2, null, null, null, null, null, -3])
    expect(max[9]).toBe(3)
  })
})
