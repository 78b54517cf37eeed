/**
 * aedes with our doors: who is let in, what each client may do, what is refused. The rules are `access.ts`'s, the passwords
 * `credentials.ts`'s, the connections `listener.ts`'s.
 */
import type { EventEmitter } from 'node:events'
import type { Duplex } from 'node:stream'
import { Aedes, type AuthenticateError, type Client, type PublishPacket } from 'aedes'
import { PlumblineError } from '../../domain/errors.ts'
import type { Log } from '../../domain/ports.ts'
import {
  foreignNodeOf,
  type Identity,
  mayBe,
  mayPublish,
  mayRetain,
  maySubscribe,
  mayWill,
  observerOf,
} from '../access.ts'
import { connectFault, isFilter, isString } from '../packet-rules.ts'
import type { RefusalReason, Refusals } from '../refusals.ts'
import type { Credentials } from './credentials.ts'
import type { Arrival } from './listener.ts'
import { NOT_READING } from './stalled.ts'

const CONNECT_TIMEOUT_MS = 10_000
/** The listener cuts off who does not read well before (`stalled.ts`); should that fail, aedes does. */
const DRAIN_TIMEOUT_MS = 5_000
/** A client without keep-alive could be dead for ever and its will never told. */
const KEEPALIVE_MAX_S = 120
/** QoS 2 messages held for a client; ours use none. */
const INBOUND_QOS2_MAX = 16
/** Packets that may come between CONNECT and CONNACK. */
const EARLY_PACKETS_MAX = 42
/** Filters of one client. The desk has one for each device whose waveforms somebody watches. */
export const SUBSCRIPTIONS_MAX: Readonly<Record<Identity['kind'], number>> = { host: 4096, edge: 64, observer: 64 }
/** Levels of a topic; ours have up to five. */
export const TOPIC_LEVELS_MAX = 8

/** CONNACK return codes, MQTT 3.1.1 table 3.1. */
const BAD_PASSWORD = 4
const NOT_AUTHORISED = 5
const IDENTIFIER_REJECTED = 2

type Asked = {
  readonly clientId: string
  readonly clean: boolean
  readonly keepalive_s: number
  readonly will?: { topic: string; retain: boolean }
}

class Refused extends Error {
  readonly returnCode: number
  constructor(reason: RefusalReason, returnCode = NOT_AUTHORISED) {
    super(reason)
    this.returnCode = returnCode
  }
}

const MADE = { observer: observerOf, node: foreignNodeOf } as const

export class MqttServer {
  readonly #site: string
  readonly #identities: ReadonlyMap<string, Identity>
  readonly #credentials: Credentials
  readonly #refusals: Refusals
  readonly #log: Log
  /** What a client asked for at CONNECT, who it is once let in, and what its connection was before. */
  readonly #asked = new WeakMap<Client, Asked>()
  readonly #who = new WeakMap<Client, Identity>()
  readonly #arrivals = new WeakMap<object, Arrival>()
  readonly #connected = new Set<Client>()
  readonly #failedOnce = new WeakSet<Client>()
  #aedes: Aedes | undefined

  constructor(site: string, identities: readonly Identity[], credentials: Credentials, refusals: Refusals, log: Log) {
    this.#site = site
    this.#identities = new Map(identities.map((identity) => [identity.user, identity]))
    this.#credentials = credentials
    this.#refusals = refusals
    this.#log = log
  }

  async start(): Promise<void> {
    const aedes = await Aedes.createBroker({
      connectTimeout: CONNECT_TIMEOUT_MS,
      drainTimeout: DRAIN_TIMEOUT_MS,
      maxInflightInbound: INBOUND_QOS2_MAX,
      maxTopicLevels: TOPIC_LEVELS_MAX,
      queueLimit: EARLY_PACKETS_MAX,
      preConnect: (client, packet, callback) => {
        const fault = connectFault(packet)
        if (fault !== undefined) return callback(new Error(fault), false)
        const { clientId, clean = false, keepalive = 0, will } = packet
        const asked = will && { topic: will.topic, retain: will.retain === true }
        this.#asked.set(client, { clientId, clean, keepalive_s: keepalive, will: asked })
        callback(null, true)
      },
      authenticate: (client, username, password, done) => {
        this.#admit(client, username, password).then(
          () => done(null, true),
          (error: Error) => done(error as AuthenticateError, false),
        )
      },
      authorizePublish: (client, packet, callback) => callback(this.#publishRefusal(client, packet)),
      authorizeSubscribe: (client, subscription, callback) => {
        if (!isFilter(subscription.topic)) return callback(new Error('no topic filter'))
        callback(null, this.#mayHave(client, subscription.topic) ? subscription : null)
      },
    })
    aedes.on('clientReady', (client) => {
      this.#connected.add(client)
      this.#log.info('client connected', { client: client.id })
    })
    aedes.on('clientDisconnect', (client) => {
      this.#connected.delete(client)
      this.#log.info('client gone', { client: client.id })
    })
    aedes.on('clientError', (client, error) => this.#failed(client, client.id, error))
    aedes.on('connectionError', (client, error) =>
      this.#failed(client, this.#arrivals.get(client.conn)?.address ?? 'unknown', error),
    )
    // aedes' types leave out the event that a failing store of it raises.
    ;(aedes as EventEmitter).on('error', (error: Error) => {
      const bug = new PlumblineError('BUG', `MQTT broker: ${error.message}`)
      this.#log.error(bug.message, { cause: error })
    })
    this.#aedes = aedes
  }

  take(connection: Duplex, arrival: Arrival): void {
    this.#arrivals.set(connection, arrival)
    this.#aedes!.handle(connection)
  }

  /** How many are let in. */
  get clients(): number {
    return this.#connected.size
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#aedes === undefined) resolve()
      else this.#aedes.close(() => resolve())
    })
  }

