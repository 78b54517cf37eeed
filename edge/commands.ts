/**
 * Commands of the desk: each is judged, carried out once, answered, and written to the log with who asked. One that is
 * repeated gets its first answer again, for the answer may have been lost. What may be written is `outputs/command.ts`'s to
 * say, how it is written `outputs/write-plan.ts`'s.
 */
import type { Log } from '../domain/ports.ts'
import type { EdgeState } from './ports.ts'

/** What became of a command: `Node Control/Command Result`. */
export type CommandResult = { readonly id: string; readonly ok: boolean; readonly detail: string }

/** Does what a command asks. A refusal and a failure both give `ok: false`. */
export type Execute = (
  kind: string,
  body: Readonly<Record<string, unknown>>,
  seen: (id: string) => boolean,
) => Promise<Omit<CommandResult, 'id'>>

/** Answers that are remembered, also over a restart: a command is repeated for at most 300 s. */
const REMEMBERED = 64
const TEXT_MAX = 4096
const ID_MAX = 100
const STATE_KEY = 'commands'

export type CommandsOptions = {
  readonly log: Log
  readonly state: () => EdgeState
  readonly execute: Execute
  readonly answer: (result: CommandResult) => void
}

export class Commands {
  readonly #options: CommandsOptions
  readonly #underWay = new Set<string>()

  constructor(options: CommandsOptions) {
    this.#options = options
  }

  get #answers(): readonly CommandResult[] {
    return (this.#options.state().get(STATE_KEY) as readonly CommandResult[] | undefined) ?? []
  }

  /** False where the text is no command at all: nobody can be answered then. */
  take(text: string): boolean {
    const body = parse(text)
    if (body === undefined) return false
    const id = body['id'] as string
    if (this.#underWay.has(id)) return true
    const known = this.#answers.find((answer) => answer.id === id)
    if (known !== undefined) this.#options.answer(known)
    else void this.#carryOut(id, body)
    return true
  }

  async #carryOut(id: string, body: Readonly<Record<string, unknown>>): Promise<void> {
    const { log, state, execute, answer } = this.#options
    this.#underWay.add(id)
    // Remembered before it acts: a node that ends in between does not act a second time (state is saved within 500 ms).
    const remember = (result: CommandResult) =>
      state().set(STATE_KEY, [...this.#answers.filter((other) => other.id !== id), result].slice(-REMEMBERED))
    remember({ id, ok: false, detail: 'the node was stopped while it was carried out' })
    const failed = (error: Error) => ({ ok: false, detail: error.message })
    const outcome = await execute(
      String(body['kind']),
      body,
      (other) => other !== id && this.#underWay.has(other),
    ).catch(failed)
    const result = { id, ok: outcome.ok, detail: outcome.detail }
    remember(result)
    this.#underWay.delete(id)
    const { kind, by, device, metric, value, output } = body
    const told = { command: id, kind, by, device, metric, value, output, detail: result.detail }
    if (result.ok) log.info('a command was carried out', told)
    else log.warn('a command was not carried out', told)
    answer(result)
  }
}

function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  if (text.length > TEXT_MAX) return undefined
  try {
    const body: unknown = JSON.parse(text)
    const id = typeof body === 'object' && body !== null ? (body as Record<string, unknown>)['id'] : undefined
    const sound = typeof id === 'string' && id.length > 0 && id.length <= ID_MAX
    return sound ? (body as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
