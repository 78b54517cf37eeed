/**
 * The functions of Modbus as requests over one link. When each is sent is `link-queue.ts`'s, what a right reply is
 * `modbus-pdu.ts`'s, what the registers mean the callers'.
 */
import { invariant } from '../../domain/errors.ts'
import {
  type Clock,
  type LinkState,
  type Log,
  type ModbusBits,
  ModbusError,
  type ModbusLink,
  type ModbusReply,
} from '../../domain/ports.ts'
import type { SiteLink } from '../../domain/site.ts'
import type { Monotonic } from '../../domain/time.ts'
import { LinkQueue } from './link-queue.ts'
import {
  exceptionOf,
  type IdentityPart,
  identityOf,
  identityRequest,
  queueOf,
  queueRequest,
  registersOf,
  registersRequest,
} from './modbus-pdu.ts'
import { askLibrary, askOurselves } from './modbus-request.ts'

/** Modbus Application Protocol 1.1b3, 6.11, 6.12, 6.17: what one request may write. */
const COILS_MAX = 1968
const WRITE_MAX = 123
const READ_WRITE_MAX = 121
/** Requests in which a device may tell who it is. */
const IDENTITY_PARTS_MAX = 32

/**
 * Opens a link of any kind: `tcp`, `tls`, `rtu` or `rtu_over_tcp`, whichever the site names.
 * @throws PlumblineError SITE_INVALID where certificates that the site names cannot be used
 */
export const openModbus =
  (clock: Clock, log: Log) =>
  (link: SiteLink): ModbusLink =>
    new QueuedLink(new LinkQueue(clock, log.child({ link: link.id }), link))

class QueuedLink implements ModbusLink {
  readonly #queue: LinkQueue

  constructor(queue: LinkQueue) {
    this.#queue = queue
  }

  readRegisters(unit: number, table: 'holding' | 'input', address: number, quantity: number): Promise<ModbusReply> {
    return this.#queue.ask(unit, false, askOurselves(registersRequest(unit, table, address, quantity), takeRegisters))
  }

  readBits(unit: number, table: 'coil' | 'discrete', address: number, quantity: number): Promise<ModbusBits> {
    const ask = askLibrary<{ data: boolean[] }>((client, done) =>
      table === 'coil'
        ? client.writeFC1(unit, address, quantity, done)
        : client.writeFC2(unit, address, quantity, done),
    )
    return this.#queue.ask(unit, false, async (connection, timeout_ms) => {
      const { result, ...times } = await ask(connection, timeout_ms)
      return { bits: Uint8Array.from({ length: quantity }, (_, i) => Number(result.data[i])), ...times }
    })
  }

  readFifo(unit: number, address: number): Promise<ModbusReply> {
    return this.#queue.ask(unit, false, askOurselves(queueRequest(unit, address), takeQueue))
  }

  /** Basic and regular objects; a device that has the basic ones only gives those (6.21). */
  async readIdentity(unit: number): Promise<ReadonlyMap<number, string>> {
    const all = new Map<number, string>()
    let from: number | undefined = 0
    for (let part = 0; from !== undefined && part < IDENTITY_PARTS_MAX; part++) {
      const request: Buffer = identityRequest(unit, 2, from)
      const { objects, next }: IdentityPart = await this.#queue.ask(unit, false, askOurselves(request, takeIdentity))
      for (const [id, text] of objects) all.set(id, text)
      if (next !== undefined && next <= from)
        throw new ModbusError('bad-reply', `expected more objects after ${from}, got a continuation at ${next}`)
      from = next
    }
    return all
  }

  async writeCoils(unit: number, address: number, bits: readonly boolean[]): Promise<void> {
    invariant(bits.length > 0 && bits.length <= COILS_MAX, `${bits.length} coils fit one request of 1 to ${COILS_MAX}`)
    const [only] = bits
    await this.#write(unit, (client, done) =>
      bits.length === 1
        ? client.writeFC5(unit, address, only!, done)
        : client.writeFC15(unit, address, [...bits], done),
    )
  }

  async writeRegisters(
    unit: number,
    address: number,
    values: readonly number[],
    { multiple = false }: { readonly multiple?: boolean } = {},
  ): Promise<void> {
    invariant(
      values.length > 0 && values.length <= WRITE_MAX,
      `${values.length} registers fit one write of ${WRITE_MAX}`,
    )
    const [only] = values
    await this.#write(unit, (client, done) =>
      values.length === 1 && !multiple
        ? client.writeFC6(unit, address, only!, done)
        : client.writeFC16(unit, address, [...values], done),
    )
  }

  async maskWriteRegister(unit: number, address: number, and: number, or: number): Promise<void> {
    await this.#write(unit, (client, done) => client.writeFC22(unit, address, and, or, done))
  }

  readWriteRegisters(
    unit: number,
    read: { readonly address: number; readonly quantity: number },
    write: { readonly address: number; readonly values: readonly number[] },
  ): Promise<ModbusReply> {
    const { values } = write
    invariant(values.length > 0 && values.length <= READ_WRITE_MAX, `${values.length} registers fit one request`)
    const ask = askLibrary<{ data: number[] }>((client, done) =>
      client.writeFC23(unit, read.address, read.quantity, write.address, values.length, [...values], done),
    )
    return this.#queue.ask(unit, true, async (connection, timeout_ms) => {
      const { result, ...times } = await ask(connection, timeout_ms)
      return { registers: registersFrom(result.data, read.quantity), ...times }
    })
  }

  pollEnded(): void {
    this.#queue.pollEnded()
  }

  close(): Promise<void> {
    return this.#queue.close()
  }

  state(): LinkState {
    return this.#queue.state
  }

  async #write(unit: number, call: Parameters<typeof askLibrary<unknown>>[0]): Promise<void> {
    // That the device repeated the write is checked by the port.
    await this.#queue.ask(unit, true, askLibrary<unknown>(call))
  }
}

function registersFrom(data: readonly number[], quantity: number): Uint16Array {
  if (data.length !== quantity) throw new ModbusError('bad-reply', `expected ${quantity} registers, got ${data.length}`)
  return Uint16Array.from(data)
}

const takeRegisters = (reply: Buffer, sent: Monotonic, received: Monotonic): ModbusReply => ({
  registers: registersOf(answered(reply)),
  sent,
  received,
})
const takeQueue = (reply: Buffer, sent: Monotonic, received: Monotonic): ModbusReply => ({
  registers: queueOf(answered(reply)),
  sent,
  received,
})
const takeIdentity = (reply: Buffer): IdentityPart => identityOf(answered(reply))

/** @throws ModbusError where it is an exception */
function answered(reply: Buffer): Buffer {
  const exception = exceptionOf(reply)
  if (exception !== undefined) throw exception
  return reply
}
