/**
 * One CONNECT and what is said until it ends: publish, subscribe, unsubscribe. Each settles with its work or with the end of
 * the session, whichever comes first. When a session is made, and what comes after it, is `mqtt-connection.ts`'s.
 */
import type { Socket } from 'node:net'
import type { MqttClient } from 'mqtt'
import { PlumblineError } from '../domain/errors.ts'
import type { Monotonic } from '../domain/time.ts'
import type { BrokerSocket } from './broker-address.ts'
import { publishPacket } from './publish-packet.ts'

/** SUBACK return code for a refused filter (MQTT 3.1.1, 3.9.3). */
const SUBACK_FAILURE = 0x80

/** Never used again once it has ended. */
export class MqttSession {
  readonly client: MqttClient
  readonly socket: Socket
  readonly certificateEnded: BrokerSocket['certificateEnded']
  upSince: Monotonic | undefined
  error: (Error & { code?: string | number }) | undefined
  /** Why it ends, where that was this side's doing. */
  why: string | undefined
  /** Rejections of what is still under way: mqtt.js forgets some callbacks when the peer closes. */
  readonly #underWay = new Set<(error: Error) => void>()
  /** What is published now waits for the end of this turn. */
  #gathering = false

  constructor(client: MqttClient, socket: Socket, certificateEnded: BrokerSocket['certificateEnded']) {
    this.client = client
    this.socket = socket
    this.certificateEnded = certificateEnded
  }

  publish(topic: string, payload: Uint8Array, { qos, retain = false }: { qos: 0 | 1; retain?: boolean }) {
    return this.#settling<void>((resolve, reject) => {
      this.#gather()
      // As mqtt.js would write it, without what it keeps of a message that nobody acknowledges.
      if (qos === 0 && this.client.connected && !this.client.disconnecting)
        this.socket.write(publishPacket(topic, payload, retain), (error) => (error ? reject(error) : resolve()))
      else
        this.client.publish(topic, bufferOf(payload), { qos, retain }, (error) => (error ? reject(error) : resolve()))
    })
  }

  subscribe(filters: readonly string[], qos: 0 | 1): Promise<void> {
    return this.#settling<void>((resolve, reject) =>
      this.client.subscribe([...filters], { qos }, (error, _granted, suback) => {
        const refused = filters.filter((_, i) => Number(suback?.granted[i]) >= SUBACK_FAILURE)
        if (refused.length > 0)
          reject(new PlumblineError('BROKER_REFUSED', `subscription to ${refused.join(', ')} was refused`))
        else if (error) reject(error)
        else resolve()
      }),
    )
  }

  unsubscribe(filters: readonly string[]): Promise<void> {
    return this.#settling<void>((resolve, reject) =>
      this.client.unsubscribe([...filters], (error) => (error ? reject(error) : resolve())),
    )
  }

  /** The socket is closed: settles what was under way. */
  ended(why: string): void {
    for (const reject of this.#underWay) reject(new Error(`MQTT session ended: ${why}`))
    this.#underWay.clear()
  }

  #settling<T>(work: (resolve: (value: T) => void, reject: (error: Error) => void) => void): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#underWay.add(reject)
      const settle =
        <A>(act: (value: A) => void) =>
        (value: A) => {
          this.#underWay.delete(reject)
          act(value)
        }
      work(settle(resolve), settle(reject))
    })
  }

  /**
   * What is published in one turn of the event loop goes in one write: it costs no time, for the turn ends before anything is
   * waited for, and a write to a socket costs more than what a small message says.
   */
  #gather(): void {
    if (this.#gathering) return
    this.#gathering = true
    this.socket.cork()
    setImmediate(() => {
      this.#gathering = false
      this.socket.uncork()
    })
  }
}

/** The same bytes as a Buffer, not copied. */
export const bufferOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
