/**
 * A line of so many bytes a second between an edge node and its broker, shared by all its connections, each way for itself:
 * what is sent waits for what was sent before it, as on a modem. A reader that is slow holds its sender back, as TCP does.
 */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** What may wait in one way before its senders are held back: as much as a router would. */
const WAITING_MAX = 16 * 1024

class Way {
  readonly #bytes_per_s: number
  readonly #queue: Array<{ readonly to: Socket; readonly from: Socket; readonly bytes: Buffer }> = []
  #waiting = 0
  #busy = false

  constructor(bytes_per_s: number) {
    this.#bytes_per_s = bytes_per_s
  }

  carry(from: Socket, to: Socket, bytes: Buffer): void {
    this.#queue.push({ from, to, bytes })
    this.#waiting += bytes.length
    if (this.#waiting > WAITING_MAX) from.pause()
    if (!this.#busy) this.#next()
  }

  #next(): void {
    const first = this.#queue.shift()
    this.#busy = first !== undefined
    if (first === undefined) return
    setTimeout(
      () => {
        this.#waiting -= first.bytes.length
        if (!first.to.destroyed) first.to.write(first.bytes)
        if (this.#waiting <= WAITING_MAX) {
          first.from.resume()
          for (const { from } of this.#queue) from.resume()
        }
        this.#next()
      },
      (first.bytes.length / this.#bytes_per_s) * 1000,
    )
  }
}

export async function startSlowLink(
  target: number,
  bits_per_s: number,
): Promise<{ readonly port: number; stop(): Promise<void> }> {
  const [up, down] = [new Way(bits_per_s / 8), new Way(bits_per_s / 8)]
  const sockets = new Set<Socket>()
  const server = createServer({ noDelay: true }, (client) => {
    const broker = connect({ port: target, host: '127.0.0.1', noDelay: true })
    for (const [from, to, way] of [
      [client, broker, up],
      [broker, client, down],
    ] as const) {
      sockets.add(from)
      from.on('data', (bytes: Buffer) => way.carry(from, to, bytes))
      from.on('error', () => {})
      from.on('close', () => {
        sockets.delete(from)
        to.destroySoon()
      })
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    stop: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
