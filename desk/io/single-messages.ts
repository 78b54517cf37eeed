/**
 * Messages that belong to no alarm: a test of one channel, the daily mail. Each is journalled as every other, and whoever asked
 * for it learns what became of it; `teller.ts` sends it.
 */
import type { DeliveryJson } from '../../domain/api-desk.ts'
import type { Site } from '../../domain/channel.ts'
import type { Clock } from '../../domain/ports.ts'
import type { SiteNotices } from '../../domain/site-notices.ts'
import { instantToMs } from '../../domain/time.ts'
import type { NewEntry } from '../alarm.ts'
import { HttpError, notFound } from '../http-error.ts'
import { deliveryEntry } from '../telling/delivery-entry.ts'
import { deliveryJson } from '../telling/delivery-json.ts'
import type { Delivery } from '../telling/incident.ts'
import { testMessage } from '../telling/message.ts'
import { kindOfChannel, type Target } from '../telling/recipients.ts'

export type SingleMessagesOptions = {
  readonly site: Site
  readonly notices: SiteNotices
  readonly clock: Clock
  /** Resolves once it is durable, or with why it cannot be. */
  readonly append: (entry: NewEntry) => Promise<string | undefined>
  /** One is written and may be sent. */
  readonly written: () => void
}

export class SingleMessages {
  readonly #o: SingleMessagesOptions
  readonly #waiting = new Map<string, (delivery: Delivery) => void>()
  #tests = 0

  constructor(options: SingleMessagesOptions) {
    this.#o = options
  }

  /** A message on one channel, now; resolves with what became of it. */
  async test(contactId: string, channelId: string, by: string): Promise<DeliveryJson> {
    const { notices, site, clock } = this.#o
    const contact = notices.contacts.find(({ id }) => id === contactId)
    const channel = contact?.channels.find(({ id }) => id === channelId)
    if (contact === undefined) throw notFound(`there is no contact ${contactId}`)
    if (channel === undefined) throw notFound(`${contactId} has no channel ${channelId}`)
    const message = testMessage(by, site, contact.language)
    return this.deliver(
      { contact, channel, kind: kindOfChannel(channel) },
      'test',
      message,
      by,
      `${instantToMs(clock.now())}-${++this.#tests}`,
    )
  }

  /** A message that belongs to no alarm. @throws HttpError 503 where it cannot be journalled; nothing was sent then */
  async deliver(
    { contact, channel, kind }: Target,
    action: 'test' | 'daily',
    message: { subject: string; text: string; short: string },
    by: string,
    name: string,
  ): Promise<DeliveryJson> {
    const id = [action, name, contact.id, channel.id].join('-')
    const { language } = contact
    const place = { incident: null, action, cycle: 0, step: 0, round: 0, update: 0, late_ms: 0, members: [] }
    const rest = { contact: contact.id, channel: channel.id, kind, language, priority: 'low', exercise: false } as const
    const entry = deliveryEntry(place, { what: 'planned', id, ...place, ...rest, ...message }, this.#o.clock.now())
    const { promise, resolve } = Promise.withResolvers<Delivery>()
    this.#waiting.set(id, resolve)
    try {
      const away = await this.#o.append({ ...entry, actor: by })
      if (away !== undefined)
        throw new HttpError(503, 'JOURNAL_UNAVAILABLE', `nothing was sent, it cannot be journalled: ${away}`, 5)
      this.#o.written()
      return deliveryJson(await promise)
    } finally {
      this.#waiting.delete(id)
    }
  }

  /** What is done with, whoever asked for it. */
  became(delivery: Delivery): void {
    this.#waiting.get(delivery.id)?.(delivery)
  }
}
