/** The alarms that judge a water's gauge, each with its state, as links to what explains them. */
import { useApp, useSpeech, useWords } from '../../components/app-context.ts'
import { PriorityMark } from '../../components/marks.tsx'
import { isListed, sortAlarms } from '../../state/alarms.ts'
import { href } from '../../state/route.ts'
import { words as WORDS } from './words.ts'

/** @param gauge id of the gauge's channel or device */
export function ItsAlarms({ gauge }: { gauge: string }) {
  const app = useApp()
  const { words } = useSpeech()
  const own = useWords(WORDS)
  const device = gauge.split('/')[0]
  const mine = sortAlarms(app.live.value.alarms.values()).filter((a) => a.channel.split('/')[0] === device)
  if (mine.length === 0) return null
  return (
    <>
      <h3>{own.alarms}</h3>
      <ul class="plain-list">
        {mine.map((alarm) => (
          <li key={alarm.id}>
            <PriorityMark priority={alarm.priority} quiet={!isListed(alarm)} />
            <a class="row-link" href={href('alarms', alarm.id)}>
              {alarm.name}
            </a>
            <span class="muted">{words.state[alarm.state]}</span>
          </li>
        ))}
      </ul>
    </>
  )
}
