/** One water: stage and rate of rise now, what it would reach, the hydrograph, its named levels, its neighbours, its data. */
import { useState } from 'preact/hooks'
import type { DeviceJson, WaterJson } from '../../../../domain/api.ts'
import { useApp, useSpeech, useWords } from '../../components/app-context.ts'
import { ExerciseMark, HealthMark } from '../../components/marks.tsx'
import { outlookNow } from '../../components/outlook.ts'
import { type Datum, datumName, offset_m } from '../../state/elevation.ts'
import { isUsable } from '../../state/health.ts'
import type { Outlook } from '../../state/outlook.ts'
import type { Stretch } from '../../state/route.ts'
import { whyUnknown } from '../../state/status-sentence.ts'
import { trendOf, type WaterView, waterView } from '../../state/water.ts'
import { Controls } from './controls.tsx'
import { DataTable } from './data-table.tsx'
import { HydrographView } from './hydrograph-view.tsx'
import { ItsAlarms } from './its-alarms.tsx'
import { Neighbours } from './neighbours.tsx'
import { liveStretch, useRecorded, WINDOWS_MS } from './stretch.ts'
import { words as WORDS } from './words.ts'

const ARROW = { rising: '▲', falling: '▼', steady: '▬' } as const

export function WaterPanel({ water, stretch }: { water: WaterJson; stretch: Stretch | null }) {
  const app = useApp()
  const { words } = useSpeech()
  const [datum, setDatum] = useState<Datum>('gauge')
  const view = waterView(water, app.live.value, app.now_ms.value)
  const outlook = outlookNow(app, view)
  return (
    <section class="panel water" aria-labelledby={`water-${water.id}`}>
      <h2 id={`water-${water.id}`}>
        {water.name} <span class="kind">{words.waterTitle}</span>
        {view.exercise && <ExerciseMark />}
      </h2>
      <Now view={view} datum={datum} />
      {view.stage_m !== null && <OutlookText view={view} outlook={outlook} />}
      {view.device !== undefined && (
        <Course view={view} device={view.device} stretch={stretch} datum={datum} onDatum={setDatum} outlook={outlook} />
      )}
      <Levels view={view} datum={datum} />
      <Neighbours water={water} />
      <ItsAlarms gauge={water.gauge} />
    </section>
  )
}

type CourseProps = {
  view: WaterView
  device: DeviceJson
  stretch: Stretch | null
  datum: Datum
  onDatum: (datum: Datum) => void
  outlook: Outlook | null
}

function Course({ view, device, stretch, datum, onDatum, outlook }: CourseProps) {
  const app = useApp()
  const [window_ms, setWindow] = useState(WINDOWS_MS[0]!)
  const recorded = useRecorded(app, view.water.gauge, stretch)
  const shown = recorded ?? liveStretch(app, view, device, window_ms)
  return (
    <>
      <Controls
        water={view.water}
        shown={shown}
        window_ms={window_ms}
        onWindow={setWindow}
        datum={datum}
        onDatum={onDatum}
      />
      <HydrographView view={view} device={device} shown={shown} datum={datum} outlook={outlook} />
      <DataTable view={view} shown={shown} offset={offset_m(view.water, datum)} />
    </>
  )
}

function OutlookText({ view, outlook }: { view: WaterView; outlook: Outlook | null }) {
  const { format } = useSpeech()
  const own = useWords(WORDS)
  const { stage_m, levels } = view
  if (levels.length === 0) return null
  if (outlook === null) {
    const isTop = levels.every(({ level }) => stage_m !== null && level.stage_m <= stage_m)
    return <p class="muted">{isTop ? own.outlookTop : own.outlookNone}</p>
  }
  const { likely_s, soonest_s, latest_s } = outlook.reach
  const about = (s: number) => format.about(s * 1000)
  return (
    <p class="outlook">
      {latest_s === null
        ? own.outlookOpen(outlook.level.name, about(likely_s), about(soonest_s))
        : own.outlook(outlook.level.name, about(likely_s), about(soonest_s), about(latest_s))}
    </p>
  )
}

function Now({ view, datum }: { view: WaterView; datum: Datum }) {
  const speech = useSpeech()
  const { words, format } = speech
  const { stage_m, rate_m_s, health } = view
  return (
    <dl class="readout">
      <div class="fact is-big">
        <dt>{words.stageNow}</dt>
        {stage_m === null ? (
          <dd class="unknown">
            {words.unknownValue} <span class="why">{whyUnknown(health, speech)}</span>
          </dd>
        ) : (
          <dd class="number">
            {format.quantity(stage_m + offset_m(view.water, datum), 'stage')}{' '}
            {health.kind !== 'fresh' && <HealthMark kind={health.kind} />}
          </dd>
        )}
      </div>
      <div class="fact is-big">
        <dt>{words.rateOfRise}</dt>
        {rate_m_s === null ? (
          <dd class="unknown">{words.unknownValue}</dd>
        ) : (
          <dd class="number">
            <span aria-hidden="true">{ARROW[trendOf(rate_m_s)]}</span>{' '}
            {format.quantity(Math.abs(rate_m_s), 'rate_of_rise')}{' '}
            <span class="trend">{words.trend[trendOf(rate_m_s)]}</span>
          </dd>
        )}
      </div>
      <div class="fact">
        <dt>{words.datum}</dt>
        <dd>{datumName(view.water, datum)}</dd>
      </div>
      {isUsable(health) && health.age_ms !== null && (
        <div class="fact">
          <dt>{words.sensor}</dt>
          <dd class="number">
            {view.device?.name} <span class="muted">{words.lastHeard(format.duration(health.age_ms))}</span>
          </dd>
        </div>
      )}
    </dl>
  )
}

function Levels({ view, datum }: { view: WaterView; datum: Datum }) {
  const { words, format } = useSpeech()
  if (view.levels.length === 0) return null
  return (
    <table class="levels">
      <caption class="unseen">{words.levelsTitle}</caption>
      <thead>
        <tr>
          <th scope="col">{words.levelName}</th>
          <th scope="col" class="is-number">
            {words.levelStage}
          </th>
          <th scope="col">{words.levelMark}</th>
          <th scope="col">{words.levelMeaning}</th>
        </tr>
      </thead>
      <tbody>
        {view.levels.map(({ level, mark }) => (
          <tr key={level.id} class={`level level-${mark}`}>
            <th scope="row">
              <span class={`swatch swatch-${level.severity}`} aria-hidden="true" /> {level.name}
              <span class="muted severity">
                {words.severity[level.severity as keyof typeof words.severity] ?? level.severity}
              </span>
            </th>
            <td class="number is-number">{format.quantity(level.stage_m + offset_m(view.water, datum), 'stage')}</td>
            <td>
              <span class={`level-mark level-mark-${mark}`}>{words.mark[mark]}</span>
            </td>
            <td class="meaning">{level.meaning}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
