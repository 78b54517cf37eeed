/**
 * Tests and measurements only: a master that reads everything of a scale site once a second, one request in flight per
 * link, as an edge node would; headers and new samples of rings, all values of loggers.
 */
import { once } from 'node:events'
import { createConnection, type Socket } from 'node:net'
import { type Model, RING_HEADER_REGISTERS } from '../../domain/model.ts'
import type { SiteFile } from '../../domain/site.ts'

export type ScaleCount = { replies: number; exceptions: number; values: number }
type Device = { readonly unit: number; readonly model: Model; newest: number | undefined }

/** One link of the site; `round` reads all its devices once. */
export class ScaleLink {
  readonly count: ScaleCount = { replies: 0, exceptions: 0, values: 0 }
  readonly #socket: Socket
  readonly #devices: Device[]
  #rest: Buffer = Buffer.alloc(0)
  #answered: ((pdu: Buffer) => void) | undefined

  constructor(link: SiteFile['nodes'][number]['links'][number], models: ReadonlyMap<string, Model>, port: number) {
    this.#devices = link.devices.map((d) => ({ unit: d.unit_id, model: models.get(d.model)!, newest: undefined }))
    this.#socket = createConnection({ host: '127.0.0.1', port, noDelay: true })
    this.#socket.on('data', (chunk: Buffer) => this.#take(chunk))
  }

  async open(): Promise<this> {
    await once(this.#socket, 'connect')
    return this
  }

  close(): void {
    this.#socket.destroy()
  }

  async round(): Promise<void> {
    for (const device of this.#devices) await (device.model.ring ? this.#ring(device) : this.#points(device))
  }

  /** Registers of the points in one request, as the models of scale allow. */
  async #points({ unit, model }: Device): Promise<void> {
    const points = model.points ?? []
    await this.#ask(unit, 4, points[0]!.address, points.length * 2)
    this.count.values += points.length
  }

  /** Everything since the last time; the first time a second of it. */
  async #ring(device: Device): Promise<void> {
    const ring = device.model.ring!
    const axes = ring.axes.length
    const header = await this.#ask(device.unit, 3, ring.header_address, RING_HEADER_REGISTERS)
    const newest = header.readUInt32BE(2 + 4)
    for (let c = (device.newest ?? Math.max(-1, newest - ring.sample_rate_hz)) + 1; c <= newest; ) {
      const slot = c % ring.depth
      const count = Math.min(Math.floor(125 / axes), newest - c + 1, ring.depth - slot)
      await this.#ask(device.unit, 3, ring.samples_address + slot * axes, count * axes)
      this.count.values += count * axes
      c += count
    }
    device.newest = newest
  }

  #ask(unit: number, fc: number, address: number, quantity: number): Promise<Buffer> {
    const frame = Buffer.alloc(12)
    frame.writeUInt16BE(this.count.replies & 0xffff, 0)
    frame.writeUInt16BE(6, 4)
    frame[6] = unit
    frame[7] = fc
    frame.writeUInt16BE(address, 8)
    frame.writeUInt16BE(quantity, 10)
    this.#socket.write(frame)
    return new Promise((resolve) => {
      this.#answered = resolve
    })
  }

  #take(chunk: Buffer): void {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    const end = this.#rest.length < 7 ? Number.POSITIVE_INFINITY : 6 + this.#rest.readUInt16BE(4)
    if (this.#rest.length < end) return
    const pdu = this.#rest.subarray(7, end)
    this.#rest = this.#rest.subarray(end)
    this.count.replies++
    if (pdu[0]! & 0x80) this.count.exceptions++
    this.#answered?.(pdu)
  }
}
