/** What a channel is given to send, and what it says of it. */
import type { Priority } from '../../../domain/condition.ts'
import type { Language, SiteChannel, SiteContact } from '../../../domain/site-notices.ts'
import type { Delivery } from '../../telling/incident.ts'
import type { Message } from '../../telling/message.ts'

export type Outgoing = {
  readonly delivery: Delivery
  readonly contact: SiteContact
  readonly channel: SiteChannel
  /** With its marks and links. */
  readonly message: Message
  readonly priority: Priority
  readonly language: Language
  readonly answer_link: string | undefined
  readonly link: string | undefined
}

export type SendResult =
  | { readonly ok: true; readonly detail: string }
  | {
      readonly ok: false
      /** Trying again is no use. */
      readonly permanent: boolean
      readonly detail: string
      /** The far end says when to come again. */
      readonly after_ms?: number
    }
/** Never rejects; ends at the time-out of the channel, or when `signal` says so. */
export type Send = (outgoing: Outgoing, signal: AbortSignal) => Promise<SendResult>

export const refused = (detail: string): SendResult => ({ ok: false, permanent: true, detail })
export const failed = (detail: string): SendResult => ({ ok: false, permanent: false, detail })

/** A UUID made of the delivery's id: the same for each try. */
export const uuidOf = (sha256: string): string =>
  [
    sha256.slice(0, 8),
    sha256.slice(8, 12),
    `4${sha256.slice(13, 16)}`,
    `8${sha256.slice(17, 20)}`,
    sha256.slice(20, 32),
  ].join('-')
