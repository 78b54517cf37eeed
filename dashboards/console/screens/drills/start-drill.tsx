/** The form that starts a drill: who answers for it, who would be told, which scenario, which real devices get a shadow. */
import { useState } from 'preact/hooks'
import type { DrillJson, DrillStartBody } from '../../../../domain/api.ts'
import { useApp, useWords } from '../../components/app-context.ts'
import type { Answer } from '../../io/api-client.ts'
import { SCENARIO_LIST } from './known-scenarios.ts'
import { words as WORDS } from './words.ts'

type Run = (command: Promise<Answer<DrillJson>>) => Promise<void>

export function StartDrill({ run }: { run: Run }) {
  const app = useApp()
  const own = useWords(WORDS)
  const [name, setName] = useState('')
  const [owner, setOwner] = useState(app.session.value?.user?.name ?? '')
  const [recipients, setRecipients] = useState('')
  const [scenario, setScenario] = useState('')
  const [seed, setSeed] = useState('')
  const [minutes, setMinutes] = useState('30')
  const [shadows, setShadows] = useState<readonly string[]>([])
  const real = [...app.live.value.devices.values()].filter((d) => !d.simulated)
  const submit = () => {
    const told = recipients.split('\n').map((line) => line.trim())
    const body: DrillStartBody = {
      name: name.trim(),
      owner: owner.trim(),
      recipients: told.filter((line) => line !== ''),
      scenario: { name: scenario.trim(), ...(seed !== '' && { seed: Number(seed) }) },
      shadows: [...shadows],
      max_minutes: Number(minutes),
    }
    void run(app.api.send<DrillJson>('POST', '/drills', body))
  }
  const field = (label: string, value: string, set: (text: string) => void, more: object = {}) => (
    <label class="field">
      {label}
      <input value={value} onInput={(event) => set(event.currentTarget.value)} {...more} />
    </label>
  )
  return (
    <details class="data">
      <summary>{own.start}</summary>
      <form
        class="filter"
        onSubmit={(event) => {
          event.preventDefault()
          submit()
        }}
      >
        {field(own.name, name, setName, { required: true, maxLength: 100 })}
        {field(own.owner, owner, setOwner, { required: true, maxLength: 100 })}
        {field(own.scenario, scenario, setScenario, { required: true, maxLength: 100, list: SCENARIO_LIST })}
        {field(own.seed, seed, setSeed, { inputMode: 'numeric', pattern: '[0-9]*' })}
        {field(own.minutes, minutes, setMinutes, { type: 'number', min: 1, max: 1440, required: true })}
        <label class="field">
          {own.recipients}
          <textarea rows={2} value={recipients} onInput={(event) => setRecipients(event.currentTarget.value)} />
        </label>
        {real.length > 0 && (
          <fieldset class="choice">
            <legend>{own.shadows}</legend>
            {real.map((d) => (
              <label key={d.id} class="check">
                <input
                  type="checkbox"
                  checked={shadows.includes(d.id)}
                  onChange={(event) =>
                    setShadows(event.currentTarget.checked ? [...shadows, d.id] : shadows.filter((id) => id !== d.id))
                  }
                />
                {d.name}
              </label>
            ))}
          </fieldset>
        )}
        <button type="submit" class="button is-primary">
          {own.startIt}
        </button>
      </form>
    </details>
  )
}
