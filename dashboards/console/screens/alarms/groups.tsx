/** Alarms with one cause, newest first: an earthquake with its channels, a rise of water, an alarm flood. */
import type { AlarmGroupJson } from '../../../../domain/api-desk.ts'
import { useApp, useSpeech, useWords } from '../../components/app-context.ts'
import { Await, useAsked } from '../../components/asked.tsx'
import { ExerciseMark, PriorityMark } from '../../components/marks.tsx'
import { msOf, msOrNull } from '../../state/instants.ts'
import { href } from '../../state/route.ts'
import { words as WORDS } from './words.ts'

/** A group that goes on changes without an event of its own. */
const ASK_MS = 10_000

export function Groups() {
  const app = useApp()
  const own = useWords(WORDS)
  const asked = useAsked(() => app.api.get<{ groups: AlarmGroupJson[] }>('/alarm-groups'), [], ASK_MS)
  return (
    <section class="panel" aria-labelledby="groups-title">
      <h2 id="groups-title">{own.list.groups}</h2>
      <Await asked={asked}>
        {({ groups }) =>
          groups.length === 0 ? (
            <p>{own.groupsNone}</p>
          ) : (
            <ul class="alarm-rows">
              {groups.map((group) => (
                <Group key={group.id} group={group} />
              ))}
            </ul>
          )
        }
      </Await>
    </section>
  )
}

function Group({ group }: { group: AlarmGroupJson }) {
  const app = useApp()
  const { format } = useSpeech()
  const own = useWords(WORDS)
  const now_ms = app.now_ms.value
  const began = format.instant(msOf(group.began_ns), now_ms)
  const ended_ms = msOrNull(group.ended_ns)
  const site = app.site.value
  const about =
    [...(site?.structures ?? []), ...(site?.waters ?? [])].find((one) => one.id === group.about)?.name ?? group.about
  return (
    <li class={`alarm alarm-${group.priority}${ended_ms === null ? ' is-open' : ''}`}>
      <div class="alarm-head">
        <PriorityMark priority={group.priority} quiet={ended_ms !== null} />
        <h3>
          {own.groupKind[group.kind]}
          {about !== null && ` · ${about}`}
        </h3>
        {group.exercise && <ExerciseMark />}
      </div>
      <p class="number">
        {ended_ms === null ? own.groupWhen(began) : own.groupSpan(began, format.instant(ended_ms, now_ms))} ·{' '}
        {own.groupAlarms(group.alarms.length)}
      </p>
      <ul class="plain-list">
        {group.alarms.map(({ alarm, occurrence, onset_ns }) => (
          <li key={`${alarm} ${occurrence}`}>
            <a class="row-link" href={href('alarms', alarm)}>
              {app.live.value.alarms.get(alarm)?.name ?? alarm}
            </a>{' '}
            <span class="muted number">{format.instant(msOf(onset_ns), now_ms)}</span>
          </li>
        ))}
      </ul>
    </li>
  )
}
