/** The stories that happen on the simulated clock. */
import { clockSteps } from './clock-steps.ts'
import { drillInEarnest } from './drill-in-earnest.ts'
import { earthquake } from './earthquake.ts'
import { failingSensors } from './failing-sensors.ts'
import { oddDays } from './odd-days.ts'
import { quietMonth } from './quiet-month.ts'
import { replacedDisk } from './replaced-disk.ts'
import type { Story } from './row.ts'
import { shift } from './shift.ts'
import { thirtyDays } from './thirty-days.ts'
import { typhoonNight } from './typhoon-night.ts'
import { uplinkCut24h } from './uplink-cut-24h.ts'

export const STORIES: readonly Story[] = [
  { id: 'earthquake', run: earthquake },
  { id: 'typhoon-night', run: typhoonNight },
  { id: 'failing-sensors', run: failingSensors },
  { id: 'replaced-disk', run: replacedDisk },
  { id: 'clock-steps', run: clockSteps },
  { id: 'uplink-cut-24h', run: uplinkCut24h },
  { id: 'odd-days', run: oddDays },
  { id: 'shift', run: shift },
  { id: 'drill-in-earnest', run: drillInEarnest },
  { id: 'quiet-month', run: () => quietMonth() },
  { id: 'thirty-days', run: () => thirtyDays() },
]
