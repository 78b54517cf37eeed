/**
 * The live line: server-sent events of the desk, parsed and handed on; it opens anew by itself whenever the line breaks,
 * falls silent or carries what cannot be read. What the events mean is `state/`'s.
 */
import type { LiveEvent } from '../../../domain/api.ts'
import { after, retryDelay_ms } from './browser-clock.ts'

export const LIVE_URL = '/api/v1/live'

/** The desk ticks every second; a line that is silent this long is opened anew. */
export const SILENT_MS = 10_000

const EVENTS = [
  'snapshot',
  'alarm',
  'notice',
  'device',
  'node',
  'readings',
  'drill',
  'tick',
] as const satisfies ReadonlyArray<LiveEvent['event']>

/** What we use of an EventSource. */
export type EventLine = {
  addEventListener(name: string, fn: (event: { data?: unknown }) => void): void
  close(): void
}

export type LiveClient = {
  /** Opens a new line at once instead of waiting for the next try. */
  retryNow(): void
  stop(): void
}

/**
 * @param onEvent every event from the first snapshot of a line on; nothing that came before it
 * @param open    makes one line; tests give their own
 */
export function startLive(
  onEvent: (live: LiveEvent) => void,
  open: () => EventLine = () => new EventSource(LIVE_URL),
): LiveClient {
  let line: EventLine | undefined
  let attempt = 0
  let cancel = () => {}

  const connect = () => {
    const mine = open()
    line = mine
    let begun = false
    watch()
    for (const name of EVENTS)
      mine.addEventListener(name, (event) => {
        if (line !== mine) return
        const live = parse(name, event.data)
        if (live === undefined) return reopen()
        watch()
        begun ||= live.event === 'snapshot'
        if (!begun) return
        attempt = 0
        onEvent(live)
      })
    mine.addEventListener('error', () => {
      if (line === mine) reopen()
    })
  }
  const reopen = () => {
    line?.close()
    line = undefined
    cancel()
    cancel = after(retryDelay_ms(attempt), connect)
    attempt += 1
  }
  const watch = () => {
    cancel()
    cancel = after(SILENT_MS, reopen)
  }

  connect()
  return {
    retryNow: () => {
      line?.close()
      cancel()
      attempt = 0
      connect()
    },
    stop: () => {
      cancel()
      line?.close()
      line = undefined
    },
  }
}

function parse(event: LiveEvent['event'], text: unknown): LiveEvent | undefined {
  try {
    return { event, data: JSON.parse(String(text)) } as LiveEvent
  } catch {
    return undefined
  }
}
