/** One structure: each sensor's floor, shaking now and largest, its limit, and the live three-axis strip. */
import { useState } from 'preact/hooks'
import type { SiteJson, StructureJson } from '../../../domain/api.ts'
import { judgesValue, VALUE_KINDS } from '../../../domain/condition.ts'
import { isUsable } from '../state/health.ts'
import { peakSince } from '../state/series.ts'
import { whyUnknown } from '../state/status-sentence.ts'
import { type StructureSensor, type StructureView, structureView } from '../state/structure.ts'
import { useApp, useSpeech } from './app-context.ts'
import { ExerciseMark, HealthMark } from './marks.tsx'
import { MoreMeasures } from './more-measures.tsx'
import { StripView } from './strip-view.tsx'

/** Over which the largest PGA is told. */
const PEAK_WINDOW_MS = 3600_000

export function BuildingPanel({ structure, site }: { structure: StructureJson; site: SiteJson }) {
  const app = useApp()
  const { words } = useSpeech()
  const view = structureView(structure, site, app.live.value, app.now_ms.value)
  const kind = words.buildingOf[structure.kind as keyof typeof words.buildingOf] ?? structure.kind
  return (
    <section class="panel building" aria-labelledby={`structure-${structure.id}`}>
      <h2 id={`structure-${structure.id}`}>
        {structure.name} <span class="kind">{kind}</span>
        {view.exercise && <ExerciseMark />}
      </h2>
      {view.sensors.length === 0 && <p class="unknown">{words.structureNoSensors(structure.name)}</p>}
      <ul class="structure-sensors">
        {view.sensors.map((sensor) => (
          <SensorReadout key={sensor.device.id} sensor={sensor} view={view} />
        ))}
      </ul>
      <Strips view={view} />
    </section>
  )
}

function SensorReadout({ sensor, view }: { sensor: StructureSensor; view: StructureView }) {
  const speech = useSpeech()
  const { words, format } = speech
  const { device, floor, health, pga_m_s2 } = sensor
  const limits = sensor.limits.filter((l) => l.channel === sensor.pga_channel && judgesValue(l))
  const active = view.active.find((a) => a.channel === sensor.pga_channel && VALUE_KINDS.includes(a.kind))
  const exceeded = active !== undefined && pga_m_s2 !== null && pga_m_s2 >= active.limit
  return (
    <li>
      <h3>
        {device.name}
        {floor && (
          <span class="muted">
            {words.floor} {floor.name}, {words.height(`${format.number(floor.height_m, 1)} m`)}
          </span>
        )}
      </h3>
      <dl class="readout">
        <div class="fact is-big">
          <dt>{words.pga}</dt>
          {pga_m_s2 === null ? (
            <dd class="unknown">
              {words.unknownValue} <span class="why">{isUsable(health) ? '' : whyUnknown(health, speech)}</span>
            </dd>
          ) : (
            <dd class={`number${exceeded ? ' is-exceeded' : ''}`}>{format.quantity(pga_m_s2, 'acceleration')}</dd>
          )}
        </div>
        <Largest sensor={sensor} />
        <MoreMeasures sensor={sensor} />
        <div class="fact">
          <dt>{words.pgaLimit}</dt>
          <dd class="number">
            {limits.length === 0
              ? words.noLimit
              : limits.map((l) => format.inUnit(l.limit, l.unit)).join(words.listJoin)}
            {active && <LimitMark mark={exceeded ? 'exceeded' : 'held'} />}
          </dd>
        </div>
        <div class="fact">
          <dt>{words.stateNow}</dt>
          <dd>
            <HealthMark kind={health.kind} />
          </dd>
        </div>
      </dl>
    </li>
  )
}

function LimitMark({ mark }: { mark: 'exceeded' | 'held' }) {
  const { words } = useSpeech()
  return <span class={`level-mark level-mark-${mark}`}>{words.mark[mark]}</span>
}

function Largest({ sensor }: { sensor: StructureSensor }) {
  const app = useApp()
  const { words, format } = useSpeech()
  if (sensor.pga_channel === null) return null
  const now_ms = app.now_ms.value
  const { series, state } = app.histories.history(sensor.pga_channel, PEAK_WINDOW_MS).value
  const peak = peakSince(series, now_ms - PEAK_WINDOW_MS)
  return (
    <div class="fact">
      <dt>{words.pgaMax(format.span(PEAK_WINDOW_MS))}</dt>
      <dd class="number">
        {peak === null ? words.unknownValue : format.quantity(peak.value, 'acceleration')}{' '}
        {peak !== null && <span class="muted">{format.clock(peak.t_ms)}</span>}
        {state === 'failed' && <span class="why">{words.chartFailed}</span>}
      </dd>
    </div>
  )
}

/** One strip at a time: a phone and a weak panel computer must keep up. */
function Strips({ view }: { view: StructureView }) {
  const { words } = useSpeech()
  const [chosen, setChosen] = useState('')
  const devices = view.sensors.map((s) => s.device).filter((d) => d.channels.some((c) => c.kind === 'axis'))
  const device = devices.find((d) => d.id === chosen) ?? devices[0]
  if (device === undefined) return <p class="muted">{words.noAccelerometer}</p>
  return (
    <>
      {devices.length > 1 && (
        <label class="field is-inline">
          {words.chooseSensor}
          <select value={device.id} onChange={(event) => setChosen(event.currentTarget.value)}>
            {devices.map((d) => (
              <option key={d.id} value={d.id}>
                {d.name}
              </option>
            ))}
          </select>
        </label>
      )}
      <StripView key={device.id} device={device} />
    </>
  )
}
