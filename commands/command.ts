/** What a command is, and how it reads its flags: every unknown flag or missing value is a usage error, never ignored. */
import { parseArgs } from 'node:util'
import { PlumblineError } from '../domain/errors.ts'

export type Command = {
  readonly name: string
  readonly summary: string
  readonly usage: string
  /** Resolves with the exit code. */
  run(args: readonly string[]): Promise<number>
}

/** `texts` may be given several times; `positive` is a number above 0. */
export type FlagKind = 'text' | 'texts' | 'flag' | 'port' | 'positive'
type FlagValue = {
  text: string | undefined
  texts: readonly string[]
  flag: boolean
  port: number | undefined
  positive: number | undefined
}
export type Flags<F extends Record<string, FlagKind>> = { [K in keyof F]: FlagValue[F[K]] }

/** Flags and positional words of `args`. */
export function readFlags<F extends Record<string, FlagKind>>(
  command: Pick<Command, 'usage'>,
  args: readonly string[],
  flags: F,
  words: { min: number; max: number } = { min: 0, max: 0 },
): { flags: Flags<F>; words: string[] } {
  const options = Object.fromEntries(
    Object.entries(flags).map(([name, kind]) => [
      name,
      { type: kind === 'flag' ? ('boolean' as const) : ('string' as const), multiple: kind === 'texts' },
    ]),
  )
  let parsed: { values: Record<string, unknown>; positionals: string[] }
  try {
    parsed = parseArgs({ args: [...args], options, allowPositionals: true, strict: true })
  } catch (error) {
    throw new PlumblineError('USAGE', `${(error as Error).message.split('.')[0]}; usage: ${command.usage}`)
  }
  const { positionals, values } = parsed
  if (positionals.length < words.min || positionals.length > words.max)
    throw new PlumblineError(
      'USAGE',
      `expected ${words.min === words.max ? words.min : `${words.min} to ${words.max}`} words, got ${positionals.length}; usage: ${command.usage}`,
    )
  const out = Object.fromEntries(Object.entries(flags).map(([name, kind]) => [name, READ[kind](name, values[name])]))
  return { flags: out as Flags<F>, words: positionals }
}

const READ: { readonly [K in FlagKind]: (name: string, value: unknown) => unknown } = {
  text: (_, value) => value,
  texts: (_, value) => value ?? [],
  flag: (_, value) => value === true,
  port,
  positive,
}

function port(name: string, text: unknown): number | undefined {
  if (text === undefined) return undefined
  const value = Number(text)
  if (!Number.isInteger(value) || value < 0 || value > 65_535)
    throw new PlumblineError('USAGE', `--${name}: expected a port from 0 to 65535, got "${String(text)}"`)
  return value
}

function positive(name: string, text: unknown): number | undefined {
  if (text === undefined) return undefined
  const value = String(text).trim() === '' ? Number.NaN : Number(text)
  if (!Number.isFinite(value) || value <= 0)
    throw new PlumblineError('USAGE', `--${name}: expected a number above 0, got "${String(text)}"`)
  return value
}
