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

export type FlagKind = 'text' | 'flag' | 'port'
export type Flags<F extends Record<string, FlagKind>> = {
  [K in keyof F]: F[K] extends 'flag' ? boolean : F[K] extends 'port' ? number | undefined : string | undefined
}

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
      { type: kind === 'flag' ? ('boolean' as const) : ('string' as const) },
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
  const out = Object.fromEntries(
    Object.entries(flags).map(([name, kind]) => [
      name,
      kind === 'flag' ? values[name] === true : kind === 'port' ? port(name, values[name]) : values[name],
    ]),
  )
  return { flags: out as Flags<F>, words: positionals }
}

function port(name: string, text: unknown): number | undefined {
  if (text === undefined) return undefined
  const value = Number(text)
  if (!Number.isInteger(value) || value < 0 || value > 65_535)
    throw new PlumblineError('USAGE', `--${name}: expected a port from 0 to 65535, got "${String(text)}"`)
  return value
}
