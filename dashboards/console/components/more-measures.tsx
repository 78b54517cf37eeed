/** What an accelerometer tells beside its PGA, where its model has it: velocity now, and the natural frequency of quiet minutes. */
import type { Quantity } from '../../../domain/units.ts'
import { channelHealth, isUsable } from '../state/health.ts'
import { whyUnknown } from '../state/status-sentence.ts'
import type { StructureSensor } from '../state/structure.ts'
import { useApp, useSpeech } from './app-context.ts'

export function MoreMeasures({ sensor }: { sensor: StructureSensor }) {
  const { words } = useSpeech()
  return (
    <>
      <Measure sensor={sensor} metric="pgv" quantity="velocity" name={words.pgv} />
      <Measure sensor={sensor} metric="natural_frequency" quantity="frequency" name={words.naturalFrequency} slow />
    </>
  )
}

type MeasureProps = { sensor: StructureSensor; metric: string; quantity: Quantity; name: string; slow?: boolean }

/** `slow`: it comes every ten minutes at best, so its age stands beside it, and none may have come yet. */
function Measure({ sensor: { device }, metric, quantity, name, slow }: MeasureProps) {
  const app = useApp()
  const speech = useSpeech()
  const { words, format } = speech
  const channel = device.channels.find((c) => c.metric === metric)
  if (channel === undefined) return null
  const reading = app.live.value.readings.get(channel.id)
  const health = channelHealth(device, channel, reading, app.now_ms.value)
  const value = isUsable(health) ? (reading?.value ?? null) : null
  return (
    <div class="fact">
      <dt>{name}</dt>
      {value === null ? (
        <dd class="unknown">
          {slow && health.reason === 'nothing-yet'
            ? words.needsQuiet
            : `${words.unknownValue} ${whyUnknown(health, speech)}`}
        </dd>
      ) : (
        <dd class="number">
          {format.quantity(value, quantity)}{' '}
          {slow && health.age_ms !== null && <span class="muted">{words.ago(format.duration(health.age_ms))}</span>}
        </dd>
      )}
    </div>
  )
}
