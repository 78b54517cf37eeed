/**
 * What may stand in a log: fields as plain JSON, secrets taken out by the name of their key and, within texts, by the form in
 * which programs hand them on. Pure. A secret that a library puts into the text of an error is met here, too.
 */

export const REDACTED = '[redacted]'
const SECRET_KEY = /pass(word|phrase)|secret|token|authorization|cookie|credential|private_?key|api_?key/i
/** Where a secret is kept is no secret. */
const PLACE_KEY = /_(file|path|folder)$/i
const IN_TEXT: ReadonlyArray<readonly [RegExp, string]> = [
  [/\b(\w+:\/\/[^\s:/@]+):[^\s@/]+@/g, `$1:${REDACTED}@`],
  [/\b(Bearer|Basic|Token)\s+[\w+/=.~-]{8,}/g, `$1 ${REDACTED}`],
  [/([?&#](?:token|p|password|access_token|key)=)[^&\s"]+/gi, `$1${REDACTED}`],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, REDACTED],
]
const DEPTH_MAX = 6

export const cleanText = (text: string): string => IN_TEXT.reduce((out, [what, by]) => out.replace(what, by), text)

export function clean(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return cleanText(value)
  if (typeof value === 'bigint') return String(value)
  if (value instanceof Error) return cleanText(value.stack ?? value.message)
  if (typeof value !== 'object' || value === null) return value
  if (depth >= DEPTH_MAX) return '[deeper]'
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Map) return clean(Object.fromEntries(value), depth)
  if (Symbol.iterator in value) return [...(value as Iterable<unknown>)].map((item) => clean(item, depth + 1))
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      SECRET_KEY.test(key) && !PLACE_KEY.test(key) && canBeSecret(item) ? REDACTED : clean(item, depth + 1),
    ]),
  )
}

/** Numbers count something: refusals by reason, one of which is a wrong password. */
const canBeSecret = (item: unknown): boolean => typeof item === 'string' || (typeof item === 'object' && item !== null)

export const cleanFields = (fields: Record<string, unknown>): Record<string, unknown> =>
  clean(fields) as Record<string, unknown>
