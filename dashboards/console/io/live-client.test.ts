import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { LiveEvent } from '../../../domain/api.ts'
import { retryDelay_ms } from './browser-clock.ts'
import { type EventLine, SILENT_MS, startLive } from './live-client.ts'

class FakeLine implements EventLine {
  closed = false
  readonly listeners = new Map<string, (event: { data?: unknown; lastEventId?: string }) => void>()
  addEventListener(name: string, fn: (event: { data?: unknown; lastEventId?: string }) => void): void {
    this.listeners.set(name, fn)
  }
  close(): void {
    this.closed = true
  }
  say(event: string, data: unknown, lastEventId = ''): void {
    this.listeners.get(event)?.({ data: typeof data === 'string' ? data : JSON.stringify(data), lastEventId })
  }
}

const SNAPSHOT = { now_ns: '0', alarms: [], devices: [], nodes: [], readings: [], store_available: true, drill: null }
const TICK = { now_ns: '1', store_available: true }

describe('the live line', () => {
  const lines: FakeLine[] = []
  const heard: Array<LiveEvent['event']> = []
  const asked: string[] = []
  let client: ReturnType<typeof startLive>
  beforeEach(() => {
    vi.useFakeTimers()
    lines.length = 0
    heard.length = 0
    asked.length = 0
    client = startLive(
      (live) => heard.push(live.event),
      (last) => {
        asked.push(last)
        const line = new FakeLine()
        lines.push(line)
        return line
      },
    )
  })
  afterEach(() => {
    client.stop()
    vi.useRealTimers()
  })

  test('hears of a drill', () => {
    lines[0]!.say('snapshot', SNAPSHOT)
    lines[0]!.say('drill', { id: 'autumn-drill' })
    expect(heard).toEqual(['snapshot', 'drill'])
  })

  test('hands nothing on before the snapshot of its line', () => {
    lines[0]!.say('tick', TICK)
    lines[0]!.say('snapshot', SNAPSHOT)
    lines[0]!.say('tick', TICK)
    expect(heard).toEqual(['snapshot', 'tick'])
  })
  test('opens anew after a break, and waits for a snapshot again', () => {
    lines[0]!.say('snapshot', SNAPSHOT)
    lines[0]!.say('error', undefined)
    vi.advanceTimersByTime(700)
    expect([lines.length, lines[0]!.closed]).toEqual([2, true])
    lines[1]!.say('tick', TICK)
    lines[1]!.say('snapshot', SNAPSHOT)
    expect(heard).toEqual(['snapshot', 'snapshot'])
  })
  test('goes on behind the last event it heard, without a snapshot where the desk gives none', () => {
    lines[0]!.say('snapshot', SNAPSHOT, 'a-1')
    lines[0]!.say('tick', TICK, 'a-2')
    lines[0]!.say('error', undefined)
    vi.advanceTimersByTime(700)
    lines[1]!.say('alarm', { id: 'a' }, 'a-3')
    lines[1]!.say('error', undefined)
    vi.advanceTimersByTime(700)
    expect(asked).toEqual(['', 'a-2', 'a-3'])
    expect(heard).toEqual(['snapshot', 'tick', 'alarm'])
  })
  test('begins with a snapshot after an event that could not be read, and when a person asks anew', () => {
    lines[0]!.say('snapshot', SNAPSHOT, 'a-1')
    lines[0]!.say('alarm', '{ torn', 'a-2')
    vi.advanceTimersByTime(700)
    lines[1]!.say('tick', TICK, 'a-3')
    lines[1]!.say('snapshot', SNAPSHOT, 'a-4')
    client.retryNow()
    expect(asked).toEqual(['', '', ''])
    expect(heard).toEqual(['snapshot', 'snapshot'])
  })
  test('opens anew when nothing comes for ten seconds, though nobody closed it', () => {
    lines[0]!.say('snapshot', SNAPSHOT)
    vi.advanceTimersByTime(SILENT_MS - 1)
    expect(lines).toHaveLength(1)
    lines[0]!.say('tick', TICK)
    vi.advanceTimersByTime(SILENT_MS - 1)
    expect(lines).toHaveLength(1)
    vi.advanceTimersByTime(1000)
    expect(lines).toHaveLength(2)
  })
  test('what cannot be read ends the line: the next snapshot is whole again', () => {
    lines[0]!.say('snapshot', SNAPSHOT)
    lines[0]!.say('alarm', '{ torn')
    vi.advanceTimersByTime(700)
    expect([heard, lines.length]).toEqual([['snapshot'], 2])
  })
  test('an old line that still speaks is not heard', () => {
    lines[0]!.say('snapshot', SNAPSHOT)
    lines[0]!.say('error', undefined)
    lines[0]!.say('tick', TICK)
    expect(heard).toEqual(['snapshot'])
  })
  test('opens a line at once when asked to, and listens to that one only', () => {
    lines[0]!.say('error', undefined)
    client.retryNow()
    expect(lines).toHaveLength(2)
    vi.advanceTimersByTime(5000)
    expect(lines).toHaveLength(2)
    lines[1]!.say('snapshot', SNAPSHOT)
    expect(heard).toEqual(['snapshot'])
  })
  test('opens no line after it was stopped', () => {
    lines[0]!.say('error', undefined)
    client.stop()
    vi.advanceTimersByTime(60_000)
    expect(lines).toHaveLength(1)
  })
})

test('tries again after half a second, then ever more rarely, at most every nine seconds', () => {
  expect([0, 1, 2, 3, 4, 5, 50].map((n) => retryDelay_ms(n, 0.5))).toEqual([500, 1000, 2000, 4000, 8000, 8000, 8000])
  expect(retryDelay_ms(9, 1)).toBeLessThan(9000)
})
