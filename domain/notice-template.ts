/**
 * Templates of HTTP requests that carry a message: placeholders `{{name}}` and nothing else, so that a template can neither
 * loop nor reach anything. What is put in is escaped by where it stands: percent-encoded in an address, by `JSON.stringify`
 * in JSON, as a form field in a form; a header takes no text of a message at all. Sending is `desk/`'s.
 */
import type { SiteTemplate } from './site-notices.ts'

/** What a message offers, beside `value.*` and `secret.*` of the channel. */
export const MESSAGE_FIELDS = [
  'subject', // one line
  'text', // the whole message, with its link
  'short', // one line for a text message by phone
  'kind', // alarm, update, returned, test, daily
  'priority', // critical, high, medium, low
  'priority_1to5', // 5 for critical, 2 for low
  'exercise', // true or false
  'link', // to the console; absent without public_url
  'answer_link', // acknowledges; absent where there is nothing to acknowledge
  'site', // id of the site
  'alarms', // list of {alarm, occurrence}, in JSON only
  'at', // UTC, ISO 8601
  'language', // en or zh-TW
  'delivery.id', // the same for each try: an idempotency key
  'delivery.uuid', // the same as a UUID
] as const
export type MessageField = (typeof MESSAGE_FIELDS)[number]
export type FieldValue = string | number | boolean | undefined | ReadonlyArray<Readonly<Record<string, unknown>>>
export type Fields = Readonly<Record<string, FieldValue>>

