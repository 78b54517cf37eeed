/** The power density of one axis over the stretch, as the desk works it out: asked for when wanted, drawn, and its peaks as rows. */
import { useState } from 'preact/hooks'
import type { DeviceJson, SpectrumJson } from '../../../../domain/api.ts'
import { peaksOf, spectrumLayout } from '../../charts/spectrum-layout.ts'
import { useApp, useSpeech, useWords } from '../../components/app-context.ts'
import { Await, useAsked } from '../../components/asked.tsx'
import { nsOf } from '../../state/instants.ts'
import type { Stretch } from '../../state/route.ts'
import { axesOf } from './choice.ts'
import { words as WORDS } from './words.ts'

/** The desk's own limit. */
const SPAN_MAX_MS = 300_000
const [WIDTH, HEIGHT] = [420, 240]
const BOX = { left: 52, top: 18, width: WIDTH - 66, height: HEIGHT - 46 }

export function Spectrum({ devices, stretch }: { devices: readonly DeviceJson[]; stretch: Stretch }) {
  const own = useWords(WORDS)
  const { words } = useSpeech()
  const all = devices.flatMap((device) => axesOf(device).map((axis) => ({ device, axis })))
  const [chosen, setChosen] = useState<number | null>(null)
  const now = chosen === null ? undefined : all[Math.min(chosen, all.length - 1)]
  return (
    <section class="spectrum" aria-labelledby="spectrum-title">
      <h3 id="spectrum-title">{own.spectrum}</h3>
      {now === undefined ? (
        <p class="actions no-print">
          <button type="button" class="button" onClick={() => setChosen(0)}>
            {own.spectrumShow}
          </button>
        </p>
      ) : (
        <>
          <label class="field is-inline no-print">
            {own.axis}
            <select value={String(chosen)} onChange={(event) => setChosen(Number(event.currentTarget.value))}>
              {all.map(({ device, axis }, i) => (
                <option key={`${device.id} ${axis}`} value={String(i)}>
                  {`${device.name}, ${words.stripAxis(axis)}`}
                </option>
              ))}
            </select>
          </label>
          <Of device={now.device} axis={now.axis} stretch={stretch} />
        </>
      )}
    </section>
  )
}

function Of({ device, axis, stretch }: { device: DeviceJson; axis: string; stretch: Stretch }) {
  const app = useApp()
  const own = useWords(WORDS)
  const { from_ms } = stretch
  const to_ms = Math.min(stretch.to_ms, from_ms + SPAN_MAX_MS)
  const asked = useAsked(
    () => app.api.get<SpectrumJson>('/spectrum', { device: device.id, axis, from: nsOf(from_ms), to: nsOf(to_ms) }),
    [device.id, axis, from_ms, to_ms],
  )
  return (
    <>
      {to_ms < stretch.to_ms && <p class="muted">{own.spectrumPart}</p>}
      <Await asked={asked}>{(spectrum) => <Picture spectrum={spectrum} />}</Await>
    </>
  )
}

function Picture({ spectrum }: { spectrum: SpectrumJson }) {
  const { words, format } = useSpeech()
  const own = useWords(WORDS)
  const { frequencies_hz, density, peak_hz, complete, unit } = spectrum
  const layout = spectrumLayout(frequencies_hz, density, BOX)
  if (layout === null) return <p class="unknown">{own.spectrumNone}</p>
  const hz = (value: number) => `${format.number(value, 2)} Hz`
  const bottom = BOX.top + BOX.height
  return (
    <figure>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
        {layout.y_ticks.map(({ at, exponent }) => (
          <g key={exponent}>
            <line class="gridline" x1={BOX.left} x2={BOX.left + BOX.width} y1={at} y2={at} />
            <text x={BOX.left - 8} y={at} text-anchor="end" dominant-baseline="central">
              10
              <tspan dy="-5">{format.number(exponent, 0)}</tspan>
            </text>
          </g>
        ))}
        {layout.x_ticks.map(({ at, value }) => (
          <g key={value}>
            <line class="gridline" x1={at} x2={at} y1={BOX.top} y2={bottom} />
            <text x={at} y={bottom + 18} text-anchor="middle">
              {format.number(value, value < 0.1 ? 2 : value < 1 ? 1 : 0)}
            </text>
          </g>
        ))}
        {peak_hz !== null && peak_hz > 0 && (
          <line class="peak-line" x1={layout.at(peak_hz)} x2={layout.at(peak_hz)} y1={BOX.top} y2={bottom} />
        )}
        <polyline class="trace-line" points={layout.points} />
      </svg>
      <figcaption>
        <p class="axis-caption">
          <span>{own.spectrumAxis(unit)}</span>
        </p>
        <p>
          {own.spectrumSummary(peak_hz === null ? words.unknownValue : hz(peak_hz), format.number(complete * 100, 0))}{' '}
          <span class="muted">{spectrum.method}</span>
        </p>
      </figcaption>
      <details class="data">
        <summary>{own.peaks}</summary>
        <table class="table">
          <thead>
            <tr>
              <th scope="col">{own.frequency}</th>
              <th scope="col">{`${own.density} [${unit}]`}</th>
            </tr>
          </thead>
          <tbody>
            {peaksOf(frequencies_hz, density).map((peak) => (
              <tr key={peak.frequency_hz}>
                <th scope="row" class="number">
                  {hz(peak.frequency_hz)}
                </th>
                <td class="number" data-label={own.density}>
                  {peak.density.toExponential(2).replace('-', '−')}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </figure>
  )
}
