/** The journal as CSV (RFC 4180) for spreadsheets; a field that one would take for a formula is marked as text. Pure. */
import type { JournalEntryJson } from '../domain/alarm.ts'
import { instant, toIso } from '../domain/time.ts'

const COLUMNS = ['seq', 'at', 'at_ns', 'kind', 'alarm', 'occurrence', 'actor', 'body', 'hash'] as const

const field = (value: string): string => {
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

export const csvHead = (): string => `${COLUMNS.join(',')}\r\n`

export const csvLine = ({ seq, at_ns, kind, alarm, occurrence, actor, body, hash }: JournalEntryJson): string => {
  const cells = [
    String(seq),
    toIso(instant(BigInt(at_ns))),
    at_ns,
    kind,
    alarm ?? '',
    occurrence === null ? '' : String(occurrence),
  ]
  return `${[...cells, actor, JSON.stringify(body), hash].map(field).join(',')}\r\n`
}
