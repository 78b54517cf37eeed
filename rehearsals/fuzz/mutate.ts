/**
 * What a hostile or broken sender makes of a message that was once right: bits fall, bytes come, go, repeat and change places,
 * lengths lie, halves of two messages meet. Messages that begin right get further in than random bytes do.
 */
import { below, oneOf, type Random } from '../seeded.ts'

/** Numbers at which lengths, counts and types break. */
const EDGES = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff]
const GROWTH_MAX = 4096

type Mutation = (bytes: Buffer, random: Random, other: Buffer) => Buffer
const at = (bytes: Buffer, random: Random): number => below(random, bytes.length + 1)
const cut = (bytes: Buffer, from: number, count: number, put: Uint8Array = new Uint8Array()): Buffer =>
  Buffer.concat([bytes.subarray(0, from), put, bytes.subarray(from + count)])

const MUTATIONS: readonly Mutation[] = [
  (bytes, random) => {
    const out = Buffer.from(bytes)
    if (out.length > 0) out[below(random, out.length)]! ^= 1 << below(random, 8)
    return out
  },
  (bytes, random) => {
    const out = Buffer.from(bytes)
    if (out.length > 0) out[below(random, out.length)] = oneOf(random, EDGES) & 0xff
    return out
  },
  (bytes, random) => bytes.subarray(0, at(bytes, random)),
  (bytes, random) => cut(bytes, at(bytes, random), below(random, 16)),
  (bytes, random) =>
    cut(
      bytes,
      at(bytes, random),
      0,
      Buffer.from(Array.from({ length: 1 + below(random, 32) }, () => below(random, 256))),
    ),
  (bytes, random) => {
    const from = at(bytes, random)
    const piece = bytes.subarray(from, from + 1 + below(random, 64))
    const times = 1 + below(random, Math.max(1, Math.floor(GROWTH_MAX / Math.max(1, piece.length))))
    return cut(bytes, from, 0, Buffer.concat(Array.from({ length: Math.min(times, 64) }, () => piece)))
  },
  (bytes, random) => {
    const width = oneOf(random, [2, 4] as const)
    if (bytes.length < width) return bytes
    const out = Buffer.from(bytes)
    const value = oneOf(random, EDGES) % 256 ** width
    const where = below(random, out.length - width + 1)
    if (random() < 0.5) out.writeUIntBE(value, where, width)
    else out.writeUIntLE(value, where, width)
    return out
  },
  (bytes, random, other) => Buffer.concat([bytes.subarray(0, at(bytes, random)), other.subarray(at(other, random))]),
]

/** One to four mutations of one of the seeds. */
export function mutated(seeds: readonly Uint8Array[], random: Random): Buffer {
  let bytes: Buffer = Buffer.from(oneOf(random, seeds))
  for (let n = 1 + below(random, 4); n > 0; n--) {
    bytes = Buffer.from(oneOf(random, MUTATIONS)(bytes, random, Buffer.from(oneOf(random, seeds))))
  }
  return bytes
}

/** What stands in texts that people and programs write: keys, numbers, signs that mean something to a parser. */
const WORDS = [
  '',
  ' ',
  '\n',
  '\t',
  '\0',
  'null',
  'true',
  '-1',
  '0',
  '1e308',
  '-1e-308',
  'NaN',
  'Infinity',
  '9007199254740993',
  '"',
  "'",
  '`',
  '${HOME}',
  '${',
  '&a',
  '*a',
  '<<: *a',
  '!!js/function',
  '- - -',
  '{',
  '}',
  '[',
  ']',
  ':',
  '#',
  '%',
  '../../etc/passwd',
  '%2e%2e%2f',
  '__proto__',
  'constructor',
  '\u202e',
  '\ud800',
  '水位',
  'a'.repeat(5000),
  '('.repeat(500),
  '1,'.repeat(500),
]

/** The same of a text: words, lines and fields are changed, moved, doubled and left out. */
export function mutatedText(text: string, random: Random): string {
  let lines = text.split('\n')
  for (let n = 1 + below(random, 4); n > 0; n--) {
    const i = below(random, lines.length)
    const line = lines[i] ?? ''
    switch (below(random, 6)) {
      case 0:
        lines = lines.toSpliced(i, 1)
        break
      case 1:
        lines = lines.toSpliced(i, 0, oneOf(random, lines))
        break
      case 2: {
        const word = below(random, line.length + 1)
        lines[i] = line.slice(0, word) + oneOf(random, WORDS) + line.slice(word)
        break
      }
      case 3: {
        const fields = line.split(/([,:\s]+)/)
        fields[below(random, fields.length)] = oneOf(random, WORDS)
        lines[i] = fields.join('')
        break
      }
      case 4:
        lines[i] = ' '.repeat(below(random, 12)) + line.trimStart()
        break
      default: {
        const j = below(random, lines.length)
        ;[lines[i], lines[j]] = [lines[j] ?? '', line]
      }
    }
  }
  return lines.join('\n')
}
