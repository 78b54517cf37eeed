/** How good the alarms are: rates, floods, chatter, what stands for long, by the figures of ISA-18.2 and IEC 62682. */
import { useState } from 'preact/hooks'
import type { AlarmQualityJson } from '../../../../domain/api-desk.ts'
import { PRIORITIES } from '../../../../domain/condition.ts'
import { useApp, useSpeech, useWords } from '../../components/app-context.ts'
import { Await, useAsked } from '../../components/asked.tsx'
import { msOf, nsOf } from '../../state/instants.ts'
import { QualityFigures } from './quality-figures.tsx'
import { type Cell, QualityTable } from './quality-table.tsx'
import { words as WORDS } from './words.ts'

const SPANS_H = [8, 24, 168, 720] as const
const ASK_MS = 60_000

export function Quality() {
  const app = useApp()
  const { format } = useSpeech()
  const own = useWords(WORDS)
  const [hours, setHours] = useState<number>(24)
  const asked = useAsked(
    () => {
      const to_ms = app.deskNow_ms()
      const query = { from: nsOf(to_ms - hours * 3600_000), to: nsOf(to_ms) }
      return app.api.get<AlarmQualityJson>('/alarm-quality', query)
    },
    [hours],
    ASK_MS,
  )
  return (
    <section class="panel" aria-labelledby="quality-title">
      <h2 id="quality-title">{own.list.quality}</h2>
      <label class="field is-inline">
        {own.qualitySpan}
        <select value={String(hours)} onChange={(event) => setHours(Number(event.currentTarget.value))}>
          {SPANS_H.map((h) => (
            <option key={h} value={String(h)}>
              {own.spanOf(format.span(h * 3600_000))}
            </option>
          ))}
        </select>
      </label>
      <Await asked={asked}>{(quality) => <Figures quality={quality} />}</Await>
    </section>
  )
}

function Figures({ quality }: { quality: AlarmQualityJson }) {
  const app = useApp()
  const { words, format } = useSpeech()
  const own = useWords(WORDS)
  const at = (ns: string) => format.instant(msOf(ns), app.now_ms.value)
  const percent = (share: number) => `${format.number(share * 100, 1)} %`
  const total = PRIORITIES.reduce((sum, priority) => sum + quality.priorities[priority], 0)
  const count = (n: number) => format.number(n, 0)
  const priorities: Cell[][] = PRIORITIES.map((priority) => [
    words.priority[priority],
    count(quality.priorities[priority]),
    total === 0 ? '–' : percent(quality.priorities[priority] / total),
  ])
  return (
    <>
      <QualityFigures quality={quality} />
      <p class="muted">{own.guidance}</p>
      <QualityTable title={own.priorities} heads={[own.priority, own.count, own.share]} rows={priorities} />
      <QualityTable
        title={own.top}
        heads={[own.alarm, own.count, own.share]}
        rows={quality.top.map((t) => [{ alarm: t.alarm }, count(t.count), percent(t.share)])}
      />
      <QualityTable
        title={own.chattering}
        heads={[own.alarm, own.transitions, own.mostPerMin]}
        rows={quality.chattering.map((c) => [{ alarm: c.alarm }, count(c.transitions), count(c.most_per_min)])}
      />
      <QualityTable
        title={own.fleeting}
        heads={[own.alarm, own.count]}
        rows={quality.fleeting.map((f) => [{ alarm: f.alarm }, count(f.count)])}
      />
      <QualityTable
        title={own.stale}
        heads={[own.alarm, own.since]}
        rows={quality.stale.map((s) => [{ alarm: s.alarm }, at(s.since_ns)])}
      />
      <QualityTable
        title={own.floods}
        heads={[own.from, own.to, own.annunciated]}
        rows={quality.floods.map((f) => [at(f.from_ns), at(f.to_ns), count(f.alarms)])}
      />
      <QualityTable
        title={own.shelvedNow}
        heads={[own.alarm, own.by, own.since, own.until]}
        rows={quality.shelved.map((s) => [{ alarm: s.alarm }, s.by, at(s.since_ns), at(s.until_ns)])}
      />
    </>
  )
}
