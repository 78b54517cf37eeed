/** Drills and replay: start one, see how it was answered; play recordings and spoil simulated devices. */

import type { DrillJson, DrillReportJson } from '../../../../domain/api.ts'
import { useApp, useSpeech, useWords } from '../../components/app-context.ts'
import { Await, useAsked } from '../../components/asked.tsx'
import { Problem } from '../../components/problem.tsx'
import { isOffered } from '../../state/commands.ts'
import { msOf } from '../../state/instants.ts'
import { href } from '../../state/route.ts'
import type { ScreenProps } from '../index.ts'
import { useCommand } from '../system/use-command.ts'
import { Replay } from './replay.tsx'
import { ScenarioNames } from './scenario-form.tsx'
import { Score } from './score.tsx'
import { StartDrill } from './start-drill.tsx'
import { words as WORDS } from './words.ts'

const ASK_MS = 5000

export default function DrillsScreen({ route }: ScreenProps) {
  const app = useApp()
  const own = useWords(WORDS)
  const drill = app.live.value.drill
  const asked = useAsked(() => app.api.get<{ drills: DrillJson[] }>('/drills'), [drill?.status, drill?.id], ASK_MS)
  const { problem, run } = useCommand(asked.again)
  // Who is not signed in is not asked to sign in here: a drill is planned.
  const signed = app.session.value?.user != null
  const may = signed && isOffered(app.session.value, 'operator')
  const isOn = drill !== null && (drill.status === 'running' || drill.status === 'starting')
  return (
    <div class="stack">
      <ScenarioNames />
      <section class="panel" aria-labelledby="drills-title">
        <h2 id="drills-title">{own.title}</h2>
        <Problem text={problem} />
        {may && !isOn && <StartDrill run={run} />}
        <Await asked={asked}>
          {({ drills }) => (
            <>
              {drills.length === 0 && <p>{own.none}</p>}
              <ul class="alarm-rows">
                {drills.map((d) => (
                  <Row
                    key={d.id}
                    drill={d}
                    onEnd={may ? () => void run(app.api.send('POST', `/drills/${encodeURIComponent(d.id)}/end`)) : null}
                  />
                ))}
              </ul>
            </>
          )}
        </Await>
      </section>
      {route.id !== null && <Report key={route.id} id={route.id} />}
      {isOffered(app.session.value, 'engineer') && <Replay />}
    </div>
  )
}

function Row({ drill, onEnd }: { drill: DrillJson; onEnd: (() => void) | null }) {
  const app = useApp()
  const { format } = useSpeech()
  const own = useWords(WORDS)
  const now_ms = app.now_ms.value
  const at = (ns: string) => format.instant(msOf(ns), now_ms)
  const isOn = drill.status === 'running' || drill.status === 'starting'
  return (
    <li class={`alarm${isOn ? ' is-open' : ''}`}>
      <div class="alarm-head">
        <h3>
          <a href={href('drills', drill.id)}>{drill.name}</a>
        </h3>
        <span class={`mark${isOn ? ' exercise-mark' : ''}`}>{own.status[drill.status]}</span>
      </div>
      <p class="muted">
        {drill.owner} · {own.by(drill.started_by, at(drill.started_ns))} ·{' '}
        {drill.ended_ns === null ? own.until(at(drill.until_ns)) : own.endedAt(at(drill.ended_ns))}
        {drill.scenario.name !== null && ` · ${drill.scenario.name}`}
      </p>
      {drill.why !== null && <p class="unknown">{drill.why}</p>}
      {isOn && onEnd !== null && (
        <div class="actions">
          <button type="button" class="button" onClick={onEnd}>
            {own.end}
          </button>
        </div>
      )}
    </li>
  )
}

function Report({ id }: { id: string }) {
  const app = useApp()
  const own = useWords(WORDS)
  const asked = useAsked(
    () => app.api.get<{ drill: DrillJson; report: DrillReportJson }>(`/drills/${encodeURIComponent(id)}`),
    [id],
    ASK_MS,
  )
  return (
    <section class="panel" aria-labelledby="score-title">
      <h2 id="score-title">{own.score}</h2>
      <Await asked={asked}>{({ report }) => <Score report={report} />}</Await>
    </section>
  )
}
