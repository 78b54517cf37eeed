/**
 * Line protocol as a strict server reads it, for the fakes of InfluxDB 2.x and 3.x. What is not certainly right is refused
 * with the server's kind of reason; where points are kept is left to `fake-points.fixture.ts`.
 * Source: docs.influxdata.com, line protocol reference (escapes, types, order of the parts).
 */

export type FieldType = 'float' | 'integer' | 'unsigned' | 'string' | 'boolean'
export type FieldValue = number | bigint | string | boolean
export type Field = { readonly type: FieldType; readonly value: FieldValue }
export type Point = {
  readonly measurement: string
  readonly tags: ReadonlyMap<string, string>
  readonly fields: ReadonlyMap<string, Field>
  readonly t_ns: bigint
}

/** A line break inside a text in quotes belongs to it; quotes in the tags, before the first bare space, mean nothing. */
export function splitLines(body: string): string[] {
  const out: string[] = []
  let from = 0
  let quoted = false
  let inTags = true
  for (let i = 0; i < body.length; i++) {
    if (body[i] === '\\') i++
    else if (body[i] === ' ') inTags = false
    else if (body[i] === '"') quoted = !inTags && !quoted
    else if (body[i] === '\n' && !quoted) {
      out.push(body.slice(from, i))
      from = i + 1
      inTags = true
    }
  }
  out.push(body.slice(from))
  return out.filter((line) => line !== '')
}

/** @throws Error with why the line is refused. */
export function parseLine(text: string): Point {
  let at = 0
  /** Up to a bare separator; a backslash before one of `escapable` is dropped, any other stands for itself. */
  const word = (ends: string, escapable: string): string => {
    let out = ''
    for (; at < text.length; at++) {
      const c = text[at]!
      if (c === '\\' && at + 1 < text.length && escapable.includes(text[at + 1]!)) out += text[++at]
      else if (ends.includes(c)) break
      else out += c
    }
    return out
  }
  const measurement = word(', ', ', ')
  if (measurement === '' || measurement.startsWith('#')) throw new Error('missing measurement')
  const tags = new Map<string, string>()
  while (text[at] === ',') {
    at++
    const key = word(',= ', ',= ')
    if (text[at] !== '=') throw new Error('missing tag value')
    at++
    const value = word(',= ', ',= ')
    if (key === '') throw new Error('missing tag key')
    if (value === '' || text[at] === '=') throw new Error('missing tag value')
    if (tags.has(key)) throw new Error('duplicate tags')
    if ([...tags.keys()].some((before) => before > key)) throw new Error('expected tags in order of their keys')
    tags.set(key, value)
  }
  if (text[at] !== ' ') throw new Error('missing fields')
  at++
  const fields = new Map<string, Field>()
  for (;;) {
    const key = word(',= ', ',= ')
    if (key === '' || text[at] !== '=') throw new Error('missing field key')
    at++
    if (key === 'time') throw new Error('invalid field name: input field "time" is invalid')
    if (fields.has(key)) throw new Error(`invalid line protocol - multiple instances of '${key}' field found`)
    if (tags.has(key)) throw new Error(`'${key}' is a tag and a field`)
    fields.set(key, text[at] === '"' ? quoted() : bare(word(', ', '')))
    if (text[at] !== ',') break
    at++
  }
  if (text[at] !== ' ' || !/^-?\d+$/.test(text.slice(at + 1))) throw new Error('bad timestamp')
  const t_ns = BigInt(text.slice(at + 1))
  if (t_ns > 2n ** 63n - 2n || t_ns < -(2n ** 63n) + 2n) throw new Error('time outside range')
  return { measurement, tags, fields, t_ns }

  function quoted(): Field {
    let value = ''
    for (at++; text[at] !== '"'; at++) {
      if (at >= text.length) throw new Error('unbalanced quotes')
      if (text[at] === '\\' && '"\\'.includes(text[at + 1] ?? ' ')) at++
      value += text[at]
    }
    at++
    // The most that one string field holds in 1.x and 2.x.
    if (Buffer.byteLength(value) > 65_535) throw new Error('string field longer than 65535 bytes')
    return { type: 'string', value }
  }
}

function bare(text: string): Field {
  if (/^-?\d+i$/.test(text)) {
    const value = BigInt(text.slice(0, -1))
    if (BigInt.asIntN(64, value) !== value) throw new Error(`unable to parse integer ${text}: value out of range`)
    return { type: 'integer', value }
  }
  if (/^\d+u$/.test(text)) return { type: 'unsigned', value: BigInt(text.slice(0, -1)) }
  if (/^(t|T|true|True|TRUE|f|F|false|False|FALSE)$/.test(text)) return { type: 'boolean', value: /^t/i.test(text) }
  if (!/^-?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text)) throw new Error('invalid number')
  return { type: 'float', value: Number(text) }
}
