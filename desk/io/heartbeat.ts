/**
 * Says to a service outside that the desk lives, with the head of the journal: who stops hearing it knows that nobody is told
 * of anything any more. By default a desk that cannot do its work says nothing, which is the louder message.
 */
import type { Clock, Log } from '../../domain/ports.ts'
import type { SiteNotices } from '../../domain/site-notices.ts'
import { instantToMs, toIso } from '../../domain/time.ts'
import { afterMs } from '../../runtime/clock.ts'
import { secretOf, sendHttp, signatureOf } from './send/http.ts'

export type DeskHealth = {
  readonly journal: boolean
  readonly store: boolean
  readonly broker: boolean
  readonly open_alarms: number
  readonly messages_open: number
}
export type HeartbeatOptions = {
  readonly settings: NonNullable<SiteNotices['heartbeat']>
  readonly site: string
  readonly software: string
  readonly clock: Clock
  readonly log: Log
  readonly health: () => DeskHealth
  readonly head: () => Promise<{ readonly seq: number; readonly hash: string }>
}

const TIMEOUT_MS = 10_000

export class Heartbeat {
  readonly #o: HeartbeatOptions
  #cancel: () => void = () => {}
  #abort: AbortController | undefined
  #stopped = false
  #silent: string | undefined

  constructor(options: HeartbeatOptions) {
    this.#o = options
  }

  start(): void {
    void this.#beat()
  }

  stop(): void {
    this.#stopped = true
    this.#cancel()
    this.#abort?.abort()
  }

  async #beat(): Promise<void> {
    const { clock, settings } = this.#o
    const next = afterMs(clock, settings.every_s * 1000)
    await this.#send().catch((error) => this.#said(String(error)))
    if (!this.#stopped) this.#cancel = clock.at(next, () => void this.#beat())
  }

  async #send(): Promise<void> {
    const { clock, settings, site, software, health, head } = this.#o
    const now = health()
    const healthy = now.journal && now.broker
    if (settings.only_healthy && !healthy) return
    const body = JSON.stringify({ site, software, at: toIso(clock.now()), healthy, ...now, head: await head() })
    const key = settings.sign_file === undefined ? undefined : await secretOf(settings.sign_file)
    const at_s = Math.floor(instantToMs(clock.now()) / 1000)
    const headers = {
      'content-type': 'application/json',
      'user-agent': 'Plumbline',
      ...(key !== undefined && { 'x-plumbline-signature': signatureOf({ key, at_s }, body) }),
    }
    this.#abort = new AbortController()
    const cancel = clock.at(afterMs(clock, TIMEOUT_MS), () => this.#abort?.abort())
    const result = await sendHttp({ method: 'POST', url: settings.url, headers, body }, this.#abort.signal)
    cancel()
    this.#said(result.ok ? undefined : result.detail)
  }

  /** One line when it is not taken any more, and one when it is again. */
  #said(why: string | undefined): void {
    if (this.#stopped || (why === undefined) === (this.#silent === undefined)) return
    this.#silent = why
    if (why === undefined) this.#o.log.info('the heartbeat is taken again')
    else this.#o.log.warn('the heartbeat is not taken: the service outside will think this desk dead', { why })
  }
}
