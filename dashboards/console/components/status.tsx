/** The status sentence; without a line to the desk it says so first, and what was last known only as that. */

import { statusParts, type Tone } from '../state/status-parts.ts'
import { type SentencePart, sentenceParts, sentenceText } from '../state/status-sentence.ts'
import { useApp, useSpeech } from './app-context.ts'
import { outlookNow } from './outlook.ts'

export function Status() {
  const app = useApp()
  const speech = useSpeech()
  const { words, format } = speech
  const live = app.live.value
  const site = app.site.value
  const link = app.link.value
  const partsAt = (at_ms: number) =>
    live.known && site !== null
      ? sentenceParts(
          statusParts(site, live, at_ms, (view) => outlookNow(app, view)),
          speech,
        )
      : []
  if (link.state === 'lost') {
    const desk_ms = link.pulse?.desk_ms
    const last = desk_ms === undefined ? '' : sentenceText(partsAt(desk_ms), speech)
    return (
      <Frame tone="unknown" parts={[{ text: words.statusUnknown, tone: 'unknown' }]}>
        {desk_ms !== undefined && last !== '' && (
          <p class="last-known">
            {words.lastKnown(format.instant(desk_ms, desk_ms + link.for_ms), format.duration(link.for_ms))} {last}
          </p>
        )}
      </Frame>
    )
  }
  const parts = partsAt(app.now_ms.value)
  if (parts.length === 0) return <Frame tone="unknown" parts={[{ text: words.statusWaiting, tone: 'unknown' }]} />
  return <Frame tone={parts.find((p) => p.tone !== 'quiet')?.tone ?? 'quiet'} parts={parts} joined />
}

type Props = {
  tone: Tone
  parts: readonly SentencePart[]
  /** The parts are pieces of one sentence. */
  joined?: boolean
  children?: preact.ComponentChildren
}

function Frame({ tone, parts, joined, children }: Props) {
  const { words } = useSpeech()
  return (
    <section class={`status status-${tone}`} aria-label={words.statusTitle}>
      <p class="sentence">
        {parts.map((part, i) => (
          <span key={part.text} class={`said said-${part.tone}`}>
            {i === 0 ? part.text.charAt(0).toUpperCase() + part.text.slice(1) : part.text}
            {joined && (i < parts.length - 1 ? words.partJoin : words.sentenceEnd)}
          </span>
        ))}
      </p>
      {children}
    </section>
  )
}
