/** The form that plans a maintenance window: which devices, why, when it begins and how long it lasts. */

import { useState } from 'preact/hooks'
import type { Static } from 'typebox'
import type { MaintenanceBody } from '../../../../domain/api-schemas/alarms.ts'
import { useApp, useSpeech, useWords } from '../../components/app-context.ts'
import { nsOf } from '../../state/instants.ts'
import { words as WORDS } from './words.ts'

type Body = Static<typeof MaintenanceBody>

export function PlanMaintenance({ onPlan }: { onPlan: (body: Body) => void }) {
  const app = useApp()
  const { format } = useSpeech()
  const own = useWords(WORDS)
  const [name, setName] = useState('')
  const [reason, setReason] = useState('')
  const [from, setFrom] = useState('')
  const [hours, setHours] = useState('2')
  const [devices, setDevices] = useState<readonly string[]>([])
  const now_ms = app.now_ms.value
  const from_ms = from === '' ? now_ms : format.fromField(from)
  const until_ms = from_ms === null || !(Number(hours) > 0) ? null : from_ms + Number(hours) * 3600_000
  const submit = () => {
    if (until_ms === null || from_ms === null || devices.length === 0) return
    onPlan({
      name: name.trim(),
      devices: [...devices],
      reason: reason.trim(),
      until_ns: nsOf(until_ms),
      ...(from !== '' && { from_ns: nsOf(from_ms) }),
    })
  }
  return (
    <details class="data">
      <summary>{own.maintenancePlan}</summary>
      <form
        class="filter"
        onSubmit={(event) => {
          event.preventDefault()
          submit()
        }}
      >
        <label class="field">
          {own.maintenanceName}
          <input required maxLength={120} value={name} onInput={(event) => setName(event.currentTarget.value)} />
        </label>
        <label class="field">
          {own.maintenanceReason}
          <input required maxLength={2000} value={reason} onInput={(event) => setReason(event.currentTarget.value)} />
        </label>
        <label class="field">
          {own.maintenanceFrom}
          <input type="datetime-local" value={from} onInput={(event) => setFrom(event.currentTarget.value)} />
        </label>
        <label class="field">
          {own.maintenanceHours}
          <input
            required
            type="number"
            min={0.25}
            step="any"
            value={hours}
            onInput={(event) => setHours(event.currentTarget.value)}
          />
        </label>
        <fieldset class="choice">
          <legend>{own.maintenanceDevices}</legend>
          {[...app.live.value.devices.values()].map((d) => (
            <label key={d.id} class="check">
              <input
                type="checkbox"
                checked={devices.includes(d.id)}
                onChange={(event) =>
                  setDevices(event.currentTarget.checked ? [...devices, d.id] : devices.filter((id) => id !== d.id))
                }
              />
              {d.name}
            </label>
          ))}
        </fieldset>
        <p class="muted number">
          {until_ms !== null && own.maintenanceUntil(format.instant(until_ms, now_ms))}{' '}
          {devices.length === 0 && own.maintenanceChoose}
        </p>
        <button type="submit" class="button is-primary" disabled={devices.length === 0 || until_ms === null}>
          {own.maintenancePlanIt}
        </button>
      </form>
    </details>
  )
}
