/** The first screen: one sentence, waters and structures worst first, open alarms, and the health of every sensor. */
import { AlarmList } from '../../components/alarm-list.tsx'
import { useApp, useSpeech } from '../../components/app-context.ts'
import { Status } from '../../components/status.tsx'
import { SensorGrid } from './sensor-grid.tsx'
import { Tiles } from './tiles.tsx'

export default function Overview() {
  const app = useApp()
  const { words } = useSpeech()
  return (
    <div class="overview">
      <Status />
      <div class="overview-main">
        {app.site.value === null && app.live.value.known && <p class="panel notice">{words.siteNotLoaded}</p>}
        <Tiles />
        <SensorGrid />
      </div>
      <AlarmList />
    </div>
  )
}
