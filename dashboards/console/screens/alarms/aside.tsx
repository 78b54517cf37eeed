/** What a person or the system has put aside, each kind in a list of its own, with what goes on underneath. */
import { AlarmRow } from '../../components/alarm-row.tsx'
import { useApp, useSpeech, useWords } from '../../components/app-context.ts'
import { type AsideKind, asideOf } from '../../state/alarms.ts'
import { msOf } from '../../state/instants.ts'
import { words as WORDS } from './words.ts'

export function AsideList({ kind }: { kind: AsideKind }) {
  const app = useApp()
  const { format } = useSpeech()
  const own = useWords(WORDS)
  const alarms = asideOf(app.live.value.alarms.values(), kind)
  return (
    <section class="panel" aria-labelledby="aside-title">
      <h2 id="aside-title">{own.list[kind]}</h2>
      <p class="muted">{own.aboutList[kind]}</p>
      {app.live.value.known && alarms.length === 0 && <p>{own.none[kind]}</p>}
      <ul class="alarm-rows">
        {alarms.map((alarm) => {
          const until_ns = alarm.aside?.shelved?.until_ns ?? alarm.aside?.out_of_service?.until_ns ?? null
          return (
            <AlarmRow key={alarm.id} alarm={alarm}>
              {until_ns !== null && (
                <p class="number">
                  <strong>{own.backIn(format.duration(msOf(until_ns) - app.now_ms.value))}</strong>
                </p>
              )}
            </AlarmRow>
          )
        })}
      </ul>
    </section>
  )
}
