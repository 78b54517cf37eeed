/**
 * Commands of people to edge nodes: journalled before they are sent, sent again until the node answers or they expire,
 * and what became of them journalled too, however late it is told. What may be done is the node's to say.
 */
import { randomUUID } from 'node:crypto'
import type { CommandBody, CommandJson } from '../../domain/api.ts'
import { PlumblineError } from '../../domain/errors.ts'
import type { Clock } from '../../domain/ports.ts'
import { type Instant, instant, NS_PER_MS } from '../../domain/time.ts'
import { afterMs } from '../../runtime/clock.ts'
import type { Json } from '../alarm.ts'
import { HttpError } from '../http-error.ts'

/** A node carries out nothing after this [ms]: a siren must not go off, or a gate open, when nobody expects it any more. */
export const EXPIRES_MS = 20_000
/** A write that began just in time may take its time-outs and its reading back. */
const GRACE_MS = 5_000
const FIRST_WAIT_MS = 1_000
const MOST_WAIT_MS = 4_000
/** Commands under way at once. */
const UNDER_WAY_MAX = 32
/** Commands without an answer whose late answer is still journalled. */
const LATE_MAX = 64
const DETAIL_MAX = 1_000

/** Also what only the desk itself asks for: a siren for people who are told by it, never in an exercise. */
export type AskedCommand = CommandBody | { readonly kind: 'sound'; readonly output: string; readonly for_s: number }
export type CommandOutcome<B> = Omit<CommandJson, 'asked'> & { readonly asked: B }

/** As it goes to the node: `domain/wire/names.ts` COMMAND. */
export type SentCommand = AskedCommand & { readonly id: string; readonly expires_ns: string; readonly by: string }

export type CommandTellerOptions = {
  readonly clock: Clock
  /** Rejects while the broker is away. */
  readonly send: (node: string, command: SentCommand) => Promise<void>
  /** Durable when it resolves with `undefined`, else why it cannot be. */
  readonly write: (actor: string, body: Json) => Promise<string | undefined>
  /** Durable, or waits for the journal. */
  readonly note: (actor: string, body: Json) => Promise<void>
}

type Open = {
  readonly node: string
  readonly command: SentCommand
  readonly asked_ns: Instant
  wait_ms: number
  cancel: () => void
  readonly done: (json: CommandOutcome<AskedCommand>) => void
}
type Answer = { readonly ok: boolean; readonly detail: string }

export class CommandTeller {
  readonly #o: CommandTellerOptions
  readonly #open = new Map<string, Open>()
  /** By id, oldest first. */
  readonly #unanswered = new Map<string, Open>()

  constructor(options: CommandTellerOptions) {
    this.#o = options
  }

  /**
   * Resolves with what became of it.
   * @throws HttpError 429 while too many are under way, 503 where it cannot be journalled; nothing was sent then
   */
  async ask<B extends AskedCommand>(node: string, body: B, by: string): Promise<CommandOutcome<B>> {
    if (this.#open.size >= UNDER_WAY_MAX) throw new HttpError(429, 'TOO_MANY', 'too many commands are under way', 5)
    const { clock } = this.#o
    const asked_ns = clock.now()
    const expires_ns = String(asked_ns + BigInt(EXPIRES_MS) * NS_PER_MS)
    const command: SentCommand = { ...body, id: randomUUID(), expires_ns, by }
    const { promise, resolve } = Promise.withResolvers<CommandOutcome<AskedCommand>>()
    const open: Open = { node, command, asked_ns, wait_ms: FIRST_WAIT_MS, cancel: () => {}, done: resolve }
    this.#open.set(command.id, open)
    const away = await this.#o.write(by, { what: 'asked', node, ...command })
    if (away !== undefined) {
      this.#open.delete(command.id)
      throw new HttpError(503, 'JOURNAL_UNAVAILABLE', `nothing was done, it cannot be journalled: ${away}`, 5)
    }
    if (this.#open.has(command.id)) this.#tell(open)
    return promise as Promise<CommandOutcome<B>>
  }

  /** `Node Control/Command Result` of a node: text that nothing is assumed of. */
  heard(node: string, text: string): void {
    const result = answerOf(text)
    if (result === undefined) return
    const open = this.#open.get(result.id)
    if (open?.node === node) {
      open.cancel()
      this.#end(open, result.ok ? 'done' : 'refused', result.detail)
      return
    }
    const late = this.#unanswered.get(result.id)
    if (late?.node !== node) return
    this.#unanswered.delete(result.id)
    void this.#note(late, result.ok ? 'done' : 'refused', result.detail, true)
  }

  /** What is under way is journalled as unanswered. */
  async stop(): Promise<void> {
    const open = [...this.#open.values()]
    for (const one of open) {
      one.cancel()
      this.#end(one, 'unanswered', 'the desk was stopped before the node answered')
    }
  }

  #tell(open: Open): void {
    const { clock, send } = this.#o
    const { node, command } = open
    const left_ms = Number((BigInt(command.expires_ns) - clock.now()) / NS_PER_MS)
    if (left_ms <= 0) {
      open.cancel = clock.at(afterMs(clock, GRACE_MS), () => {
        this.#end(open, 'unanswered', `${node} gave no answer; whether it was carried out is not known`)
      })
      return
    }
    send(node, command).catch(() => {})
    open.cancel = clock.at(afterMs(clock, Math.min(open.wait_ms, left_ms + 1)), () => this.#tell(open))
    open.wait_ms = Math.min(open.wait_ms * 2, MOST_WAIT_MS)
  }

  #end(open: Open, outcome: CommandJson['outcome'], detail: string): void {
    const { node, command, asked_ns, done } = open
    this.#open.delete(command.id)
    if (outcome === 'unanswered') this.#remember(open)
    const { id, by, expires_ns: _expires_ns, ...asked } = command
    const told = { id, node, asked, by, asked_ns: String(asked_ns), answered_ns: this.#now(outcome), outcome, detail }
    void this.#note(open, outcome, detail, false).then(() => done(told))
  }

  #now(outcome: CommandJson['outcome']): string | null {
    return outcome === 'unanswered' ? null : String(instant(this.#o.clock.now()))
  }

  #remember(open: Open): void {
    this.#unanswered.set(open.command.id, open)
    const [oldest] = this.#unanswered.keys()
    if (this.#unanswered.size > LATE_MAX && oldest !== undefined) this.#unanswered.delete(oldest)
  }

  #note({ node, command }: Open, outcome: CommandJson['outcome'], detail: string, late: boolean): Promise<void> {
    const actor = outcome === 'unanswered' ? 'desk' : node
    return this.#o.note(actor, { what: outcome, node, id: command.id, by: command.by, detail, ...(late && { late }) })
  }
}

function answerOf(text: string): (Answer & { readonly id: string }) | undefined {
  try {
    const { id, ok, detail } = JSON.parse(text) as Record<string, unknown>
    if (typeof id !== 'string' || typeof ok !== 'boolean') return undefined
    return { id, ok, detail: typeof detail === 'string' ? detail.slice(0, DETAIL_MAX) : '' }
  } catch {
    return undefined
  }
}

/** @throws PlumblineError COMMAND_REFUSED, COMMAND_UNANSWERED */
export function carriedOut(command: CommandJson): CommandJson {
  if (command.outcome === 'done') return command
  const code = command.outcome === 'refused' ? 'COMMAND_REFUSED' : 'COMMAND_UNANSWERED'
  throw new PlumblineError(code, `${command.node}: ${command.detail}`)
}
