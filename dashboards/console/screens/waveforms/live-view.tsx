/** Live strips of the chosen sensors, as they come or through a filter, and one cursor over all of them. */
import { useMemo, useState } from 'preact/hooks'
import type { DeviceJson } from '../../../../domain/api.ts'
import { useSpeech, useWords } from '../../components/app-context.ts'
import { type StripLook, StripView } from '../../components/strip-view.tsx'
import { filtered, filterProblem, stripBlocks, stripRuns } from '../../state/record.ts'
import { href, type Route } from '../../state/route.ts'
import { filterOf, filterQuery } from './choice.ts'
import { FilterForm } from './filter-form.tsx'
import { words as WORDS } from './words.ts'

/** Width of the strips [s]. */
const WINDOW_S = 30

export function LiveView({ devices, route }: { devices: readonly DeviceJson[]; route: Route }) {
  const { words, format } = useSpeech()
  const own = useWords(WORDS)
  const filter = filterOf(route.query)
  const [cursor_s, setCursor] = useState<number | null>(null)
  const key = JSON.stringify(filter)
  const shape = useMemo<StripLook['shape']>(
    () => (filter.kind === 'none' ? null : (blocks) => stripBlocks(filtered(stripRuns(blocks), filter), null)),
    [key],
  )
  const problem = (sample_rate_hz: number) => {
    const found = filterProblem(filter, sample_rate_hz)
    if (found === null) return null
    return found === 'order' ? own.filterOrder : own.filterCorner(format.number(sample_rate_hz / 2, 0))
  }
  const before = words.stripWindow(format.number(cursor_s ?? 0, 1))
  return (
    <>
      <FilterForm
        key={key}
        filter={filter}
        onApply={(next) => {
          location.hash = href('waveforms', devices[0]?.id, { ...route.query, ...filterQuery(next) })
        }}
      />
      {shape !== null && <p class="notice">{own.liveFiltered}</p>}
      {devices.map((device) => (
        <StripView key={device.id} device={device} look={{ shape, problem, cursor_s, onCursor: setCursor }} />
      ))}
      <label class="cursor-field no-print">
        {own.cursor}
        <input
          type="range"
          min="0"
          max={WINDOW_S}
          step="0.1"
          value={WINDOW_S - (cursor_s ?? 0)}
          aria-valuetext={cursor_s === null ? own.cursorOff : `−${before}`}
          onInput={(event) => setCursor(Math.round((WINDOW_S - event.currentTarget.valueAsNumber) * 10) / 10)}
        />
      </label>
      <p class="muted number">{cursor_s === null ? own.cursorOff : own.cursorAt(`−${before}`)}</p>
    </>
  )
}
