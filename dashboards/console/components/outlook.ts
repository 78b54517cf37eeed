/** The outlook of a water from the history that the page keeps anyway for its hydrograph. */
import type { App } from '../service.ts'
import { type Outlook, outlookOf } from '../state/outlook.ts'
import { hydrographWindow_ms } from '../state/series.ts'
import type { WaterView } from '../state/water.ts'

export function outlookNow(app: App, view: WaterView): Outlook | null {
  if (view.device === undefined) return null
  const window_ms = hydrographWindow_ms(view.device.time_scale)
  return outlookOf(view, app.histories.history(view.water.gauge, window_ms).value.series)
}
