/** The first page: status, alarms, water, building, sensors, all on one screen. */

import { AlarmList } from './alarm-list.tsx'
import { useApp, useSpeech } from './app-context.ts'
import { BuildingPanel } from './building-panel.tsx'
import { SensorList } from './sensor-list.tsx'
import { Status } from './status.tsx'
import { WaterPanel } from './water-panel.tsx'

export function Overview() {
  const app = useApp()
  const { words } = useSpeech()
  const site = app.site.value
  return (
    <main class="overview">
      <Status />
      <div class="side">
        <AlarmList />
        <SensorList />
      </div>
      <div class="plots">
        {site === null && app.live.value.known && <p class="panel notice">{words.siteNotLoaded}</p>}
        {site?.waters.map((water) => (
          <WaterPanel key={water.id} water={water} />
        ))}
        {site?.structures.map((structure) => (
          <BuildingPanel key={structure.id} structure={structure} site={site} />
        ))}
      </div>
    </main>
  )
}
