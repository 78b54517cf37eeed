/** What of the water is shown: the stretch, with buttons instead of dragging (WCAG 2.5.7), the datum and the unit. */
import type { WaterJson } from '../../../../domain/api.ts'
import { useApp, useSpeech, useWords } from '../../components/app-context.ts'
import { DATUMS, type Datum, datumName } from '../../state/elevation.ts'
import { STAGE_UNITS, type Units } from '../../state/preferences.ts'
import { href, type Stretch, stretchQuery } from '../../state/route.ts'
import { HYDROGRAPH_LEAST_MS } from '../../state/series.ts'
import { type Shown, WINDOWS_MS } from './stretch.ts'
import { words as WORDS } from './words.ts'

type Props = {
  water: WaterJson
  shown: Shown
  window_ms: number
  onWindow: (window_ms: number) => void
  datum: Datum
  onDatum: (datum: Datum) => void
}

export function Controls({ water, shown, window_ms, onWindow, datum, onDatum }: Props) {
  const app = useApp()
  const { format } = useSpeech()
  const own = useWords(WORDS)
  const { units } = app.preferences.value
  const { from_ms, to_ms, live } = shown
  const span_ms = to_ms - from_ms
  const to = (stretch: Stretch) => href('water', water.id, stretchQuery(stretch))
  const middle_ms = (from_ms + to_ms) / 2
  const closer_ms = Math.max(HYDROGRAPH_LEAST_MS / 4, span_ms / 4)
  const moves: Array<[string, Stretch]> = [
    [own.earlier, { from_ms: from_ms - span_ms / 2, to_ms: to_ms - span_ms / 2 }],
    [own.later, { from_ms: from_ms + span_ms / 2, to_ms: to_ms + span_ms / 2 }],
    [own.closer, { from_ms: middle_ms - closer_ms, to_ms: middle_ms + closer_ms }],
    [own.wider, { from_ms: from_ms - span_ms / 2, to_ms: to_ms + span_ms / 2 }],
  ]
  return (
    <div class="controls no-print">
      {live ? (
        <label class="field is-inline">
          {own.window}
          <select value={String(window_ms)} onChange={(event) => onWindow(Number(event.currentTarget.value))}>
            {WINDOWS_MS.map((ms) => (
              <option key={ms} value={String(ms)}>
                {own.last(format.span(ms))}
              </option>
            ))}
          </select>
        </label>
      ) : (
        <a class="button" href={href('water', water.id)}>
          {own.backToLive}
        </a>
      )}
      {moves.slice(0, live ? 1 : undefined).map(([name, stretch]) => (
        <a key={name} class="button" href={to(stretch)}>
          {name}
        </a>
      ))}
      {live && (
        <a class="button" href={to({ from_ms, to_ms })}>
          {own.link}
        </a>
      )}
      <label class="field is-inline">
        {own.units}
        <select
          value={units.stage}
          onChange={(event) => app.prefer({ units: { ...units, stage: event.currentTarget.value as Units['stage'] } })}
        >
          {STAGE_UNITS.map((unit) => (
            <option key={unit} value={unit}>
              {unit}
            </option>
          ))}
        </select>
      </label>
      {water.zero !== undefined && (
        <label class="field is-inline">
          {own.datumSwitch}
          <select value={datum} onChange={(event) => onDatum(event.currentTarget.value as Datum)}>
            {DATUMS.map((one) => (
              <option key={one} value={one}>
                {datumName(water, one)}
              </option>
            ))}
          </select>
        </label>
      )}
    </div>
  )
}
