/** One water: stage and rate of rise now, the hydrograph, and its named levels with what each means. */
import type { WaterJson } from '../../../domain/api.ts'
import { isUsable } from '../state/health.ts'
import { whyUnknown } from '../state/status-sentence.ts'
import { trendOf, type WaterView, waterView } from '../state/water.ts'
import { useApp, useSpeech } from './app-context.ts'
import { HydrographView } from './hydrograph-view.tsx'
import { ExerciseMark, HealthMark } from './marks.tsx'

const ARROW = { rising: '▲', falling: '▼', steady: '▬' } as const

export function WaterPanel({ water }: { water: WaterJson }) {
  const app = useApp()
  const { words } = useSpeech()
  const view = waterView(water, app.live.value, app.now_ms.value)
  return (
    <section class="panel water" aria-labelledby={`water-${water.id}`}>
      <h2 id={`water-${water.id}`}>
        {water.name} <span class="kind">{words.waterTitle}</span>
        {view.exercise && <ExerciseMark />}
      </h2>
      <Now view={view} />
      {view.device !== undefined && <HydrographView view={view} device={view.device} />}
      <Levels view={view} />
    </section>
  )
}

function Now({ view }: { view: WaterView }) {
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
            {format.quantity(stage_m, 'stage')} {health.kind !== 'fresh' && <HealthMark kind={health.kind} />}
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
        <dd>{view.water.datum}</dd>
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

function Levels({ view }: { view: WaterView }) {
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
            <td class="number is-number">{format.quantity(level.stage_m, 'stage')}</td>
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
