/** The logger: one JSON line per change of state on standard error, or a short readable line on a terminal. */
import type { Log } from '../domain/ports.ts'

const LEVELS = ['info', 'warn', 'error'] as const
type Level = (typeof LEVELS)[number]
export type LogLevel = Level | 'silent'

export type LogOptions = {
  level?: LogLevel
  /** Where lines go; default standard error. */
  write?: (line: string) => void
  /** Readable lines instead of JSON; default when standard error is a terminal. */
  pretty?: boolean
  now?: () => string
}

export function createLog(options: LogOptions = {}): Log {
  const level = options.level ?? 'info'
  const write = options.write ?? ((line) => process.stderr.write(line))
  const pretty = options.pretty ?? process.stderr.isTTY === true
  const now = options.now ?? (() => new Date().toISOString())
  const least = level === 'silent' ? LEVELS.length : LEVELS.indexOf(level)

  const make = (bound: Record<string, unknown>): Log => {
    const line = (lineLevel: Level, message: string, fields?: Record<string, unknown>): void => {
      if (LEVELS.indexOf(lineLevel) < least) return
      const all = { ...bound, ...fields }
      write(
        pretty
          ? prettyLine(now(), lineLevel, message, all)
          : `${toJson({ at: now(), level: lineLevel, message, ...all })}\n`,
      )
    }
    return {
      info: (message, fields) => line('info', message, fields),
      warn: (message, fields) => line('warn', message, fields),
      error: (message, fields) => line('error', message, fields),
      child: (fields) => make({ ...bound, ...fields }),
    }
  }
  return make({})
}

const toJson = (value: unknown): string =>
  JSON.stringify(value, (_, v: unknown) =>
    typeof v === 'bigint' ? String(v) : v instanceof Error ? (v.stack ?? v.message) : v,
  )

function prettyLine(at: string, level: Level, message: string, fields: Record<string, unknown>): string {
  const rest = Object.entries(fields)
    .map(([key, value]) => `${key}=${typeof value === 'string' ? value : toJson(value)}`)
    .join(' ')
  return `${at.slice(11, 23)} ${level.padEnd(5)} ${message}${rest === '' ? '' : `  ${rest}`}\n`
}

export const silentLog: Log = createLog({ level: 'silent' })
