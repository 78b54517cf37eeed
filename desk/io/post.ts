/**
 * Sends what is planned: one message at a time for each channel of a contact, tried again as long as that channel says. What
 * became of it is told to `teller.ts`, which journals it.
 */
import type { Site } from '../../domain/channel.ts'
import type { Clock, Log } from '../../domain/ports.ts'
import type { SiteNotices } from '../../domain/site-notices.ts'
import { afterMs } from '../../runtime/clock.ts'
import type { Delivery } from '../telling/incident.ts'
import { withLinks } from '../telling/message.ts'
import { kindOfChannel } from '../telling/recipients.ts'
import { retryAt } from '../telling/retry.ts'
import type { SendResult } from './send/outgoing.ts'
import type { Senders } from './send/senders.ts'

export type Outcome = 'sent' | 'failed' | 'skipped' | 'retrying'
export type PostOptions = {
  readonly site: Site
  readonly notices: SiteNotices
  readonly clock: Clock
  readonly log: Log
  readonly senders: Senders
  /** Milliseconds of a clock that never steps. */
  readonly t: () => number
  /** By which a message may be answered. */
  readonly linkOf: (id: string) => string | undefined
  /** To be written down; resolves when it is. */
  readonly became: (delivery: Delivery, what: Outcome, detail: string) => Promise<void>
  /** A message is done with: the next may go. */
  readonly next: () => void
}

const IN_FLIGHT_MAX = 16
/** While messages are under way `stop` waits for them so long. */
const STOP_MS = 2_000

type Try = { next_t: number; tries: number }

export class Post {
  readonly #o: PostOptions
  /** Of deliveries that are open: when they are tried next. */
  readonly #tries = new Map<string, Try>()
  readonly #inFlight = new Map<string, AbortController>()
  readonly #running = new Set<Promise<void>>()
  readonly #busy = new Set<string>()
  #stopped = false

  constructor(options: PostOptions) {
    this.#o = options
  }

  /** Whether it is on its way. */
  has(id: string): boolean {
    return this.#inFlight.has(id)
  }

  triesOf({ id, tries }: Delivery): number {
    return this.#tries.get(id)?.tries ?? tries
  }

  forget(id: string): void {
    this.#tries.delete(id)
  }

  /** When the next one is to be tried; never: infinity. */
  get nextAt(): number {
    return Math.min(
      Number.POSITIVE_INFINITY,
      ...[...this.#tries].filter(([id]) => !this.#inFlight.has(id)).map(([, { next_t }]) => next_t),
    )
  }

  /** One message at a time for each channel of a contact: what was planned first arrives first. */
  sendDue(open: readonly Delivery[]): void {
    const t = this.#o.t()
    for (const delivery of open) {
      const { id, contact, channel } = delivery
      const attempt = this.#tries.get(id) ?? { next_t: t, tries: delivery.tries }
      this.#tries.set(id, attempt)
      const line = `${contact}/${channel}`
      if (attempt.next_t > t || this.#inFlight.has(id) || this.#busy.has(line)) continue
      if (this.#inFlight.size >= IN_FLIGHT_MAX) return
      const running = this.#try(delivery, attempt, line).finally(() => this.#running.delete(running))
      this.#running.add(running)
    }
  }

  async #try(delivery: Delivery, attempt: Try, line: string): Promise<void> {
    const { clock, log } = this.#o
    const release = clock.hold()
    this.#busy.add(line)
    this.#inFlight.set(delivery.id, new AbortController())
    attempt.tries++
    let result: SendResult
    try {
      result = await this.#send(delivery)
    } catch (cause) {
      log.error('a channel broke', { cause, contact: delivery.contact, channel: delivery.channel })
      result = { ok: false, permanent: false, detail: 'Plumbline itself failed; the log says more' }
    }
    // Until it is written down nothing else may think that it is still to be sent.
    if (!this.#stopped || result.ok) await this.#became({ ...delivery, tries: attempt.tries }, attempt, result)
    this.#inFlight.delete(delivery.id)
    this.#busy.delete(line)
    release()
    this.#o.next()
  }

  async #send(delivery: Delivery): Promise<SendResult> {
    const { clock, senders } = this.#o
    const found = this.#channelOf(delivery)
    if (found === undefined) return { ok: false, permanent: true, detail: 'the site file has no such channel any more' }
    const { contact, channel } = found
    const controller = this.#inFlight.get(delivery.id)!
    const cancel = clock.at(afterMs(clock, channel.timeout_s * 1000), () => controller.abort())
    const answer_link = this.#o.linkOf(delivery.id)
    const { public_url } = this.#o.site.file.desk
    const link = public_url === undefined ? undefined : `${public_url}/#/alarms`
    const more = { repeat: delivery.repeats > 0, answer: answer_link, console: link }
    const message = withLinks(delivery, delivery.language, more)
    const { priority, language } = delivery
    try {
      const outgoing = { delivery, contact, channel, message, priority, language, answer_link, link }
      return await senders[kindOfChannel(channel)](outgoing, controller.signal)
    } finally {
      cancel()
    }
  }

  #channelOf({ contact: of, channel: on }: Pick<Delivery, 'contact' | 'channel'>) {
    const contact = this.#o.notices.contacts.find(({ id }) => id === of)
    const channel = contact?.channels.find(({ id }) => id === on)
    return contact === undefined || channel === undefined ? undefined : { contact, channel }
  }

  async #became(delivery: Delivery, attempt: Try, result: SendResult): Promise<void> {
    if (result.ok) return this.#o.became(delivery, 'sent', result.detail)
    const { contact, channel, action } = delivery
    const give_up_min = this.#channelOf(delivery)?.channel.give_up_min ?? 0
    const next_t = retryAt(delivery, give_up_min, attempt.tries, result, this.#o.t())
    if (next_t === undefined) {
      const { tries } = attempt
      this.#o.log.error('a message reached nobody', { contact, channel, action, why: result.detail, tries })
      return this.#o.became(delivery, 'failed', result.detail)
    }
    attempt.next_t = next_t
    if (attempt.tries === 1) return this.#o.became(delivery, 'retrying', result.detail)
  }

  /** Nothing new is tried; resolves when `planning` and what is on its way are over. */
  async stop(planning: Promise<void> | undefined): Promise<void> {
    this.#stopped = true
    const { clock } = this.#o
    const cancel = clock.at(afterMs(clock, STOP_MS), () => {
      for (const controller of this.#inFlight.values()) controller.abort()
    })
    await planning
    await Promise.allSettled(this.#running)
    cancel()
  }
}
