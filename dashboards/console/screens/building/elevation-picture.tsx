/** The elevation of a structure: a slab for each floor, darker for more, hatched where not known; and the same said in text. */
import { elevationLayout, SLAB } from '../../charts/elevation-layout.ts'
import { useSpeech, useWords } from '../../components/app-context.ts'
import { type FloorRow, type Measure, sayFloors, shadeOf } from '../../state/floors.ts'
import { figure } from './say.ts'
import { words as WORDS } from './words.ts'

/** `top`: what the darkest grey means; shared by pictures side by side. `name` is unique on the page. */
type Props = {
  rows: readonly FloorRow[]
  measure: Measure
  top: number
  name: string
  /** The newest second only, not a record. */
  live?: boolean
  /** That stand now, or rose in the event: with one, nothing here says that nothing was exceeded. */
  alarms: number
}

const [WIDTH, LEFT, RIGHT] = [372, 112, 236]
/** Longer names end in an ellipsis; the table has them whole. */
const NAME_MAX = 13
const short = (name: string) => (name.length > NAME_MAX ? `${name.slice(0, NAME_MAX - 1)}…` : name)

export function ElevationPicture({ rows, measure, top, name, live = false, alarms }: Props) {
  const speech = useSpeech()
  const own = useWords(WORDS)
  const layout = elevationLayout(rows.map((r) => r.height_m))
  const last = layout.y.length - 1
  const hatching = `hatch-${name}`
  const fill = (row: FloorRow) => (row.quality === 'unknown' ? `url(#${hatching})` : undefined)
  const isBetween = measure === 'drift'
  return (
    <figure class="elevation">
      <svg viewBox={`0 0 ${WIDTH} ${layout.height}`} aria-hidden="true">
        <defs>
          <pattern id={hatching} width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
            <line x1="0" y1="0" x2="0" y2="7" class="hatch-line" />
          </pattern>
        </defs>
        {last > 0 && (
          <rect
            x={LEFT + 8}
            y={layout.y[0]}
            width={RIGHT - LEFT - 16}
            height={layout.y[last]! - layout.y[0]!}
            class="outline"
          />
        )}
        {layout.ground_y !== null && (
          <line x1={LEFT - 30} x2={RIGHT + 30} y1={layout.ground_y} y2={layout.ground_y} class="ground" />
        )}
        {rows.map((row, i) => {
          const y = layout.y[i]! - SLAB / 2
          const next = rows.findIndex((r, k) => k > i && r.sensors.length > 0)
          const storey = isBetween && next > i && row.sensors.length > 0
          return (
            <g key={row.id} class={row.exceeded ? 'is-exceeded' : undefined}>
              {storey && row.value !== null && (
                <rect
                  x={LEFT + 8}
                  y={layout.y[i]}
                  width={RIGHT - LEFT - 16}
                  height={layout.y[next]! - layout.y[i]!}
                  class={`shade shade-${shadeOf(row.value, top)}`}
                />
              )}
              <rect x={LEFT} y={y} width={RIGHT - LEFT} height={SLAB} class="ground-coat" />
              <rect
                x={LEFT}
                y={y}
                width={RIGHT - LEFT}
                height={SLAB}
                fill={fill(row)}
                class={`slab ${row.quality === 'unknown' ? 'is-unknown' : `shade shade-${shadeOf(row.value, top)}`}`}
              />
              {row.quality === 'incomplete' && (
                <rect x={LEFT} y={y} width={(RIGHT - LEFT) / 3} height={SLAB} fill={`url(#${hatching})`} class="over" />
              )}
              <text x={LEFT - 10} y={layout.y[i]} class="floor-name">
                {short(row.name)}
              </text>
              {row.sensors.map((sensor, k) => (
                <circle
                  key={sensor.id}
                  cx={RIGHT + 12 + 12 * k}
                  cy={layout.y[i]}
                  r="4"
                  class={sensor.usable ? 'sensor' : 'sensor is-silent'}
                />
              ))}
              <text x={RIGHT + 14 + 12 * Math.max(1, row.sensors.length)} y={layout.y[i]} class="floor-value">
                {row.exceeded ? '▲ ' : ''}
                {figure(row, measure, speech, own)}
              </text>
            </g>
          )
        })}
      </svg>
      <figcaption>
        <FloorsText rows={rows} measure={measure} live={live} alarms={alarms} />
      </figcaption>
    </figure>
  )
}

export function Legend() {
  const own = useWords(WORDS)
  return (
    <p class="axis-caption elevation-legend">
      <span>
        <span class="key shade-keys" aria-hidden="true" /> {own.legendMore}
      </span>
      <span>
        <span class="key key-exceeded" aria-hidden="true" /> {own.legendExceeded}
      </span>
      <span>
        <span class="key key-unknown" aria-hidden="true" /> {own.legendUnknown}
      </span>
      <span>
        <span class="key key-incomplete" aria-hidden="true" /> {own.legendIncomplete}
      </span>
      <span>
        <span class="key key-sensor" aria-hidden="true" /> {own.legendSensor}
      </span>
    </p>
  )
}

function FloorsText({ rows, measure, live, alarms }: Omit<Props, 'top' | 'name'>) {
  const speech = useSpeech()
  const { words, format } = speech
  const own = useWords(WORDS)
  const said = sayFloors(rows)
  const names = (list: readonly FloorRow[]) => list.map((r) => r.name).join(words.listJoin)
  const exceeded = said.exceeded.map((r) => `${r.name} ${figure(r, measure, speech, own)}`).join(words.listJoin)
  return (
    <>
      {alarms > 0 && (
        <p>
          <strong class="verdict-exceeded">{(live ? own.standing : own.raisedFirst)(format.number(alarms, 0))}</strong>
        </p>
      )}
      {said.most === null ? (
        <p class="unknown">{own.nothingKnown}</p>
      ) : (
        <p>
          {said.exceeded.length > 0 ? (
            <strong class="verdict-exceeded">{own.someExceeded(exceeded)}</strong>
          ) : (
            <strong>
              {said.limits === 0 ? own.noneSet : live ? own.noneNow : alarms === 0 ? own.noneExceeded : ''}
            </strong>
          )}{' '}
          {own.most(own.measureName[measure], figure(said.most, measure, speech, own), said.most.name)}
        </p>
      )}
      {said.most !== null && said.unknown.length > 0 && <p class="unknown">{own.unknownFloors(names(said.unknown))}</p>}
      {said.incomplete.length > 0 && <p class="unknown">{own.incompleteFloors(names(said.incomplete))}</p>}
    </>
  )
}
