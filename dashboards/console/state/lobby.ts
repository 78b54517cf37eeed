/**
 * What the page in the lobby says of one structure: one sentence in each language. It judges nothing itself, and while the
 * line is lost it says so first and what was last known only as old.
 */
import type { SiteJson } from '../../../domain/api.ts'
import type { Link } from './link.ts'
import type { LiveState } from './live-state.ts'
import { statusParts, type Tone, toneOf } from './status-parts.ts'
import { type SentencePart, type Speech, sentenceParts, sentenceText } from './status-sentence.ts'
import { structureView } from './structure.ts'

export type LobbySaid = { readonly tone: Tone; readonly text: string; readonly age: string }

export function lobbySays(
  site: SiteJson | null,
  structure_id: string,
  live: LiveState,
  link: Link,
  now_ms: number,
  speech: Speech,
): LobbySaid {
  const { words, format } = speech
  const structure = site?.structures.find((s) => s.id === structure_id)
  if (site !== null && structure === undefined) return { tone: 'unknown', text: words.noStructure, age: '' }
  const desk_ms = link.state === 'live' ? now_ms : link.state === 'lost' ? (link.pulse?.desk_ms ?? null) : null
  if (site === null || structure === undefined || !live.known || desk_ms === null)
    return { tone: 'unknown', text: link.state === 'lost' ? words.lobbyNothing : words.statusWaiting, age: '' }
  const only = { ...site, structures: [structure], waters: [] }
  const parts = statusParts(only, live, desk_ms).filter((p) => p.kind.startsWith('structure-'))
  const said = parts.map((part): SentencePart => {
    const quiet = part.kind === 'structure-quiet' && structureView(structure, site, live, desk_ms).limits > 0
    return quiet
      ? { text: words.structureShaking(structure.name, words.noShaking), tone: 'quiet' }
      : sentenceParts([part], speech)[0]!
  })
  const text = sentenceText(said, speech)
  if (link.state === 'lost')
    return {
      tone: 'unknown',
      text: words.lobbyLost(format.duration(link.for_ms)),
      age: `${words.lastKnown(format.instant(desk_ms, desk_ms + link.for_ms), format.duration(link.for_ms))} ${text}`,
    }
  const tone = parts[0] === undefined ? 'unknown' : toneOf(parts[0])
  return { tone, text, age: words.lobbyAt(format.instant(now_ms, now_ms)) }
}
