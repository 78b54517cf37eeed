/** Waters and structures as tiles, worst first. Grey while nothing is exceeded; what is unknown is hatched. */
import { useApp, useSpeech, useWords } from '../../components/app-context.ts'
import { ExerciseMark } from '../../components/marks.tsx'
import { outlookNow } from '../../components/outlook.ts'
import { Sparkline } from '../../components/sparkline.tsx'
import { href } from '../../state/route.ts'
import { hydrographWindow_ms } from '../../state/series.ts'
import { nameWithin, outlookText, trendText, whyUnknown } from '../../state/status-sentence.ts'
import type { StructureView } from '../../state/structure.ts'
import { type Tile, tilesOf } from '../../state/tiles.ts'
import { trendOf, type WaterView } from '../../state/water.ts'
import { LevelBar } from './small-pictures.tsx'
import { words as WORDS } from './words.ts'

export function Tiles() {
  const app = useApp()
  const own = useWords(WORDS)
  const site = app.site.value
  const live = app.live.value
  if (site === null || !live.known) return null
  const tiles = tilesOf(site, live, app.now_ms.value)
  return (
    <section aria-labelledby="tiles-title">
      <h2 id="tiles-title" class="unseen">
        {own.tilesTitle}
      </h2>
      {tiles.length === 0 && <p class="panel muted">{own.tilesNone}</p>}
      <ul class="tiles">
        {tiles.map((tile) => (
          <TileView key={`${tile.kind}/${tile.id}`} tile={tile} />
        ))}
      </ul>
    </section>
  )
}

function TileView({ tile }: { tile: Tile }) {
  const { words } = useSpeech()
  const own = useWords(WORDS)
  const { kind, state } = tile
  const name = kind === 'water' ? tile.view.water.name : tile.view.structure.name
  const of =
    kind === 'water'
      ? words.waterTitle
      : (words.buildingOf[tile.view.structure.kind as keyof typeof words.buildingOf] ?? tile.view.structure.kind)
  return (
    <li class={`tile tile-${state}`}>
      <div class="tile-head">
        <h3>
          <a href={href(kind === 'water' ? 'water' : 'building', tile.id)}>{name}</a> <span class="kind">{of}</span>
        </h3>
        <span class={`tile-state tile-state-${state}`}>{own.state[state]}</span>
        {tile.view.exercise && <ExerciseMark />}
      </div>
      {kind === 'water' ? <Water view={tile.view} /> : <Structure view={tile.view} />}
    </li>
  )
}

const ARROW = { rising: '▲', falling: '▼', steady: '▬' } as const

function Water({ view }: { view: WaterView }) {
  const app = useApp()
  const speech = useSpeech()
  const { words, format } = speech
  const own = useWords(WORDS)
  const { stage_m, rate_m_s, top, device } = view
  if (stage_m === null || device === undefined)
    return <p class="unknown">{`${words.unknownValue}: ${whyUnknown(view.health, speech)}`}</p>
  const window_ms = hydrographWindow_ms(device.time_scale)
  const { series } = app.histories.history(view.water.gauge, window_ms).value
  const outlook = outlookNow(app, view)
  const next = [...view.levels].reverse().find(({ level }) => level.stage_m > stage_m)
  return (
    <>
      <p class="tile-value number">
        {format.quantity(stage_m, 'stage')}{' '}
        {rate_m_s !== null && (
          <span class="trend">
            <span aria-hidden="true">{ARROW[trendOf(rate_m_s)]}</span> {trendText(view, speech)}
          </span>
        )}
      </p>
      <LevelBar view={view} />
      <Sparkline
        series={series}
        window_ms={window_ms}
        now_ms={app.now_ms.value}
        gap_ms={device.stale_after_ms}
        summary={own.sparkSummary(format.span(window_ms * device.time_scale))}
      />
      <p class="tile-note">
        {view.levels.length === 0 && own.noLevels}
        {top !== null && <strong>{(top.mark === 'held' ? own.held : own.above)(top.level.name)}</strong>}
        {top !== null && next !== undefined && words.listJoin}
        {next !== undefined && own.next(next.level.name, format.quantity(next.level.stage_m - stage_m, 'stage'))}
        {outlook !== null && `${words.listJoin}${outlookText({ outlook }, speech)}`}
      </p>
    </>
  )
}

function Structure({ view }: { view: StructureView }) {
  const { words, format } = useSpeech()
  const own = useWords(WORDS)
  const { pga_m_s2, sensors, usable, active, held } = view
  const largest = sensors.find((s) => s.pga_m_s2 !== null && s.pga_m_s2 === pga_m_s2)
  const limit = Math.max(
    0,
    ...sensors.flatMap((s) => s.limits.filter((l) => l.channel === s.pga_channel).map((l) => l.limit)),
  )
  return (
    <>
      {pga_m_s2 === null ? (
        <p class="unknown">
          {sensors.length === 0 ? words.structureNoSensors(view.structure.name) : words.unknownValue}
        </p>
      ) : (
        <p class="tile-value number">
          {format.quantity(pga_m_s2, 'acceleration')}{' '}
          <span class="trend">
            {own.motion}
            {largest?.floor && `${words.listJoin}${own.largestFloor(largest.floor.name)}`}
          </span>
        </p>
      )}
      <ul class="tile-floors">
        {[...sensors]
          .sort((a, b) => (b.floor?.height_m ?? 0) - (a.floor?.height_m ?? 0))
          .slice(0, 8)
          .map((s) => (
            <li key={s.device.id}>
              <span>{s.floor?.name ?? s.device.name}</span>
              {s.pga_m_s2 === null ? (
                <span class="unknown floor-bar">{words.unknownValue}</span>
              ) : (
                <meter
                  class="floor-bar"
                  aria-label={`${words.pga} ${s.floor?.name ?? s.device.name}`}
                  min={0}
                  max={limit > 0 ? limit : 1}
                  value={s.pga_m_s2}
                />
              )}
              <span class="number">{s.pga_m_s2 === null ? '' : format.quantity(s.pga_m_s2, 'acceleration')}</span>
            </li>
          ))}
      </ul>
      <p class="tile-note">
        {active.length + held.length > 0 && (
          <strong>
            {[...active, ...held].map((a) => nameWithin(view.structure.name, a.name)).join(words.listJoin)}
          </strong>
        )}
        {active.length + held.length > 0 && words.partJoin}
        {own.usable(usable, sensors.length)}
      </p>
    </>
  )
}
