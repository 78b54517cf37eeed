/** All alarms that are open or wait for an answer, worst first, and below them the limits without alarm. */
import { useState } from 'preact/hooks'
import type { AlarmJson } from '../../../domain/alarm.ts'
import { VALUE_KINDS } from '../../../domain/condition.ts'
import { splitChannel } from '../../../domain/ids.ts'
import { reasonWords } from '../i18n/index.ts'
import { openRows } from '../state/alarm-rows.ts'
import { isAside, isBeyond, isListed, needsAnswer, sortAlarms } from '../state/alarms.ts'
import { channelHealth, isUsable } from '../state/health.ts'
import { ruleText } from '../state/rules.ts'
import { whyUnknown } from '../state/status-sentence.ts'
import { AlarmRow } from './alarm-row.tsx'
import { useApp, useSpeech } from './app-context.ts'
import { ExerciseMark, PriorityMark } from './marks.tsx'
import { useRead } from './read.tsx'

export function AlarmList() {
  const app = useApp()
  const { words } = useSpeech()
  const alarms = useRead(() => app.live.value.alarms, [app])
  const known = useRead(() => app.live.value.known, [app])
  const sorted = sortAlarms(alarms.values())
  const listed = sorted.filter(isListed)
  const quiet = sorted.filter((a) => !isListed(a) && !isAside(a))
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
      <OpenRows alarms={listed} />
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

/** Rows drawn at first: in a flood of alarms the page stays quick, and the worst stand on top anyway. */
const ROWS_FIRST = 40

function OpenRows({ alarms }: { alarms: readonly AlarmJson[] }) {
  const { words } = useSpeech()
  const [all, setAll] = useState(false)
  const rows = openRows(alarms)
  const shown = all ? rows : rows.slice(0, ROWS_FIRST)
  return (
    <>
      <ul class="alarm-rows">
        {shown.map((row) =>
          row.kind === 'alarm' ? (
            <AlarmRow key={row.alarm.id} alarm={row.alarm} />
          ) : (
            <AlarmGroup key={row.id} id={row.id} alarms={row.alarms} />
          ),
        )}
      </ul>
      {shown.length < rows.length && (
        <button type="button" class="button" onClick={() => setAll(true)}>
          {words.moreAlarms(rows.length - shown.length)}
        </button>
      )}
    </>
  )
}

function AlarmGroup({ id, alarms }: { id: string; alarms: readonly AlarmJson[] }) {
  const { words } = useSpeech()
  const [all, setAll] = useState(false)
  const worst = alarms[0]!
  const shown = all ? alarms : alarms.slice(0, ROWS_FIRST)
  return (
    <li class={`alarm-group alarm-${worst.priority}`}>
      <details open={alarms.length <= 3}>
        <summary>
          <PriorityMark priority={worst.priority} />
          <strong>{words.groupOf(alarms.length)}</strong>{' '}
          <span class="muted">
            {words.alarmsCount(alarms.length, alarms.filter(needsAnswer).length)} · {worst.name}
          </span>
        </summary>
        <ul class="alarm-rows" aria-label={words.groupLabel(id)}>
          {shown.map((alarm) => (
            <AlarmRow key={alarm.id} alarm={alarm} />
          ))}
        </ul>
        {shown.length < alarms.length && (
          <button type="button" class="button" onClick={() => setAll(true)}>
            {words.moreAlarms(alarms.length - shown.length)}
          </button>
        )}
      </details>
    </li>
  )
}

/** A limit without alarm is called not exceeded only while its sensor is heard. */
function QuietLimit({ alarm }: { alarm: AlarmJson }) {
  const app = useApp()
  const speech = useSpeech()
  const { words, format } = speech
  const live = app.live.value
  const { devices, readings } = live
  const device = devices.get(splitChannel(alarm.channel).device)
  const channel = device?.channels.find((c) => c.id === alarm.channel)
  // An axis has no single reading: its limit is judged by what the device says of itself.
  const kind = channel?.kind === 'axis' ? 'measure' : (channel?.kind ?? 'point')
  const reading = readings.get(alarm.channel)
  const sensor = channelHealth(device, { kind }, reading, app.now_ms.value)
  // Whether an output obeys is the edge node's word, and needs no reading.
  const obeys = alarm.kind === 'output_failed' && live.nodes.get(alarm.node)?.state === 'online'
  const health = obeys ? { ...sensor, kind: 'fresh' as const } : sensor
  const limit = app.site.value?.limits.find((l) => l.id === alarm.limit_id)
  const known = alarm.unknown === null
  const ofValue = VALUE_KINDS.includes(alarm.kind)
  const plain = ofValue ? `${words.limit} ${format.inUnit(alarm.limit, alarm.unit)}` : ''
  const rule = ruleText(alarm, app.site.value, live, speech) ?? plain
  return (
    <li>
      {alarm.name} {rule !== '' && <span class="muted number">({rule})</span>}:{' '}
      {!known && <span class="unknown">{words.limitUnknown(reasonWords(words, alarm.unknown?.cause ?? null))}</span>}
      {known &&
        isUsable(health) &&
        !isBeyond(limit, reading?.value) &&
        (ofValue ? words.limitNotExceeded : words.ruleQuiet)}
      {known && isUsable(health) && isBeyond(limit, reading?.value) && <span class="unknown">{words.limitBeyond}</span>}
      {known && !isUsable(health) && <span class="unknown">{words.limitUnknown(whyUnknown(health, speech))}</span>}{' '}
      {alarm.exercise && <ExerciseMark />}
    </li>
  )
}
