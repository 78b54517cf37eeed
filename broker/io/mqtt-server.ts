/**
 * aedes with our doors: who is let in, what each client may do, what is refused. The rules are `access.ts`'s, the passwords
 * `credentials.ts`'s, the connections `listener.ts`'s.
 */
import type { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import { Aedes, type AuthenticateError, type Client, type PublishPacket } from 'aedes'
import { PlumblineError } from '../../domain/errors.ts'
import type { Log } from '../../domain/ports.ts'
import { type Identity, mayPublish, mayRetain, maySubscribe, mayWill } from '../access.ts'
import type { RefusalReason, Refusals } from '../refusals.ts'
import type { Credentials } from './credentials.ts'

const CONNECT_TIMEOUT_MS = 10_000
/** A client that reads nothing for so long is disconnected: until then it may hold up the others (aedes waits for drain). */
export const DRAIN_TIMEOUT_MS = 5_000
/** A client without keep-alive could be dead for ever and its will never told. */
const KEEPALIVE_MAX_S = 120
/** QoS 2 messages held for a client; ours use none. */
const INBOUND_QOS2_MAX = 16

/** CONNACK return codes, MQTT 3.1.1 table 3.1. */
const BAD_PASSWORD = 4
const NOT_AUTHORISED = 5
const IDENTIFIER_REJECTED = 2

type Asked = { readonly clientId: string; readonly clean: boolean; readonly will?: { topic: string; retain: boolean } }

class Refused extends Error {
  readonly returnCode: number
  constructor(reason: RefusalReason, returnCode = NOT_AUTHORISED) {
    super(reason)
    this.returnCode = returnCode
  }
}

export class MqttServer {
  readonly #identities: ReadonlyMap<string, Identity>
  readonly #credentials: Credentials
  readonly #refusals: Refusals
  readonly #log: Log
  /** What a client asked for at CONNECT, who it is once let in, and what to call then. */
  readonly #asked = new WeakMap<Client, Asked>()
  readonly #who = new WeakMap<Client, Identity>()
  readonly #known = new WeakMap<object, () => void>()
  readonly #failedOnce = new WeakSet<Client>()
  #aedes: Aedes | undefined

  constructor(identities: readonly Identity[], credentials: Credentials, refusals: Refusals, log: Log) {
    this.#identities = new Map(identities.map((identity) => [identity.user, identity]))
    this.#credentials = credentials
    this.#refusals = refusals
    this.#log = log
  }

  async start(): Promise<void> {
    const aedes = await Aedes.createBroker({
      connectTimeout: CONNECT_TIMEOUT_MS,
      drainTimeout: DRAIN_TIMEOUT_MS,
      keepaliveLimit: KEEPALIVE_MAX_S,
      maxInflightInbound: INBOUND_QOS2_MAX,
      preConnect: (client, packet, callback) => {
        const { clientId, clean = false, will } = packet
        this.#asked.set(client, { clientId, clean, will: will && { topic: will.topic, retain: will.retain === true } })
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
        const identity = this.#who.get(client)
        const allowed = identity !== undefined && maySubscribe(identity, subscription.topic)
        if (!allowed) this.#refusals.count('subscribe', client.id, subscription.topic)
        callback(null, allowed ? subscription : null)
      },
    })
    aedes.on('clientReady', (client) => this.#log.info('client connected', { client: client.id }))
    aedes.on('clientDisconnect', (client) => this.#log.info('client gone', { client: client.id }))
    aedes.on('clientError', (client, error) => this.#failed(client, client.id, error))
    aedes.on('connectionError', (client, error) => this.#failed(client, 'unknown', error))
    // aedes' types leave out the event that a failing store of it raises.
    ;(aedes as EventEmitter).on('error', (error: Error) => {
      const bug = new PlumblineError('BUG', `MQTT broker: ${error.message}`)
      this.#log.error(bug.message, { cause: error })
    })
    this.#aedes = aedes
  }

  /** Takes a connection; `known` is called when its client has been let in. */
  take(socket: Socket, known: () => void): void {
    this.#known.set(socket, known)
    this.#aedes!.handle(socket)
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
    const identity = username === undefined ? undefined : this.#identities.get(username)
    if (identity === undefined || password === undefined || !(await this.#credentials.verify(identity.user, password)))
      return refuse('password', 'no such name and password', BAD_PASSWORD)
    if (asked === undefined || !identity.clientIds.includes(asked.clientId))
      return refuse('client-id', `expected ${identity.clientIds.join(' or ')}`, IDENTIFIER_REJECTED)
    // A broker that queues for absent clients needs a limit for it; Sparkplug asks for clean sessions anyway.
    if (!asked.clean) return refuse('persistent-session', 'expected a clean session')
    if (asked.will !== undefined && !mayWill(identity, asked.clientId, asked.will))
      return refuse('will', asked.will.topic)
    this.#who.set(client, identity)
    this.#known.get(client.conn)?.()
  }

  /** An error closes the client: aedes has no other answer to a publish. */
  #publishRefusal(client: Client | null, { topic, retain }: PublishPacket): Error | null {
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
    if (error instanceof Refused || error.code !== undefined) return
    if (error.message === 'drain timeout') this.#refusals.count('not-reading', name, error.message)
    else if (error.message === 'keep alive timeout') this.#log.warn('client is silent', { client: name })
    else if (error.message.startsWith('connect did not')) this.#refusals.count('no-connect', name, error.message)
    else if (error.message !== 'connection closed') this.#refusals.count('malformed', name, error.message)
  }
}
