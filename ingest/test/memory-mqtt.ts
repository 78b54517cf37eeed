/** A broker session in memory: what a host publishes is told, and what is published to it arrives at once. */
import type { ConnectMqtt, MqttConnection, MqttOptions } from '../../domain/ports.ts'

export class MemoryMqtt {
  #options: MqttOptions | undefined
  readonly #onPublish: (topic: string, payload: Uint8Array) => void

  constructor(onPublish: (topic: string, payload: Uint8Array) => void) {
    this.#onPublish = onPublish
  }

  readonly connect: ConnectMqtt = (options) => {
    this.#options = options
    const connection: MqttConnection = {
      start: () => options.onUp(),
      up: true,
      away: undefined,
      pendingBytes: 0,
      publish: async (topic, payload) => this.#onPublish(topic, payload),
      subscribe: async () => {},
      unsubscribe: async () => {},
      drop: () => {},
      stop: async () => {},
    }
    return connection
  }

  /** Returns when the host has taken it. */
  send(topic: string, payload: Uint8Array): void {
    this.#options!.onMessage({ topic, payload, retain: false })
  }
}
