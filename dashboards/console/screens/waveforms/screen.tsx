/** Live strips of the accelerometers: the one that the address names, else the first. */
import { useApp, useSpeech } from '../../components/app-context.ts'
import { StripView } from '../../components/strip-view.tsx'
import { href } from '../../state/route.ts'
import type { ScreenProps } from '../index.ts'

export default function WaveformsScreen({ route }: ScreenProps) {
  const app = useApp()
  const { words } = useSpeech()
  const devices = [...app.live.value.devices.values()].filter((d) => d.channels.some((c) => c.kind === 'axis'))
  const device = devices.find((d) => d.id === route.id) ?? devices[0]
  if (device === undefined) return <p class="panel muted">{words.noAccelerometer}</p>
  return (
    <section class="panel" aria-labelledby="waveforms-title">
      <h2 id="waveforms-title">{words.page.waveforms}</h2>
      <label class="field is-inline">
        {words.chooseSensor}
        <select
          value={device.id}
          onChange={(event) => {
            location.hash = href('waveforms', event.currentTarget.value)
          }}
        >
          {devices.map((d) => (
            <option key={d.id} value={d.id}>
              {d.name}
            </option>
          ))}
        </select>
      </label>
      <StripView key={device.id} device={device} />
    </section>
  )
}
