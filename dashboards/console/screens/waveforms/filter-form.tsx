/** Chooses a filter with its corners; it applies when asked, because a half-typed corner is none. */
import { useState } from 'preact/hooks'
import { useWords } from '../../components/app-context.ts'
import { SelectField } from '../../components/select-field.tsx'
import { FILTERS, type Filter } from '../../state/record.ts'
import { words as WORDS } from './words.ts'

export function FilterForm({ filter, onApply }: { filter: Filter; onApply(filter: Filter): void }) {
  const own = useWords(WORDS)
  const [wanted, setWanted] = useState(filter)
  const corner = (name: string, key: 'low_hz' | 'high_hz') => (
    <label class="field is-inline">
      {name}
      <input
        type="number"
        min="0.01"
        step="any"
        value={wanted[key]}
        onInput={(event) => setWanted({ ...wanted, [key]: event.currentTarget.valueAsNumber })}
      />
    </label>
  )
  const { kind } = wanted
  return (
    <form
      class="controls no-print"
      onSubmit={(event) => {
        event.preventDefault()
        onApply(wanted)
      }}
    >
      <SelectField
        inline
        label={own.filter}
        value={kind}
        options={FILTERS.map((f) => [f, own.filterName[f]])}
        onChange={(next) => setWanted({ ...wanted, kind: next })}
      />
      {(kind === 'highpass' || kind === 'bandpass') && corner(own.lowCorner, 'low_hz')}
      {(kind === 'lowpass' || kind === 'bandpass') && corner(own.highCorner, 'high_hz')}
      <button type="submit" class="button">
        {own.apply}
      </button>
    </form>
  )
}
