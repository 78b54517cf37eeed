/**
 * Texts that make a backtracking engine work as hard as the expression lets it: for each endless repetition what leads up to
 * it, then its own characters many times, then something that spoils the match.
 */
import { type Part, setsOf, structureOf } from './structure.ts'

/** Long enough that what grows with the square takes a hundred times as long as what grows with the length. */
export const ATTACK_CHARACTERS = 40_000
/** Printable ASCII, white space and what else the sources name. */
const PALETTE = [
  ...Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)),
  ...'\t\n\r\u0000\u001b\u00a0\u00b2\u00d7\u00e9\ufeff\uffff',
]
const PUMPS_MAX = 12

/** How each repetition may be reached, and what it may then repeat. */
type Target = { readonly before: string; readonly pumps: readonly string[] }

export function* attacksOn({ source, flags }: RegExp, characters = ATTACK_CHARACTERS): Generator<string> {
  const parts = structureOf(source)
  const kinds = kindsOf(setsOf(parts), flags)
  // What leads up to a repetition is written with the first character that does, and once more with the last.
  const targets = [...targetsIn(parts, '', kinds), ...targetsIn(parts, '', kinds.toReversed())]
  const tails = ['', ...kinds.map(({ character }) => character)]
  const seen = new Set<string>()
  for (const { before, pumps } of targets)
    for (const pump of pumps)
      for (const start of new Set([before, '', foreignTo(pump, kinds)]))
        for (const repeated of new Set([pump, before + pump])) {
          if (repeated === '') continue
          for (const tail of tails) {
            const key = JSON.stringify([start, repeated, tail])
            if (seen.has(key)) continue
            seen.add(key)
            yield start + repeated.repeat(Math.ceil(characters / repeated.length)) + tail
          }
        }
}

/** One character for each way in which the sets of an expression tell characters apart. */
type Kind = { readonly character: string; readonly sets: ReadonlySet<string> }

function kindsOf(sets: readonly string[], flags: string): readonly Kind[] {
  const distinct = [...new Set(sets)]
  const tests = distinct.map((set) => new RegExp(`^(?:${set})$`, flags.replace(/[gym]/g, '')))
  const kinds = new Map<string, Kind>()
  for (const character of PALETTE) {
    const within = distinct.filter((_, i) => tests[i]!.test(character))
    const key = within.join('\n')
    if (!kinds.has(key)) kinds.set(key, { character, sets: new Set(within) })
  }
  return [...kinds.values()]
}

/** Something before the repetition that is none of it. */
const foreignTo = (pump: string, kinds: readonly Kind[]): string =>
  kinds.find(({ character }) => !pump.includes(character))?.character ?? ''

function* targetsIn(parts: readonly Part[], before: string, kinds: readonly Kind[]): Generator<Target> {
  let reached = before
  for (const part of parts) {
    if (part.kind === 'repetition' && part.endless)
      yield { before: reached, pumps: samples(part.of, kinds).slice(0, PUMPS_MAX) }
    const inside = part.kind === 'repetition' ? part.of : part
    if (inside.kind === 'group')
      for (const alternative of inside.alternatives) yield* targetsIn(alternative, reached, kinds)
    reached += shortest(part, kinds)
  }
}

/** The least that a part takes; a repetition at least once, since what stands empty leads nowhere. */
function shortest(part: Part, kinds: readonly Kind[]): string {
  if (part.kind === 'place') return ''
  if (part.kind === 'repetition') return shortest(part.of, kinds).repeat(Math.max(1, part.least))
  return samples(part, kinds)[0] ?? ''
}

/** Texts that a part takes: each kind of character of a set, each alternative of a group. */
function samples(part: Part, kinds: readonly Kind[]): string[] {
  if (part.kind === 'place') return ['']
  if (part.kind === 'set') return kinds.filter(({ sets }) => sets.has(part.source)).map(({ character }) => character)
  if (part.kind === 'repetition') return [...new Set([...samples(part.of, kinds), shortest(part, kinds)])]
  return part.alternatives.flatMap((alternative) => {
    const one = alternative.map((inner) => shortest(inner, kinds)).join('')
    const long = alternative.map((inner) => shortest(inner, kinds).repeat(inner.kind === 'repetition' ? 2 : 1)).join('')
    return alternative.length === 1 ? samples(alternative[0]!, kinds) : [one, long]
  })
}
