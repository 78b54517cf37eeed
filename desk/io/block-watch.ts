/**
 * Who watches which device's waveform. The desk takes blocks off the broker only while somebody watches, because one
 * accelerometer is more data than all alarms of a site.
 */
import type { WebSocket } from 'ws'
import type { Log } from '../../domain/ports.ts'

/** Viewers over all devices: 12 channels of one console are 4 devices. */
export const WATCHERS_MAX = 200
const BUFFER_MAX = 1024 * 1024

export type BlockWatchOptions = {
  readonly log: Log
  readonly onWatch: (device: string) => void
  readonly onUnwatch: (device: string) => void
}

export class BlockWatch {
  readonly #o: BlockWatchOptions
  readonly #watchers = new Map<string, Set<WebSocket>>()
  #dropped = 0

  constructor(options: BlockWatchOptions) {
    this.#o = options
  }

  get watchers(): number {
    let count = 0
    for (const sockets of this.#watchers.values()) count += sockets.size
    return count
  }
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

  add(device: string, socket: WebSocket): void {
    const sockets = this.#watchers.get(device)
    if (sockets === undefined) {
      this.#watchers.set(device, new Set([socket]))
      this.#o.onWatch(device)
    } else sockets.add(socket)
    socket.on('close', () => this.#remove(device, socket))
    socket.on('error', () => socket.terminate())
    // Nothing is expected from a viewer; ping and close are answered by the library.
    socket.on('message', () => socket.close(1003, 'this socket only sends'))
  }

  send(device: string, frame: Uint8Array): void {
    for (const socket of this.#watchers.get(device) ?? []) {
      if (socket.bufferedAmount > BUFFER_MAX) {
        this.#dropped++
        socket.terminate()
      } else socket.send(frame)
    }
  }

  stop(): void {
    for (const sockets of this.#watchers.values()) for (const socket of sockets) socket.terminate()
    this.#watchers.clear()
  }

  #remove(device: string, socket: WebSocket): void {
    const sockets = this.#watchers.get(device)
    if (!sockets?.delete(socket) || sockets.size > 0) return
    this.#watchers.delete(device)
    this.#o.onUnwatch(device)
  }
}
