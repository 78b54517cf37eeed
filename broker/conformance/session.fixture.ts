/** Tests only: one broker for a file of conformance tests, and clients of it by raw bytes. */
import { afterAll, afterEach, beforeAll } from 'vitest'
import { BrokerFixture } from '../broker.fixture.ts'
import { type ConnectFields, connectPacket, RawMqtt, SUBACK, subscribePacket } from '../raw-mqtt.fixture.ts'

export class Sessions {
  fixture!: BrokerFixture
  readonly #opened: RawMqtt[] = []

  /** A connection on which nothing was said yet. */
  async stranger(): Promise<RawMqtt> {
    const raw = await RawMqtt.open(this.fixture.port)
    this.#opened.push(raw)
    return raw
  }

  /** The CONNECT of a user with its right password. */
  packetFor(user: string, fields: Partial<ConnectFields> = {}): Buffer {
    return connectPacket({ clientId: user, user, password: this.fixture.password(user), ...fields })
  }

  /** A client that was let in; its CONNACK has been read. */
  async client(user: string, fields: Partial<ConnectFields> = {}): Promise<RawMqtt> {
    const raw = await this.stranger()
    raw.send(this.packetFor(user, fields))
    const { type, body } = await raw.next()
    if (type !== 2 || body[1] !== 0) throw new Error(`${user} was refused: ${body.toString('hex')}`)
    return raw
  }

  /** A client with these subscriptions, answered. */
  async subscriber(user: string, ...filters: [filter: string, qos: number][]): Promise<RawMqtt> {
    const raw = await this.client(user)
    raw.send(subscribePacket(9, ...filters))
    const { type } = await raw.next()
    if (type !== SUBACK) throw new Error(`expected SUBACK, got packet type ${type}`)
    return raw
  }

  cutAll(): void {
    for (const raw of this.#opened.splice(0)) raw.cut()
  }
}

/** Hooks of the file that calls it. */
export function sessions(): Sessions {
  const made = new Sessions()
  beforeAll(async () => {
    made.fixture = await BrokerFixture.start()
  })
  afterEach(() => made.cutAll())
  afterAll(() => made.fixture.stop())
  return made
}
