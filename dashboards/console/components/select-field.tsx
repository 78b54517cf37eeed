/** A choice of one of a few, with its name before it. */
type Props<T extends string> = {
  label: string
  value: T
  /** Value and what is read. */
  options: ReadonlyArray<readonly [NoInfer<T>, string]>
  onChange(value: NoInfer<T>): void
  inline?: boolean
}

export function SelectField<T extends string>({ label, value, options, onChange, inline = false }: Props<T>) {
  return (
    <label class={`field${inline ? ' is-inline' : ''}`}>
      {label}
      <select value={value} onChange={(event) => onChange(event.currentTarget.value as T)}>
        {options.map(([one, text]) => (
          <option key={one} value={one}>
            {text}
          </option>
        ))}
      </select>
    </label>
  )
}
