/** Who or what is made, and what it may do. */
import { useState } from 'preact/hooks'
import { ROLES, type Role } from '../../../../domain/roles.ts'
import { useSpeech, useWords } from '../../components/app-context.ts'
import { SelectField } from '../../components/select-field.tsx'
import { words as WORDS } from './words.ts'

type NameAndRoleProps = { submit: string; onSubmit: (name: string, role: Role) => void }

export function NameAndRole({ submit, onSubmit }: NameAndRoleProps) {
  const { words } = useSpeech()
  const own = useWords(WORDS)
  const [name, setName] = useState('')
  const [role, setRole] = useState<Role>('viewer')
  return (
    <form
      class="filter"
      onSubmit={(event) => {
        event.preventDefault()
        onSubmit(name.trim(), role)
        setName('')
      }}
    >
      <label class="field">
        {own.name}
        <input required maxLength={64} value={name} onInput={(event) => setName(event.currentTarget.value)} />
      </label>
      <SelectField
        label={own.role}
        value={role}
        options={ROLES.map((one) => [one, words.role[one]])}
        onChange={setRole}
      />
      <button type="submit" class="button is-primary">
        {submit}
      </button>
    </form>
  )
}