export type HttpRequest = {
  readonly method: 'POST' | 'PUT'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** A mistake in a template: where in it, what was expected, what came. */
export type TemplateMistake = {
  readonly path: ReadonlyArray<string | number>
  readonly expected: string
  readonly got: unknown
}

const NAME = /^(?:(?:value|secret)\.[a-z][a-z0-9_]{0,31}|delivery\.(?:id|uuid)|[a-z_0-9]+)$/
const BODIES = ['json', 'form', 'text'] as const
const CONTENT_TYPE = {
  json: 'application/json',
  form: 'application/x-www-form-urlencoded',
  text: 'text/plain; charset=utf-8',
} as const
/** Nested no deeper than any webhook is. */
const DEPTH_MAX = 16

/** An address from outside the template begins it, and is taken as it is. */
const WHOLE = /^\{\{ *(?:secret\.)?url *\}\}/
const isWhole = (name: string): boolean => name === 'url' || name === 'secret.url'

type Piece = { readonly text: string } | { readonly name: string }

/** @throws Error that says what is wrong with the text */
function piecesOf(text: string): Piece[] {
  const out: Piece[] = []
  let at = 0
  for (;;) {
    const open = text.indexOf('{{', at)
    const before = text.slice(at, open < 0 ? undefined : open)
    if (before.includes('}}')) throw new Error('}} has no {{ before it')
    if (before !== '') out.push({ text: before })
    if (open < 0) return out
    const close = text.indexOf('}}', open)
    if (close < 0) throw new Error('{{ has no }} after it')
    const name = text.slice(open + 2, close).trim()
    if (!NAME.test(name)) throw new Error(`{{${name.slice(0, 40)}}} is no placeholder`)
    out.push({ name })
    at = close + 2
  }
}

type Leaf = {
  readonly path: ReadonlyArray<string | number>
  readonly text: string
  readonly place: 'url' | 'header' | 'body'
}

function leavesOf(template: SiteTemplate): Leaf[] {
  const body = BODIES.find((kind) => template[kind] !== undefined)
  return [
    { path: ['url'], text: template.url, place: 'url' },
    ...Object.entries(template.headers).map(([key, text]): Leaf => ({ path: ['headers', key], text, place: 'header' })),
    ...(body === undefined ? [] : bodyLeaves(template[body], [body], 0)),
  ]
}

function bodyLeaves(value: unknown, path: ReadonlyArray<string | number>, depth: number): Leaf[] {
  if (typeof value === 'string') return [{ path, text: value, place: 'body' }]
  if (typeof value !== 'object' || value === null || depth > DEPTH_MAX) return []
  const entries = Array.isArray(value) ? value.map((v, i) => [i, v] as const) : Object.entries(value)
  return entries.flatMap(([key, v]) => bodyLeaves(v, [...path, key], depth + 1))
}

/** Every mistake of a template, with its place in it. */
export function templateMistakes(template: SiteTemplate): TemplateMistake[] {
  const given = BODIES.filter((kind) => template[kind] !== undefined)
  const out: TemplateMistake[] = []
  if (given.length !== 1)
    out.push({ path: [], expected: `exactly one of ${BODIES.join(', ')}`, got: given.join(' and ') || undefined })
  for (const leaf of leavesOf(template)) {
    try {
      const wrong = piecesOf(leaf.text).find((piece) => 'name' in piece && !mayStand(piece.name, leaf))
      if (wrong !== undefined && 'name' in wrong)
        out.push({ path: leaf.path, expected: expectedAt(leaf), got: `{{${wrong.name}}}` })
    } catch (error) {
      out.push({ path: leaf.path, expected: 'placeholders {{name}}', got: (error as Error).message })
    }
  }
  const [start] = leavesOf(template)
  if (start !== undefined && !/^https?:\/\//.test(start.text) && !WHOLE.test(start.text))
    out.push({
      path: ['url'],
      expected: 'an address that begins with http://, https://, {{url}} or {{secret.url}}',
      got: start.text,
    })
  return out
}

const isOwn = (name: string): boolean => name.startsWith('value.') || name.startsWith('secret.')
const isField = (name: string): boolean => (MESSAGE_FIELDS as readonly string[]).includes(name)

function mayStand(name: string, { place, text }: Leaf): boolean {
  if (isWhole(name)) return place === 'url' && WHOLE.test(text)
  if (isOwn(name)) return true
  if (!isField(name)) return false
  if (place === 'header') return name.startsWith('delivery.')
  return name !== 'alarms' || (place === 'body' && /^\{\{ *alarms *\}\}$/.test(text))
}

const expectedAt = ({ place }: Leaf): string =>
  place === 'header'
    ? 'value.*, secret.* or delivery.* in a header'
    : `one of ${[...(place === 'url' ? ['url at the start'] : []), ...MESSAGE_FIELDS, 'value.*', 'secret.*'].join(', ')}`

/** Names that the channel must bring: `value.topic`, `secret.token`, `url`. */
export function namesNeeded(template: SiteTemplate): ReadonlySet<string> {
  const names = leavesOf(template).flatMap(({ text }) => {
    try {
      return piecesOf(text).flatMap((piece) => ('name' in piece ? [piece.name] : []))
    } catch {
      return []
    }
  })
  return new Set(names.filter((name) => isOwn(name) || name === 'url'))
}

/** The request; a name without a value is empty, and a member of a JSON object that is only such a name is left out. */
export function fillTemplate(template: SiteTemplate, fields: Fields): HttpRequest {
  const kind = BODIES.find((k) => template[k] !== undefined) ?? 'text'
  const headers: Record<string, string> = { 'content-type': CONTENT_TYPE[kind] }
  for (const [key, text] of Object.entries(template.headers))
    headers[key.toLowerCase()] = fill(text, fields, plainHeader)
  return {
    method: template.method,
    url: fill(template.url, fields, (value, name) => (isWhole(name) ? value : inAddress(value))),
    headers,
    body: bodyOf(template, kind, fields),
  }
}

function bodyOf(template: SiteTemplate, kind: (typeof BODIES)[number], fields: Fields): string {
  if (kind === 'json') return JSON.stringify(jsonOf(template.json, fields))
  if (kind === 'text') return fill(template.text ?? '', fields, (value) => value)
  const form = new URLSearchParams()
  for (const [key, text] of Object.entries(template.form ?? {})) {
    const value = fill(text, fields, (v) => v)
    if (value !== '') form.append(key, value)
  }
  return form.toString()
}

function jsonOf(value: unknown, fields: Fields): unknown {
  if (typeof value === 'string') {
    const pieces = piecesOf(value)
    const [only] = pieces
    // What is one placeholder and nothing else keeps its type.
    if (pieces.length === 1 && only !== undefined && 'name' in only) return fields[only.name]
    return fill(value, fields, (v) => v)
  }
  if (Array.isArray(value)) return value.map((v) => jsonOf(v, fields) ?? null)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, v]) => {
      const filled = jsonOf(v, fields)
      return filled === undefined ? [] : [[key, filled]]
    }),
  )
}

const fill = (text: string, fields: Fields, put: (value: string, name: string) => string): string =>
  piecesOf(text)
    .map((piece) => ('text' in piece ? piece.text : put(textOf(fields[piece.name]), piece.name)))
    .join('')

const textOf = (value: FieldValue): string => (value === undefined || typeof value === 'object' ? '' : String(value))

/** RFC 3986: what may stand in a path segment and in a query value as it is; the colon is in every Telegram token. */
const inAddress = (value: string): string =>
  encodeURIComponent(value.toWellFormed()).replaceAll('%3A', ':').replaceAll('%40', '@')

/** RFC 9110: visible ASCII and spaces; a line end would begin another header. */
const plainHeader = (value: string): string => value.replace(/[^\x20-\x7e]/g, '').trim()
