/**
 * A clean-session MQTT 3.1.1 connection that comes back for ever, on mqtt.js: one fresh client per attempt, because its own
 * reconnecting keeps queues and subscriptions that Sparkplug forbids. Of several addresses it takes the next one after
 * each session and each failure. What is said in a session is `mqtt-session.ts`'s.
 */
import { MqttClient } from 'mqtt'
import { PlumblineError } from '../domain/errors.ts'
import type { Clock, ConnectMqtt, Log, MqttConnection, MqttOptions } from '../domain/ports.ts'
import { instantToMs, secondsBetween } from '../domain/time.ts'
import {
  addressOf,
  type BrokerAccess,
  type BrokerAddress,
  type BrokerTrust,
  openSocket,
  trustOf,
} from './broker-address.ts'
import { afterMs } from './clock.ts'
import { bufferOf, MqttSession } from './mqtt-session.ts'

/**
 * Longest wait before the next attempt: doubled each time from first to most, forgotten after `STEADY_S` up. The shortest is
 * half of it.
 */
const RETRY = { first_ms: 500, most_ms: 10_000 }
/** A broker that refuses our name or password will not change its mind soon. */
const REFUSED_RETRY = { first_ms: 10_000, most_ms: 30_000 }
const STEADY_S = 10
const CONNECT_TIMEOUT_MS = 5_000
/** CONNACK return codes (MQTT 3.1.1, table 3.1): identifier rejected, bad user name or password, not authorised. */
const REFUSED_CODES = new Set([2, 4, 5])

/** @param access how the broker is reached, where its plain `url` does not say it all */
export const connectMqtt =
  (clock: Clock, log: Log, access: BrokerAccess = {}): ConnectMqtt =>
  (options) =>
    new Connection(clock, log.child({ mqtt: options.clientId }), options, access)

class Connection implements MqttConnection {
  readonly #clock: Clock
  readonly #log: Log
  readonly #options: MqttOptions
  readonly #addresses: readonly BrokerAddress[]
  readonly #username: string
  readonly #access: BrokerAccess
  /** Address of the present or the next attempt. */
  #at = 0
  #session: MqttSession | undefined
  #phase: 'new' | 'running' | 'stopped' = 'new'
  #cancelRetry: () => void = () => {}
  #retry_ms = 0
  /** The last failure that was logged of each address, and how many there were. */
  readonly #failures = new Map<number, string>()
  #failed_attempts = 0
  #away: string | undefined = 'not tried yet'
  #onEnded: () => void = () => {}
  #stopping: Promise<void> | undefined

  constructor(clock: Clock, log: Log, options: MqttOptions, access: BrokerAccess) {
    this.#clock = clock
    this.#log = log
    this.#options = options
    this.#addresses = (access.urls ?? [options.url]).map(addressOf)
    this.#username = `${access.user_prefix ?? ''}${options.username}`
    this.#access = access
  }

