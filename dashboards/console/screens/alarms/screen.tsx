/** Alarms. */
import { AlarmList } from '../../components/alarm-list.tsx'

export default function AlarmsScreen() {
  return <AlarmList />
}
