/** The CAP messages of a site as their journal entries tell them: drafted, released, withdrawn. Pure; the same after any restart. */
import type { CapJson, CapStatus } from '../../domain/api-desk.ts'
import { addNs, type Instant, instant, NS_PER_S } from '../../domain/time.ts'
import { infoOf, type KeptInfo } from './cap-words.ts'
import type { CapMessage } from './cap-xml.ts'

export type KeptReference = { readonly sender: string; readonly identifier: string; readonly sent_ns: string }
/** A message as it was drafted; nothing of it changes afterwards but what `released` says. */
export type DraftedBody = {
  readonly what: 'drafted'
  readonly id: string
  readonly chain: string
  readonly msg_type: CapMessage['msgType']
  readonly rank: number
  readonly automatic: boolean
  readonly unconfirmed: boolean
  readonly exercise: boolean
  readonly drill: string | null
  readonly onset_ns: string
  /** How long after it went out it is in effect [s]; left out where it says nothing of its end. */
  readonly expires_s?: number
  readonly sender: string
  readonly scope: CapMessage['scope']
  readonly restriction: string | null
  readonly addresses: string | null
  /** What it is when it goes out. */
  readonly status: Exclude<CapStatus, 'Draft'>
  readonly info: readonly KeptInfo[]
}
export type CapBody =
  | DraftedBody
  | {
      readonly what: 'released'
      readonly id: string
      readonly sent_ns: string
      readonly references: readonly KeptReference[]
      readonly comment?: string
    }
  | { readonly what: 'withdrawn'; readonly id: string; readonly why: string; readonly comment?: string }
export type CapEntry = {
  readonly at_ns: string
  readonly actor: string
  readonly alarm: string | null
  readonly occurrence: number | null
  readonly body: CapBody
}
export type Kept = Omit<DraftedBody, 'what'> & {
  readonly alarm: string
  readonly occurrence: number
  readonly drafted_ns: string
  readonly released: {
    readonly by: string
    readonly sent_ns: string
    readonly references: readonly KeptReference[]
  } | null
  readonly withdrawn: { readonly by: string; readonly at_ns: string } | null
}

/** Who writes what the desk does by itself. */
export const DESK = 'desk'
/** Messages kept beside those that stand; the journal keeps all. */
const KEPT_MAX = 2000

export class CapBook {
  readonly #messages = new Map<string, Kept>()
  /** Ids of each chain, in the order of their drafts. */
  readonly #chains = new Map<string, Set<string>>()

