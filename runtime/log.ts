/**
 * The logger (pino): one JSON line per change of state on standard error, or a short readable line on a terminal. Secrets are
 * taken out (`redact.ts`), a fault that repeats itself has a budget of lines (`log-budget.ts`), and a line has one of length (`log-line.ts`).
 */
import { performance } from 'node:perf_hooks'
import { destination, type Logger, pino } from 'pino'
import type { Log } from '../domain/ports.ts'
import { LogBudget } from './log-budget.ts'
import { boundedLine } from './log-line.ts'
import { cleanFields, cleanText } from './redact.ts'

type Level = 'info' | 'warn' | 'error'
export type LogLevel = Level | 'silent'

export type LogOptions = {
  level?: LogLevel
  /** Where lines go; default standard error. */
  write?: (line: string) => void
  /** Readable lines instead of JSON; default when standard error is a terminal. */
  pretty?: boolean
  now?: () => string
  budget?: LogBudget
}

export function createLog(options: LogOptions = {}): Log {
  const { level = 'info', now = () => new Date().toISOString(), budget = new LogBudget() } = options
  if (level === 'silent') return silence
  const raw = options.write ?? standardError()
  const pretty = options.pretty ?? process.stderr.isTTY === true
  const write = (line: string) => raw(pretty ? prettyLine(boundedLine(line)) : boundedLine(line))
  const root = pino(
    {
      level,
      base: undefined,
      messageKey: 'message',
      timestamp: () => `,"at":${JSON.stringify(now())}`,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write },
  )
  return bound(root, budget)
}

/** Synchronous: the last line before an end is the one that matters. */
function standardError(): (line: string) => void {
  const stream = destination({ fd: 2, sync: true })
  return (line) => {
    stream.write(line)
  }
}

function bound(logger: Logger, budget: LogBudget): Log {
  const line = (level: Level, message: string, fields: Record<string, unknown> = {}): void => {
    if (!logger.isLevelEnabled(level) || !budget.allows(performance.now() / 1000)) return
    const withheld = budget.withheld()
    if (withheld > 0) logger.warn({ lines: withheld }, 'too many lines: some were left out')
    // As a field it stands before the others, where people look for it.
    logger[level]({ message: cleanText(message), ...cleanFields(fields) })
  }
  return {
    info: (message, fields) => line('info', message, fields),
    warn: (message, fields) => line('warn', message, fields),
    error: (message, fields) => line('error', message, fields),
    child: (fields) => bound(logger.child(cleanFields(fields)), budget),
  }
}

function prettyLine(json: string): string {
  const { at, level, message, ...fields } = JSON.parse(json) as Record<string, unknown>
  const rest = Object.entries(fields)
    .map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ')
  return `${String(at).slice(11, 23)} ${String(level).padEnd(5)} ${String(message)}${rest === '' ? '' : `  ${rest}`}\n`
}

const silence: Log = { info: () => {}, warn: () => {}, error: () => {}, child: () => silence }
export const silentLog: Log = silence
