/**
 * What a regular expression is built of, as far as attacks need it: parts in sequence, alternatives, repetitions. Sets of
 * characters stay in their own notation; which characters they take is asked of the engine.
 */
export type Part =
  | { readonly kind: 'set'; readonly source: string }
  | { readonly kind: 'group'; readonly alternatives: readonly Part[][] }
  /** Takes no characters: `^`, `$`, `\b`, what looks ahead or behind, and what refers back. */
  | { readonly kind: 'place'; readonly source: string }
  | { readonly kind: 'repetition'; readonly of: Part; readonly least: number; readonly endless: boolean }

/** What stands first at a place of the source; the order matters. */
const TOKEN =
  /\\(?:u\{[^}]*\}|u[0-9a-f]{4}|x[0-9a-f]{2}|[pP]\{[^}]*\}|k<[^>]*>|c[A-Za-z]|[\s\S])|\[(?:\\[\s\S]|[^\]\\])*\]|\((?:\?(?:[:=!]|<[=!]|<[^>]*>))?|[*+?]\??|\{\d+(?:,\d*)?\}\??|[\s\S]/giy

export function structureOf(source: string): readonly Part[] {
  const tokens = source.match(TOKEN) ?? []
  let at = 0

  const alternatives = (): Part[][] => {
    const all: Part[][] = [[]]
    for (; at < tokens.length && tokens[at] !== ')'; at += 1) {
      const token = tokens[at]!
      const parts = all.at(-1)!
      const repeated = repetition(token)
      if (token === '|') all.push([])
      else if (repeated !== undefined && parts.length > 0)
        parts.push({ kind: 'repetition', of: parts.pop()!, ...repeated })
      else if (token.startsWith('(') && token !== '\\(') {
        at += 1
        const inside = alternatives()
        parts.push(
          /^\(\?<?[=!]$/.test(token) ? { kind: 'place', source: token } : { kind: 'group', alternatives: inside },
        )
      } else if (/^(?:[\^$]|\\[bB]|\\[1-9]|\\k<.*)$/.test(token)) parts.push({ kind: 'place', source: token })
      else parts.push({ kind: 'set', source: token })
    }
    return all
  }

  const all = alternatives()
  return all.length === 1 ? all[0]! : [{ kind: 'group', alternatives: all }]
}

function repetition(token: string): { least: number; endless: boolean } | undefined {
  if (/^\*\??$/.test(token)) return { least: 0, endless: true }
  if (/^\+\??$/.test(token)) return { least: 1, endless: true }
  if (/^\?\??$/.test(token)) return { least: 0, endless: false }
  const [, least, more, most] = /^\{(\d+)(,)?(\d*)\}\??$/.exec(token) ?? []
  // Beyond a thousand times it is as good as endless.
  if (least !== undefined)
    return { least: Number(least), endless: more !== undefined && (most === '' || Number(most) > 1000) }
  return undefined
}

export const setsOf = (parts: readonly Part[]): string[] =>
  parts.flatMap((part): string[] => {
    if (part.kind === 'set') return [part.source]
    if (part.kind === 'group') return part.alternatives.flatMap(setsOf)
    return part.kind === 'repetition' ? setsOf([part.of]) : []
  })