  /** @throws Refused with the CONNACK return code */
  async #admit(client: Client, username: string | undefined, password: Buffer | undefined): Promise<void> {
    const asked = this.#asked.get(client)
    const who = `${username ?? 'nobody'} as ${asked?.clientId}`
    const refuse = (reason: RefusalReason, what: string, returnCode?: number): never => {
      this.#refusals.count(reason, who, what)
      throw new Refused(reason, returnCode)
    }
    const identity = username === undefined ? undefined : this.#identityOf(username)
    if (identity === undefined || password === undefined || !(await this.#credentials.verify(identity.user, password)))
      return refuse('password', 'no such name and password', BAD_PASSWORD)
    const { certificate } = this.#arrivals.get(client.conn) ?? {}
    if (certificate !== undefined && certificate !== identity.user)
      return refuse('certificate', `the certificate of ${certificate}`)
    if (asked === undefined || !mayBe(identity, asked.clientId))
      return refuse('client-id', `expected ${identity.clientIds.join(' or ')}`, IDENTIFIER_REJECTED)
    // A broker that queues for absent clients needs a limit for it; Sparkplug asks for clean sessions anyway.
    if (!asked.clean) return refuse('persistent-session', 'expected a clean session')
    // aedes would answer with return code 6, which MQTT 3.1.1 reserves (MQTT-3.2.2-6).
    if (asked.keepalive_s < 1 || asked.keepalive_s > KEEPALIVE_MAX_S)
      return refuse('keep-alive', `expected 1 to ${KEEPALIVE_MAX_S} s, got ${asked.keepalive_s}`)
    if (asked.will !== undefined && !mayWill(identity, asked.clientId, asked.will))
      return refuse('will', asked.will.topic)
    this.#who.set(client, identity)
    // A wall board that hangs must not hold up an alarm.
    this.#arrivals.get(client.conn)?.known(identity.kind !== 'observer')
  }

  /** Ends the connections of these users: their password no longer holds. */
  expel(users: readonly string[]): void {
    for (const client of this.#connected) {
      const user = this.#who.get(client)?.user
      if (user !== undefined && users.includes(user)) client.close()
    }
  }

  #identityOf(user: string): Identity | undefined {
    const own = this.#identities.get(user)
    if (own !== undefined) return own
    // A site that has grown may have taken the name for a second client of its own.
    if ([...this.#identities.values()].some(({ clientIds }) => clientIds.includes(user))) return undefined
    const role = this.#credentials.madeRole(user)
    return role && MADE[role](this.#site, user)
  }

  #mayHave(client: Client, filter: string): boolean {
    const identity = this.#who.get(client)
    const { subscriptions } = client as unknown as { subscriptions: Record<string, unknown> }
    const refuse = (reason: RefusalReason): false => {
      this.#refusals.count(reason, client.id, filter)
      return false
    }
    if (identity === undefined || !maySubscribe(identity, filter)) return refuse('subscribe')
    const oneMore = !(filter in subscriptions) && Object.keys(subscriptions).length >= SUBSCRIPTIONS_MAX[identity.kind]
    return oneMore ? refuse('too-many-subscriptions') : true
  }

  /** An error closes the client: aedes has no other answer to a publish. */
  #publishRefusal(client: Client | null, packet: PublishPacket): Error | null {
    const { topic, retain, messageId } = packet
    if (!isString(topic) || messageId === 0) return new Error('no topic or no packet identifier')
    // A sender's DUP is about its own connection (MQTT-3.3.1-3); aedes would hand it on.
    packet.dup = false
    const identity = client === null ? undefined : this.#who.get(client)
    const refuse = (reason: RefusalReason): Error => {
      this.#refusals.count(reason, client?.id ?? 'unknown', topic)
      return new Refused(reason)
    }
    if (identity === undefined || !mayPublish(identity, topic)) return refuse('publish')
    return retain && !mayRetain(identity, topic) ? refuse('retain') : null
  }

  /** What ended a connection, where it was not the network nor said already. */
  #failed(client: Client, name: string, error: NodeJS.ErrnoException): void {
    // aedes tells it again for each message that was still to be written; the first is the cause.
    if (this.#failedOnce.has(client)) return
    this.#failedOnce.add(client)
    if (error.code?.startsWith('WS_ERR_')) this.#refusals.count(reasonOf(error.code), name, error.message)
    if (error instanceof Refused || error.code !== undefined) return
    if (error.message === NOT_READING) this.#refusals.count('not-reading', name, error.message)
    else if (error.message === 'keep alive timeout') this.#log.warn('client is silent', { client: name })
    else if (error.message.startsWith('connect did not')) this.#refusals.count('no-connect', name, error.message)
    else if (error.message !== 'connection closed') this.#refusals.count('malformed', name, error.message)
  }
}

/** Of what `ws` finds wrong with a frame. */
const reasonOf = (code: string): RefusalReason =>
  code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH' ? 'frame-too-large' : 'malformed'