  get #address(): BrokerAddress {
    return this.#addresses[this.#at]!
  }

  get up(): boolean {
    return this.#session?.upSince !== undefined
  }

  get away(): string | undefined {
    return this.up ? undefined : this.#away
  }

  get pendingBytes(): number {
    return this.#session?.socket.writableLength ?? 0
  }

  start(): void {
    if (this.#phase !== 'new') return
    this.#phase = 'running'
    void this.#attempt()
  }

  async #attempt(): Promise<void> {
    let password: string
    let trust: BrokerTrust
    try {
      password = await this.#options.password()
      trust = this.#address.tls ? await trustOf(this.#access, this.#username, this.#date()) : {}
    } catch (error) {
      this.#failed((error as Error).message)
      return this.#retryLater(REFUSED_RETRY)
    }
    if (this.#phase === 'running') this.#open(password, trust)
  }

  #date(): Date {
    return new Date(instantToMs(this.#clock.now()))
  }

  #open(password: string, trust: BrokerTrust): void {
    const { clientId, keepalive_s, onMessage } = this.#options
    const will = this.#options.will()
    const { socket, certificateEnded } = openSocket(this.#address, trust)
    const client = new MqttClient(() => socket, {
      clientId,
      username: this.#username,
      password,
      keepalive: keepalive_s,
      clean: true,
      protocolVersion: 4,
      reconnectPeriod: 0,
      connectTimeout: CONNECT_TIMEOUT_MS,
      resubscribe: false,
      queueQoSZero: false,
      will: { topic: will.topic, payload: bufferOf(will.payload), qos: will.qos, retain: will.retain },
    })
    const session = new MqttSession(client, socket, certificateEnded)
    this.#session = session
    // mqtt.js keeps some errors of the socket to itself: those of a certificate above all.
    socket.on('error', (error) => {
      session.error ??= error
    })
    client.on('error', (error) => {
      session.error ??= error
    })
    client.once('connect', () => this.#cameUp(session))
    client.once('close', () => this.#ended(session))
    client.on('message', (topic, payload, packet) => {
      if (session === this.#session) onMessage({ topic, payload, retain: packet.retain })
    })
  }

  #cameUp(session: MqttSession): void {
    if (session !== this.#session || this.#phase !== 'running') return
    session.upSince = this.#clock.monotonic()
    const failed_attempts = this.#failed_attempts
    this.#failures.clear()
    this.#failed_attempts = 0
    this.#log.info('connected to the MQTT broker', {
      ...where(this.#address),
      ...(failed_attempts > 0 ? { failed_attempts } : {}),
    })
    this.#options.onUp()
  }

  /** The socket is closed: settles what was under way, tells, and plans the next attempt. */
  #ended(session: MqttSession): void {
    if (session !== this.#session) return
    this.#session = undefined
    const ended = session.certificateEnded(session.error, this.#date())
    const why = session.why ?? ended?.message ?? reasonOf(session.error)
    session.ended(why)
    this.#onEnded()
    if (this.#phase === 'stopped') return
    if (session.upSince === undefined) {
      const refused = REFUSED_CODES.has(Number(session.error?.code))
      this.#failed(refused ? refusal(this.#username, this.#options.clientId, why) : why)
      this.#retryLater(refused ? REFUSED_RETRY : RETRY)
      return
    }
    if (secondsBetween(this.#clock.monotonic(), session.upSince) >= STEADY_S) this.#retry_ms = 0
    this.#log.warn('MQTT session ended', { why })
    this.#away = why
    this.#retryLater(RETRY)
    this.#options.onDown(why)
  }

  /** One line for a new reason; the same again is only counted, and told when the broker is back. */
  #failed(why: string): void {
    if (this.#phase === 'stopped') return
    this.#failed_attempts++
    this.#away = why
    if (why === this.#failures.get(this.#at)) return
    this.#failures.set(this.#at, why)
    this.#log.warn('cannot connect to the MQTT broker, trying on', { ...where(this.#address), why })
    this.#options.onAway?.(why)
  }

  #retryLater({ first_ms, most_ms }: { first_ms: number; most_ms: number }): void {
    if (this.#phase === 'stopped') return
    this.#at = (this.#at + 1) % this.#addresses.length
    // Every address gets its try before the waits grow.
    const factor = this.#at === 0 ? 2 : 1
    this.#retry_ms = Math.min(most_ms, Math.max(first_ms, this.#retry_ms * factor))
    // Half fixed, half random: nodes that lost the same broker do not come back in one moment.
    const wait_ms = this.#retry_ms * (0.5 + Math.random() / 2)
    this.#cancelRetry = this.#clock.at(afterMs(this.#clock, wait_ms), () => void this.#attempt())
  }

  publish(topic: string, payload: Uint8Array, how: { qos: 0 | 1; retain?: boolean }): Promise<void> {
    return this.#inSession((session) => session.publish(topic, payload, how))
  }

  subscribe(filters: readonly string[], qos: 0 | 1): Promise<void> {
    return filters.length === 0 ? Promise.resolve() : this.#inSession((session) => session.subscribe(filters, qos))
  }

  unsubscribe(filters: readonly string[]): Promise<void> {
    return filters.length === 0 ? Promise.resolve() : this.#inSession((session) => session.unsubscribe(filters))
  }

  #inSession(work: (session: MqttSession) => Promise<void>): Promise<void> {
    const session = this.#session
    if (session?.upSince === undefined || this.#phase !== 'running')
      return Promise.reject(new Error('not connected to the MQTT broker'))
    return work(session)
  }

  drop(): void {
    const session = this.#session
    if (session === undefined) return
    session.why = 'dropped by this side'
    session.socket.destroy()
  }

  stop(deadline_ms: number): Promise<void> {
    this.#stopping ??= this.#stop(deadline_ms)
    return this.#stopping
  }

  #stop(deadline_ms: number): Promise<void> {
    this.#phase = 'stopped'
    this.#cancelRetry()
    const session = this.#session
    if (session === undefined) return Promise.resolve()
    return new Promise((resolve) => {
      // mqtt.js waits for acknowledgements that a dead peer never gives: the deadline is ours.
      const cancel = this.#clock.at(afterMs(this.#clock, deadline_ms), () => {
        session.socket.destroy()
        this.#ended(session)
      })
      this.#onEnded = () => {
        cancel()
        resolve()
      }
      session.client.end(session.upSince === undefined)
    })
  }
}

const where = ({ host, port, tls }: BrokerAddress) => ({ host, port, ...(tls && { tls }) })

const reasonOf = (error: Error | undefined): string =>
  error === undefined ? 'closed by the broker' : error.message || ((error as NodeJS.ErrnoException).code ?? error.name)

const refusal = (username: string, clientId: string, why: string): string =>
  new PlumblineError('BROKER_REFUSED', `user ${username}, client id ${clientId}: ${why}`).message
