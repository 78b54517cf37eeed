/** A gauge whose stage the rehearsal sets: answers FC 4 of the model `sim-stage-gauge`, and notes when a new value was first served. */
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'

export class StageDevice {
  #server: Server | undefined
  readonly #sockets = new Set<Socket>()
  #stage_m = 0
  #fresh = false
  polled = false
  /** When the present value was first handed to the network, on `performance.now()` and on the wall clock [ms]. */
  served_at = 0
  served_wall_ms = 0

  async start(port = 0): Promise<number> {
    this.#server = createServer({ noDelay: true }, (socket) => {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket)).on('error', () => {})
      socket.on('data', (request: Buffer) => socket.write(this.#reply(request)))
    })
    await new Promise<void>((resolve) => this.#server!.listen(port, '127.0.0.1', resolve))
    return (this.#server.address() as AddressInfo).port
  }

  set(stage_m: number): void {
    this.#stage_m = stage_m
    this.#fresh = true
  }

  /** Whether the value set last has been read by someone. */
  get seen(): boolean {
    return !this.#fresh
  }

  stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    return new Promise((resolve) => (this.#server ? this.#server.close(() => resolve()) : resolve()))
  }

  /** Status word 0 at address 0, float32 stage at address 2 (Modbus Application Protocol 1.1b3, section 6.4). */
  #reply(request: Buffer): Buffer {
    const [address, quantity] = [request.readUInt16BE(8), request.readUInt16BE(10)]
    const registers = Buffer.alloc(2 * 4)
    registers.writeFloatBE(this.#stage_m, 4)
    const body = registers.subarray(address * 2, (address + quantity) * 2)
    const out = Buffer.alloc(9 + body.length)
    request.copy(out, 0, 0, 4)
    out.writeUInt16BE(3 + body.length, 4)
    out.writeUInt8(request[6]!, 6)
    out.writeUInt8(request[7]!, 7)
    out.writeUInt8(body.length, 8)
    body.copy(out, 9)
    this.polled = true
    if (this.#fresh) {
      this.#fresh = false
      this.served_at = performance.now()
      this.served_wall_ms = performance.timeOrigin + performance.now()
    }
    return out
  }
}