  /** The same entry again changes nothing. */
  apply({ at_ns, actor, alarm, occurrence, body }: CapEntry): void {
    if (body.what === 'drafted') {
      if (this.#messages.has(body.id)) return
      const { what: _, ...message } = body
      const kept = { ...message, alarm: alarm ?? '', occurrence: occurrence ?? 0, drafted_ns: at_ns }
      this.#messages.set(body.id, { ...kept, released: null, withdrawn: null })
      const ids = this.#chains.get(body.chain) ?? new Set()
      this.#chains.set(body.chain, ids.add(body.id))
      this.#forget()
      return
    }
    const known = this.#messages.get(body.id)
    if (known === undefined) return
    if (body.what === 'withdrawn' && known.withdrawn === null)
      this.#messages.set(body.id, { ...known, withdrawn: { by: actor, at_ns } })
    if (body.what === 'released' && known.released === null && known.withdrawn === null) {
      const { sent_ns, references } = body
      this.#messages.set(body.id, { ...known, released: { by: actor, sent_ns, references } })
    }
  }

  get(id: string): Kept | undefined {
    return this.#messages.get(id)
  }
  has(id: string): boolean {
    return this.#messages.has(id)
  }
  /** Newest first. */
  list(): readonly Kept[] {
    return [...this.#messages.values()].reverse()
  }
  /** Of a chain in the order of their drafts. */
  of(chain: string): readonly Kept[] {
    return [...(this.#chains.get(chain) ?? [])].flatMap((id) => this.#messages.get(id) ?? [])
  }
  /** Messages that went out in a chain since its last Cancel, in the order in which they did: what stands in public. */
  standing(chain: string): readonly Kept[] {
    const out = this.of(chain)
      .filter(({ released }) => released !== null)
      .sort((a, b) => Number(BigInt(a.released!.sent_ns) - BigInt(b.released!.sent_ns)))
    return out.slice(out.findLastIndex(({ msg_type }) => msg_type === 'Cancel') + 1)
  }
  draft(chain: string): Kept | undefined {
    return this.of(chain).findLast(isDraft)
  }
  /** Chains with something that stands or waits. */
  open(): readonly string[] {
    return [...this.#chains.keys()].filter(
      (chain) => this.draft(chain) !== undefined || this.standing(chain).length > 0,
    )
  }

  #forget(): void {
    if (this.#messages.size <= KEPT_MAX) return
    const open = new Set(this.open())
    for (const message of this.#messages.values()) {
      if (open.has(message.chain)) continue
      this.#messages.delete(message.id)
      const ids = this.#chains.get(message.chain)
      ids?.delete(message.id)
      if (ids?.size === 0) this.#chains.delete(message.chain)
      return
    }
  }
}

export const isDraft = ({ released, withdrawn }: Kept): boolean => released === null && withdrawn === null
export const statusOf = ({ released, status }: Kept): CapStatus => (released === null ? 'Draft' : status)
export const sentOf = ({ released, drafted_ns }: Kept): string => released?.sent_ns ?? drafted_ns
/** A draft's is what it would be if it went out as it stands. */
export const expiresOf = (message: Kept): Instant | undefined => after(message, message.expires_s)
/** Half of its time is left to whoever has to release the Update. */
export const renewalOf = (message: Kept): Instant | undefined =>
  after(message, message.expires_s === undefined ? undefined : message.expires_s / 2)
const after = (message: Kept, s: number | undefined): Instant | undefined =>
  s === undefined ? undefined : addNs(instant(BigInt(sentOf(message))), BigInt(Math.round(s)) * NS_PER_S)

/** Changes with everything that happens to a message. */
export const etagOf = ({ released, withdrawn }: Kept): string =>
  `${released === null ? 'draft' : 'sent'}${withdrawn === null ? '' : '-withdrawn'}`

export function capJson(kept: Kept, references: readonly KeptReference[]): CapJson {
  const headline = (language: string) => kept.info.find((info) => info.language === language)?.headline ?? ''
  return {
    ...{ id: kept.id, identifier: kept.id, alarm: kept.alarm, occurrence: kept.occurrence },
    ...{ status: statusOf(kept), msg_type: kept.msg_type, references: references.map(({ identifier }) => identifier) },
    sent_ns: sentOf(kept),
    headline: { en: headline('en'), 'zh-TW': headline('zh-TW') },
    ...{ released_by: kept.released?.by ?? null, withdrawn_by: kept.withdrawn?.by ?? null },
    ...{ exercise: kept.exercise, unconfirmed: kept.unconfirmed, etag: etagOf(kept) },
  }
}

export function messageOf(kept: Kept, references: readonly KeptReference[]): CapMessage {
  const { id, sender, msg_type, scope, restriction, addresses, exercise, drill } = kept
  const expires = expiresOf(kept)
  return {
    ...{
      identifier: id,
      sender,
      sent: instant(BigInt(sentOf(kept))),
      status: statusOf(kept),
      msgType: msg_type,
      scope,
    },
    ...(restriction !== null && { restriction }),
    ...(addresses !== null && { addresses }),
    ...(exercise && { note: `EXERCISE 演習${drill === null ? '' : `: ${drill}`}` }),
    references: references.map(({ sent_ns, ...reference }) => ({ ...reference, sent: instant(BigInt(sent_ns)) })),
    info: kept.info.map((info) => ({ ...infoOf(info), ...(expires !== undefined && { expires }) })),
  }
}
