/** The recorded stretch in figures: each axis at the cursor, its largest deviation, its mean; how complete it is; one sentence. */
import type { DeviceJson } from '../../../../domain/api.ts'
import type { AxisStats } from '../../charts/strip-layout.ts'
import { useSpeech, useWords } from '../../components/app-context.ts'
import { type Run, valuesAt } from '../../state/record.ts'
import { words as WORDS } from './words.ts'

export type SensorRecord = {
  readonly device: DeviceJson
  readonly axes: readonly string[]
  readonly runs: readonly Run[]
  readonly stats: readonly AxisStats[]
  /** Of the stretch, 0 to 1. */
  readonly share: number
}

export function Values({ sensors, cursor_ms }: { sensors: readonly SensorRecord[]; cursor_ms: number }) {
  const { words, format } = useSpeech()
  const own = useWords(WORDS)
  const gal = (value: number | null) => (value === null ? words.unknownValue : format.quantity(value, 'acceleration'))
  const rows = sensors.flatMap(({ device, axes, runs, stats }) => {
    const now = valuesAt(runs, axes.length, cursor_ms)
    return axes.map((axis, i) => ({ device, axis, at: now[i] ?? null, stats: stats[i]! }))
  })
  const most = rows
    .filter((r) => r.stats.count > 0)
    .reduce<(typeof rows)[number] | null>((a, b) => (a === null || b.stats.peak > a.stats.peak ? b : a), null)
  const clock = `${format.clock(cursor_ms)}.${String(Math.floor(cursor_ms) % 1000).padStart(3, '0')}`
  return (
    <>
      {most !== null && (
        <p class="chart-summary">{own.summary(most.device.name, most.axis.toUpperCase(), gal(most.stats.peak))}</p>
      )}
      {sensors.map(({ device, share }) => (
        <p key={device.id} class={share < 0.98 ? 'unknown' : 'muted'}>
          {own.completeness(device.name, format.number(Math.floor(share * 100 + 1e-6), 0))}
        </p>
      ))}
      <h3>
        {own.values} <span class="number muted">{own.cursorAt(clock)}</span>
      </h3>
      <table class="table">
        <thead>
          <tr>
            {[own.sensor, own.axis, own.atCursor, own.peak, own.mean].map((head) => (
              <th key={head} scope="col">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ device, axis, at, stats }) => (
            <tr key={`${device.id} ${axis}`}>
              <th scope="row">{device.name}</th>
              <td data-label={own.axis}>{axis.toUpperCase()}</td>
              <td class="number" data-label={own.atCursor}>
                {gal(at)}
              </td>
              <td class="number" data-label={own.peak}>
                {gal(stats.count === 0 ? null : stats.peak)}
              </td>
              <td class="number" data-label={own.mean}>
                {gal(stats.count === 0 ? null : stats.mean)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  )
}
