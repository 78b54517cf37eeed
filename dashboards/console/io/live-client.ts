/**
 * The live line: server-sent events of the desk, parsed and handed on; it opens anew by itself whenever the line breaks,
 * falls silent or carries what cannot be read. It goes on behind the last event it heard where the desk still has what came
 * since, else with a snapshot. What the events mean is `state/`'s.
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
  addEventListener(name: string, fn: (event: { data?: unknown; lastEventId?: string }) => void): void
  close(): void
}

export type LiveClient = {
  /** Opens a new line at once instead of waiting for the next try. */
  retryNow(): void
  stop(): void
}

/**
 * @param onEvent every event from the first snapshot on; nothing that came before it
 * @param open    makes one line that goes on behind the event of this id, '' = with a snapshot; tests give their own
 */
export function startLive(
  onEvent: (live: LiveEvent) => void,
  open: (last: string) => EventLine = (last) =>
    new EventSource(last === '' ? LIVE_URL : `${LIVE_URL}?last_event_id=${encodeURIComponent(last)}`),
): LiveClient {
  let line: EventLine | undefined
  let attempt = 0
  let cancel = () => {}
  /** Id of the last event that was handed on. */
  let last = ''

  const connect = () => {
    const mine = open(last)
    line = mine
    let begun = last !== ''
    watch()
    for (const name of EVENTS)
      mine.addEventListener(name, (event) => {
        if (line !== mine) return
        const live = parse(name, event.data)
        if (live === undefined) {
          last = ''
          return reopen()
        }
        watch()
        begun ||= live.event === 'snapshot'
        if (!begun) return
        attempt = 0
        last = event.lastEventId ?? ''
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
      last = ''
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
