/**
 * Reads what a request carries against its schema: every mistake at once, each with where it is and what was expected.
 * Pure; what a value means is the route's business.
 */
import type { Static, TSchema } from 'typebox'
import Value from 'typebox/value'
import { fromIso, type Instant, instant } from '../domain/time.ts'
import { badRequest, notFound } from './http-error.ts'

/** A body as it came. @throws HttpError 400 */
export function readBody<T extends TSchema>(schema: T, body: unknown): Static<T> {
  return checked(schema, body, 'body')
}

/** What stands in the path. @throws HttpError 404 */
export function readParams<T extends TSchema>(schema: T, params: unknown): Static<T> {
  if (Value.Check(schema, params)) return params as Static<T>
  throw notFound('there is no such thing')
}

/** A query: numbers come as text, defaults are filled. @throws HttpError 400 */
export function readQuery<T extends TSchema>(schema: T, query: unknown): Static<T> {
  return checked(schema, Value.Default(schema, Value.Convert(schema, { ...(query as object) })), 'query')
}

function checked<T extends TSchema>(schema: T, value: unknown, where: string): Static<T> {
  if (Value.Check(schema, value)) return value as Static<T>
  const mistakes = Value.Errors(schema, value)
    .filter((mistake) => mistake.keyword !== 'boolean')
    .map(({ instancePath, message }) => {
      const path = where + instancePath.replaceAll('/', '.')
      const came = instancePath === '' ? undefined : at(value, instancePath)
      return `${path}: ${message}${came === undefined ? '' : `, got ${JSON.stringify(came).slice(0, 80)}`}`
    })
  throw badRequest([...new Set(mistakes)].join('; '))
}

const at = (value: unknown, path: string): unknown =>
  path
    .split('/')
    .slice(1)
    .reduce<unknown>((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], value)

/** ISO 8601 with zone, or nanoseconds since 1970 as digits. @throws HttpError 400 */
export function readInstant(text: string, name: string): Instant {
  if (/^-?\d{1,19}$/.test(text)) return instant(BigInt(text))
  // In a query "+" is a space: 2018-06-03T18:00:00+08:00 is what was meant.
  const at = fromIso(text.replace(' ', '+'))
  if (at !== undefined) return at
  throw badRequest(
    `query.${name}: expected ISO 8601 with zone or nanoseconds, got ${JSON.stringify(text).slice(0, 80)}`,
  )
}

export function readSpan(query: { from: string; to: string }): { from: Instant; to: Instant } {
  const from = readInstant(query.from, 'from')
  const to = readInstant(query.to, 'to')
  if (to <= from) throw badRequest(`query.to: expected an instant after from, got ${query.to}`)
  return { from, to }
}
