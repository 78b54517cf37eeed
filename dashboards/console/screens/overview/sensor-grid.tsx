/** Every sensor as a cell: its state, the age of what it last said; opened, quality, reason and node. Worst first. */
import type { DeviceJson } from '../../../../domain/api.ts'
import { useApp, useSpeech, useWords } from '../../components/app-context.ts'
import { ExerciseMark, HealthMark } from '../../components/marks.tsx'
import { reasonWords } from '../../i18n/index.ts'
import { HEALTH_ORDER, type Health, lastHeard_ms, sensorHealth } from '../../state/health.ts'
import { words as WORDS } from './words.ts'

/** Fresh sensors beyond these are a number: what is abnormal is always shown. */
const FRESH_SHOWN = 36

type Row = { readonly device: DeviceJson; readonly health: Health }

export function SensorGrid() {
  const app = useApp()
  const { words } = useSpeech()
  const own = useWords(WORDS)
  const { devices, readings, known } = app.live.value
  const now_ms = app.now_ms.value
  const rows: Row[] = [...devices.values()]
    .map((device) => ({ device, health: sensorHealth(device, readings, now_ms) }))
    .sort(
      (a, b) =>
        HEALTH_ORDER.indexOf(a.health.kind) - HEALTH_ORDER.indexOf(b.health.kind) ||
        (a.device.id < b.device.id ? -1 : 1),
    )
  const fresh = rows.filter((r) => r.health.kind === 'fresh')
  const hidden = fresh.slice(FRESH_SHOWN)
  return (
    <section class="panel sensors" aria-labelledby="sensors-title">
      <h2 id="sensors-title">
        {words.sensorsTitle} {rows.length > 0 && <span class="count">{own.allSensors(rows.length)}</span>}
      </h2>
      {known && rows.length === 0 && <p class="unknown">{words.sensorsNone}</p>}
      <ul class="sensor-grid">
        {rows
          .filter((r) => !hidden.includes(r))
          .map((row) => (
            <SensorCell key={row.device.id} row={row} />
          ))}
      </ul>
      {hidden.length > 0 && <p class="muted">{own.freshMore(hidden.length)}</p>}
    </section>
  )
}

function SensorCell({ row: { device, health } }: { row: Row }) {
  const app = useApp()
  const { words, format } = useSpeech()
  const now_ms = app.now_ms.value
  const last_ms = lastHeard_ms(device, app.live.value.readings)
  const reason = [reasonWords(words, health.reason), health.detail ?? ''].filter((t) => t !== '').join(words.listJoin)
  const meta = [
    last_ms === null ? '' : format.instant(last_ms, now_ms),
    health.flag === null ? '' : words.flagLabel(health.flag, words.flag[health.flag]),
    words.staleAfter(format.duration(device.stale_after_ms)),
    words.node(device.node),
    device.simulated ? words.simulatedAt(String(device.time_scale)) : '',
  ]
  return (
    <li class={`sensor sensor-${health.kind}`}>
      <details>
        <summary>
          <span class="sensor-name">{device.name}</span>
          <HealthMark kind={health.kind} />
          <span class="number muted sensor-age">
            {last_ms === null ? words.neverHeard : words.ago(format.duration(now_ms - last_ms))}
          </span>
        </summary>
        {device.simulated && <ExerciseMark />}
        {health.kind !== 'fresh' && reason !== '' && <p class="sensor-reason">{reason}</p>}
        <p class="muted sensor-meta">{meta.filter((t) => t !== '').join(' · ')}</p>
      </details>
    </li>
  )
}
