/** All alarms that are open or wait for an answer, worst first, and below them the limits without alarm. */
import type { AlarmJson } from '../../../domain/alarm.ts'
import { splitChannel } from '../../../domain/ids.ts'
import { isBeyond, isListed, needsAnswer, sortAlarms } from '../state/alarms.ts'
import { channelHealth, isUsable } from '../state/health.ts'
import { whyUnknown } from '../state/status-sentence.ts'
import { AlarmRow } from './alarm-row.tsx'
import { useApp, useSpeech } from './app-context.ts'
import { ExerciseMark } from './marks.tsx'

export function AlarmList() {
  const app = useApp()
  const { words } = useSpeech()
  const { alarms, known } = app.live.value
  const sorted = sortAlarms(alarms.values())
  const listed = sorted.filter(isListed)
  const quiet = sorted.filter((a) => !isListed(a))
  return (
    <section class="panel alarms" id="alarms" tabIndex={-1} aria-labelledby="alarms-title">
      <h2 id="alarms-title">
        {words.alarmsTitle}
        {listed.length > 0 && (
          <span class="count">{words.alarmsCount(listed.length, listed.filter(needsAnswer).length)}</span>
        )}
      </h2>
      {app.session.value?.first_user_needed && <p class="notice">{words.firstUserNeeded}</p>}
      {known && listed.length === 0 && <p class="muted">{words.alarmsNone}</p>}
      <ul class="alarm-rows">
        {listed.map((alarm) => (
          <AlarmRow key={alarm.id} alarm={alarm} />
        ))}
      </ul>
      {quiet.length > 0 && (
        <details class="quiet-limits">
          <summary>{words.quietLimits(quiet.length)}</summary>
          <ul>
            {quiet.map((alarm) => (
              <QuietLimit key={alarm.id} alarm={alarm} />
            ))}
          </ul>
        </details>
      )}
    </section>
  )
}

/** A limit without alarm is called not exceeded only while its sensor is heard. */
function QuietLimit({ alarm }: { alarm: AlarmJson }) {
  const app = useApp()
  const speech = useSpeech()
  const { words, format } = speech
  const { devices, readings } = app.live.value
  const device = devices.get(splitChannel(alarm.channel).device)
  const channel = device?.channels.find((c) => c.id === alarm.channel)
  // An axis has no single reading: its limit is judged by what the device says of itself.
  const kind = channel?.kind === 'axis' ? 'measure' : (channel?.kind ?? 'point')
  const reading = readings.get(alarm.channel)
  const health = channelHealth(device, { kind }, reading, app.now_ms.value)
  const limit = app.site.value?.limits.find((l) => l.id === alarm.limit_id)
  return (
    <li>
      {alarm.name} <span class="muted number">({`${words.limit} ${format.inUnit(alarm.limit, alarm.unit)}`})</span>:{' '}
      {isUsable(health) && !isBeyond(limit, reading?.value) && words.limitNotExceeded}
      {isUsable(health) && isBeyond(limit, reading?.value) && <span class="unknown">{words.limitBeyond}</span>}
      {!isUsable(health) && <span class="unknown">{words.limitUnknown(whyUnknown(health, speech))}</span>}{' '}
      {alarm.exercise && <ExerciseMark />}
    </li>
  )
}
