/** Maintenance windows: devices whose alarms are suppressed by design for a time; an engineer plans and ends them. */
import type { MaintenanceJson } from '../../../../domain/api-desk.ts'
import { useApp, useSpeech, useWords } from '../../components/app-context.ts'
import { Await, useAsked } from '../../components/asked.tsx'
import { ConfirmButton } from '../../components/confirm-button.tsx'
import { Problem } from '../../components/problem.tsx'
import { isOffered } from '../../state/commands.ts'
import { msOf } from '../../state/instants.ts'
import { useCommand } from '../system/use-command.ts'
import { PlanMaintenance } from './plan-maintenance.tsx'
import { words as WORDS } from './words.ts'

/** A window begins and ends by the clock. */
const ASK_MS = 10_000

export function Maintenance() {
  const app = useApp()
  const own = useWords(WORDS)
  const asked = useAsked(() => app.api.get<{ windows: MaintenanceJson[] }>('/maintenance'), [], ASK_MS)
  const { problem, run } = useCommand(asked.again)
  const may = isOffered(app.session.value, 'engineer')
  return (
    <section class="panel" aria-labelledby="maintenance-title">
      <h2 id="maintenance-title">{own.list.maintenance}</h2>
      <p class="muted">{own.maintenanceWhat}</p>
      <Problem text={problem} />
      {may && <PlanMaintenance onPlan={(body) => void run(app.api.send('POST', '/maintenance', body))} />}
      <Await asked={asked}>
        {({ windows }) =>
          windows.length === 0 ? (
            <p>{own.maintenanceNone}</p>
          ) : (
            <ul class="alarm-rows">
              {windows.map((window) => (
                <Window
                  key={window.id}
                  window={window}
                  onEnd={
                    may && window.status !== 'ended'
                      ? () => void run(app.api.send('POST', `/maintenance/${encodeURIComponent(window.id)}/end`))
                      : null
                  }
                />
              ))}
            </ul>
          )
        }
      </Await>
    </section>
  )
}

function Window({ window, onEnd }: { window: MaintenanceJson; onEnd: (() => void) | null }) {
  const app = useApp()
  const { words, format } = useSpeech()
  const own = useWords(WORDS)
  const now_ms = app.now_ms.value
  const at = (ns: string) => format.instant(msOf(ns), now_ms)
  const names = window.devices.map((id) => app.live.value.devices.get(id)?.name ?? id)
  return (
    <li class={`alarm${window.status === 'running' ? ' is-open' : ''}`}>
      <div class="alarm-head">
        <h3>{window.name}</h3>
        <span class="mark">{own.maintenanceStatus[window.status]}</span>
      </div>
      <p class="number">
        {own.groupSpan(at(window.from_ns), at(window.until_ns))} · {window.by}
        {window.ended_by !== null && ` · ${own.endedBy(window.ended_by)}`}
      </p>
      <p>{window.reason}</p>
      <p class="muted">{names.join(words.listJoin)}</p>
      {onEnd !== null && (
        <div class="actions">
          <ConfirmButton label={own.maintenanceEnd} about={window.name} question={own.endAsk} onConfirm={onEnd} />
        </div>
      )}
    </li>
  )
}
