/**
 * Who watches which device's waveform. The desk takes blocks off the broker only while somebody watches, because one
 * accelerometer is more data than all alarms of a site.
 */
import type { WebSocket } from 'ws'
import type { Clock } from '../../domain/ports.ts'
import { afterMs } from '../../runtime/clock.ts'

/** Viewers over all devices: 12 channels of one console are 4 devices. */
export const WATCHERS_MAX = 200
/** Bytes that the socket may hold; what comes then waits here, at most so many frames, and the oldest is dropped. */
const BUFFER_MAX = 256 * 1024
const FRAMES_MAX = 64

/** A viewer that does not answer a ping until the next one is gone; a session may have ended meanwhile. */
const PING_MS = 20_000

export type BlockWatchOptions = {
  readonly clock: Clock
  readonly onWatch: (device: string) => void
  readonly onUnwatch: (device: string) => void
}

type Watcher = {
  readonly socket: WebSocket
  readonly allowed: () => boolean
  answered: boolean
  /** Frames that wait for the socket, oldest first. */
  waiting: Uint8Array[]
  /** Dropped since the viewer was last told. */
  lost: number
}

export class BlockWatch {
  readonly #o: BlockWatchOptions
  readonly #watchers = new Map<string, Set<Watcher>>()
  #cancelPing: (() => void) | undefined
  #dropped = 0

  constructor(options: BlockWatchOptions) {
    this.#o = options
  }

  get watchers(): number {
    let count = 0
    for (const watchers of this.#watchers.values()) count += watchers.size
    return count
  }
  /** Frames dropped because a viewer was too slow. */
  get dropped(): number {
    return this.#dropped
  }
  get full(): boolean {
    return this.watchers >= WATCHERS_MAX
  }
  watched(device: string): boolean {
    return this.#watchers.has(device)
  }
  devices(): string[] {
    return [...this.#watchers.keys()]
  }

  /** `allowed` is asked with every ping. */
  add(device: string, socket: WebSocket, allowed: () => boolean): void {
    const watcher: Watcher = { socket, allowed, answered: true, waiting: [], lost: 0 }
    const watchers = this.#watchers.get(device)
    if (watchers === undefined) {
      this.#watchers.set(device, new Set([watcher]))
      this.#o.onWatch(device)
    } else watchers.add(watcher)
    socket.on('close', () => this.#remove(device, watcher))
    socket.on('error', () => socket.terminate())
    socket.on('pong', () => {
      watcher.answered = true
    })
    // Nothing is expected from a viewer.
    socket.on('message', () => socket.close(1003, 'this socket only sends'))
    this.#planPing()
  }

  send(device: string, frame: Uint8Array): void {
    for (const watcher of this.#watchers.get(device) ?? []) {
      watcher.waiting.push(frame)
      if (watcher.waiting.length > FRAMES_MAX) {
        watcher.waiting.shift()
        watcher.lost++
        this.#dropped++
      }
      flush(watcher)
    }
  }

  stop(): void {
    this.#cancelPing?.()
    for (const watchers of this.#watchers.values()) for (const { socket } of watchers) socket.terminate()
    this.#watchers.clear()
  }

  #planPing(): void {
    const { clock } = this.#o
    this.#cancelPing ??= clock.at(afterMs(clock, PING_MS), () => {
      this.#cancelPing = undefined
      for (const watchers of this.#watchers.values()) for (const watcher of watchers) ping(watcher)
      if (this.#watchers.size > 0) this.#planPing()
    })
  }

  #remove(device: string, watcher: Watcher): void {
    const watchers = this.#watchers.get(device)
    if (!watchers?.delete(watcher) || watchers.size > 0) return
    this.#watchers.delete(device)
    this.#o.onUnwatch(device)
  }
}

/** Sends what fits; the rest goes when the socket has written. What was lost is told before what follows it. */
function flush(watcher: Watcher): void {
  const { socket, waiting } = watcher
  const again = () => {
    if (waiting.length > 0) flush(watcher)
  }
  while (waiting.length > 0 && socket.readyState === OPEN && socket.bufferedAmount <= BUFFER_MAX) {
    if (watcher.lost > 0) {
      socket.send(JSON.stringify({ lost: watcher.lost }))
      watcher.lost = 0
    }
    socket.send(waiting.shift()!, again)
  }
}
/** `WebSocket.OPEN`. */
const OPEN = 1

function ping(watcher: Watcher): void {
  if (watcher.answered && watcher.allowed()) {
    watcher.answered = false
    watcher.socket.ping()
  } else watcher.socket.terminate()
}
