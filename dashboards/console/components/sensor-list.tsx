/** Every sensor with its state, the age of what it last said, quality and reason. Grey while all is well. */
import type { DeviceJson } from '../../../domain/api.ts'
import { reasonWords } from '../i18n/index.ts'
import { HEALTH_ORDER, lastHeard_ms, sensorHealth } from '../state/health.ts'
import { useApp, useSpeech } from './app-context.ts'
import { ExerciseMark, HealthMark } from './marks.tsx'

export function SensorList() {
  const app = useApp()
  const { words } = useSpeech()
  const { devices, readings, known } = app.live.value
  const now_ms = app.now_ms.value
  const rows = [...devices.values()]
    .map((device) => ({ device, rank: HEALTH_ORDER.indexOf(sensorHealth(device, readings, now_ms).kind) }))
    .sort((a, b) => a.rank - b.rank || (a.device.id < b.device.id ? -1 : 1))
  return (
    <section class="panel sensors" aria-labelledby="sensors-title">
      <h2 id="sensors-title">{words.sensorsTitle}</h2>
      {known && rows.length === 0 && <p class="unknown">{words.sensorsNone}</p>}
      <ul class="sensor-rows">
        {rows.map(({ device }) => (
          <SensorRow key={device.id} device={device} />
        ))}
      </ul>
    </section>
  )
}

function SensorRow({ device }: { device: DeviceJson }) {
  const app = useApp()
  const { words, format } = useSpeech()
  const { readings } = app.live.value
  const now_ms = app.now_ms.value
  const health = sensorHealth(device, readings, now_ms)
  const last_ms = lastHeard_ms(device, readings)
  const reason = [reasonWords(words, health.reason), health.detail ?? ''].filter((t) => t !== '').join(words.listJoin)
  return (
    <li class={`sensor sensor-${health.kind}`}>
      <div class="sensor-head">
        <h3>{device.name}</h3>
        <HealthMark kind={health.kind} />
        {device.simulated && <ExerciseMark />}
      </div>
      <p class="number">
        {last_ms === null ? (
          words.neverHeard
        ) : (
          <>
            {words.lastHeard(format.duration(now_ms - last_ms))}{' '}
            <span class="muted">({format.instant(last_ms, now_ms)})</span>
          </>
        )}
      </p>
      {health.kind !== 'fresh' && reason !== '' && <p class="sensor-reason">{reason}</p>}
      <p class="muted sensor-meta">
        {[
          health.flag === null ? '' : words.flagLabel(health.flag, words.flag[health.flag]),
          words.staleAfter(format.duration(device.stale_after_ms)),
          words.node(device.node),
          device.simulated ? words.simulatedAt(String(device.time_scale)) : '',
        ]
          .filter((t) => t !== '')
          .join(' · ')}
      </p>
    </li>
  )
}
