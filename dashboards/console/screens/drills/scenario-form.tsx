/** Starts a scenario on the simulated devices outside a drill: it is told as an exercise, but nobody is scored. */
import { useState } from 'preact/hooks'
import type { ScenarioRequest } from '../../../../domain/simulator-control.ts'
import { useWords } from '../../components/app-context.ts'
import { SCENARIO_LIST, SCENARIOS } from './known-scenarios.ts'
import { words as WORDS } from './words.ts'

export function ScenarioForm({ onStart }: { onStart: (body: ScenarioRequest) => void }) {
  const own = useWords(WORDS)
  const [name, setName] = useState('')
  const [seed, setSeed] = useState('')
  return (
    <form
      class="filter"
      onSubmit={(event) => {
        event.preventDefault()
        onStart({ name: name.trim(), ...(seed !== '' && { seed: Number(seed) }) })
      }}
    >
      <label class="field">
        {own.scenario}
        <input
          required
          maxLength={100}
          list={SCENARIO_LIST}
          value={name}
          onInput={(event) => setName(event.currentTarget.value)}
        />
      </label>
      <label class="field">
        {own.seed}
        <input
          inputMode="numeric"
          pattern="[0-9]*"
          value={seed}
          onInput={(event) => setSeed(event.currentTarget.value)}
        />
      </label>
      <button type="submit" class="button">
        {own.startScenario}
      </button>
    </form>
  )
}

export function ScenarioNames() {
  return (
    <datalist id={SCENARIO_LIST}>
      {SCENARIOS.map((name) => (
        <option key={name} value={name} />
      ))}
    </datalist>
  )
}
