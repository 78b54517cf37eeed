/**
 * Publishers and subscribers that cost next to nothing and are the same for every broker: whole QoS 0 frames, made
 * beforehand, over raw sockets; what arrives is counted by its bytes. Row `broker-mosquitto` measures the broker between them.
 */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { connectPacket, publishPacket, subscribePacket } from '../broker/raw-mqtt.fixture.ts'
import { pause, until } from '../rehearsals/until.ts'

export type Account = { readonly clientId: string; readonly user: string; readonly password: string }

/** CONNACK and SUBACK of one filter, MQTT 3.1.1 sections 3.2 and 3.9. */
const [CONNACK_BYTES, SUBACK_BYTES] = [4, 5]
/** Sent and not yet with every subscriber: what a busy line has under way, far below what a broker would drop. */
const WINDOW = 1000
/** Frames of one write, so that the load stays the smaller part of the machine. */
const AT_ONCE = 10

export class MqttLoad {
  readonly #publishers: Socket[] = []
  readonly #subscribers: Array<{ readonly socket: Socket; bytes: number }> = []
  #sent = 0
  #wake = () => {}

  async connect(
    port: number,
    publishers: readonly Account[],
    subscribers: readonly Account[],
    filter: string,
  ): Promise<void> {
    for (const account of publishers) this.#publishers.push(await opened(port, account))
    for (const account of subscribers) {
      const subscriber = { socket: await opened(port, account), bytes: -SUBACK_BYTES }
      subscriber.socket.on('data', (chunk: Buffer) => {
        subscriber.bytes += chunk.length
        this.#wake()
      })
      subscriber.socket.write(subscribePacket(1, [filter, 0]))
      await until(`${account.clientId} is subscribed`, () => subscriber.bytes === 0)
      this.#subscribers.push(subscriber)
    }
  }

  /**
   * Publishes one payload, each publisher to its topic, for some seconds: at `per_s`, or as fast as it arrives.
   * @param topics all of one length
   * @returns messages that every subscriber has received by then
   * @throws when anything was lost
   */
  async run(topics: readonly string[], payload: Uint8Array, seconds: number, per_s = Infinity): Promise<number> {
    const frames = topics.map((topic) => publishPacket(topic, payload))
    const [length, at_once] = [frames[0]!.length, per_s === Infinity ? AT_ONCE : 1]
    const chunks = frames.map((frame) => Buffer.concat(Array.from({ length: at_once }, () => frame)))
    if (frames.some((frame) => frame.length !== length)) throw new Error('the topics differ in length')
    for (const subscriber of this.#subscribers) subscriber.bytes = 0
    this.#sent = 0
    const arrived = () => Math.min(...this.#subscribers.map(({ bytes }) => Math.floor(bytes / length)))
    const begun = performance.now()
    const passed_s = () => (performance.now() - begun) / 1000
    for (let k = 0; passed_s() < seconds; k++) {
      if (this.#sent - arrived() >= WINDOW) await new Promise<void>((resolve) => (this.#wake = resolve))
      else if (this.#sent >= per_s * passed_s()) await pause(1)
      else {
        this.#publishers[k % chunks.length]!.write(chunks[k % chunks.length]!)
        this.#sent += at_once
      }
      if (k % 20 === 19) await new Promise((resolve) => setImmediate(resolve))
    }
    const count = arrived()
    await until('all have arrived', () => arrived() === this.#sent)
    return count
  }

  close(): void {
    for (const socket of [...this.#publishers, ...this.#subscribers.map(({ socket }) => socket)]) socket.destroy()
  }
}

async function opened(port: number, account: Account): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  await once(socket, 'connect')
  socket.write(connectPacket(account))
  const [answer] = (await once(socket, 'data')) as [Buffer]
  if (answer.length !== CONNACK_BYTES || answer[3] !== 0)
    throw new Error(`${account.clientId} was refused: ${answer.toString('hex')}`)
  // A publisher hears nothing more.
  return socket.resume()
}
