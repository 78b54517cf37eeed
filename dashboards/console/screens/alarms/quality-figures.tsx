/** The figures of alarm quality against their targets, and the alarms of each ten minutes as bars with their summary. */
import type { AlarmQualityJson } from '../../../../domain/api-desk.ts'
import { useApp, useSpeech, useWords } from '../../components/app-context.ts'
import { msOf } from '../../state/instants.ts'
import { words as WORDS } from './words.ts'

export function QualityFigures({ quality }: { quality: AlarmQualityJson }) {
  const { format } = useSpeech()
  const own = useWords(WORDS)
  const seconds = (s: number | null) => (s === null ? '–' : format.duration(s * 1000))
  const percent = (share: number) => `${format.number(share * 100, 1)} %`
  const plain = (digits: number) => (value: number) => format.number(value, digits)
  const rows: Array<[name: string, value: number | null, text: string, key: string, show: (value: number) => string]> =
    [
      [own.annunciated, quality.annunciated, format.number(quality.annunciated, 0), 'annunciated', plain(0)],
      [
        own.average,
        quality.average_per_10_min,
        format.number(quality.average_per_10_min, 2),
        'average_per_10_min',
        plain(2),
      ],
      [own.most, quality.most_per_10_min, format.number(quality.most_per_10_min, 0), 'most_per_10_min', plain(0)],
      [own.floodShare, quality.flood_share, percent(quality.flood_share), 'flood_share', percent],
      [
        own.ackMedian,
        quality.acknowledge.median_s,
        seconds(quality.acknowledge.median_s),
        'acknowledge_median_s',
        seconds,
      ],
      [own.ackP95, quality.acknowledge.p95_s, seconds(quality.acknowledge.p95_s), 'acknowledge_p95_s', seconds],
    ]
  return (
    <>
      <table class="table">
        <thead>
          <tr>
            <th scope="col">{own.figure}</th>
            <th scope="col">{own.value}</th>
            <th scope="col">{own.target}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, value, text, key, show]) => {
            const target = quality.targets[key]
            const missed = target !== undefined && value !== null && value > target
            return (
              <tr key={key}>
                <th scope="row">{name}</th>
                <td class="number" data-label={own.value}>
                  {text}
                </td>
                <td class="number" data-label={own.target}>
                  {target === undefined ? '–' : own.targetAtMost(show(target))}{' '}
                  {target !== undefined && value !== null && (
                    <span class={`mark${missed ? ' is-missed' : ''}`}>{missed ? own.targetMissed : own.targetMet}</span>
                  )}
                </td>
              </tr>
            )
          })}
        </tbody>
      </table>
      <Bars quality={quality} />
    </>
  )
}

const WIDTH = 600
const HEIGHT = 80

function Bars({ quality }: { quality: AlarmQualityJson }) {
  const app = useApp()
  const { format } = useSpeech()
  const own = useWords(WORDS)
  const from_ms = msOf(quality.from_ns)
  const span_ms = Math.max(1, msOf(quality.to_ns) - from_ms)
  const most = quality.per_10_min.reduce((a, b) => (b[1] > a[1] ? b : a), ['0', 0] as [string, number])
  const summary =
    most[1] === 0
      ? own.quiet
      : own.per10Summary(format.number(most[1], 0), format.instant(msOf(most[0]), app.now_ms.value))
  const width = Math.max(1.5, (WIDTH * 600_000) / span_ms)
  return (
    <figure>
      <figcaption>
        {own.per10} <span class="muted">{summary}</span>
      </figcaption>
      <svg class="quality-bars" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
        {quality.per_10_min.map(([at_ns, count]) => {
          const height = (count / Math.max(1, most[1])) * (HEIGHT - 2)
          const x = ((msOf(at_ns) - from_ms) / span_ms) * WIDTH
          return (
            <rect
              key={at_ns}
              x={x}
              y={HEIGHT - height}
              width={width}
              height={height}
              class={count > 10 ? 'is-flood' : ''}
            />
          )
        })}
        <line x1="0" x2={WIDTH} y1={HEIGHT} y2={HEIGHT} />
      </svg>
    </figure>
  )
}
