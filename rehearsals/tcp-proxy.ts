/** A TCP proxy that a rehearsal can cut and mend: the network between a browser and the desk. */
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

export class TcpProxy {
  readonly #target: number
  readonly #sockets = new Set<Socket>()
  #server: Server | undefined
  #cut = false

  constructor(target: number) {
    this.#target = target
  }

  /** @returns the port it listens on */
  async start(): Promise<number> {
    this.#server = createServer({ noDelay: true }, (client) => {
      if (this.#cut) return void client.destroy()
      const far = connect({ port: this.#target, host: '127.0.0.1', noDelay: true })
      for (const socket of [client, far]) {
        this.#sockets.add(socket)
        socket.on('error', () => {})
        socket.on('close', () => {
          this.#sockets.delete(socket)
          client.destroy()
          far.destroy()
        })
      }
      client.pipe(far).pipe(client)
    })
    await new Promise<void>((resolve) => this.#server!.listen(0, '127.0.0.1', resolve))
    return (this.#server.address() as AddressInfo).port
  }

  /** Cuts every connection and refuses new ones until `mend`. */
  cut(): void {
    this.#cut = true
    for (const socket of this.#sockets) socket.destroy()
  }

  mend(): void {
    this.#cut = false
  }

  async stop(): Promise<void> {
    this.cut()
    await new Promise<void>((resolve) => (this.#server ? this.#server.close(() => resolve()) : resolve()))
  }
}
