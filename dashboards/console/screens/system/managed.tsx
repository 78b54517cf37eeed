/** A list of things that an admin makes and takes away: why a command was not done, a secret shown once, the form, the rows. */
import type { ComponentChildren } from 'preact'
import type { Role } from '../../../../domain/roles.ts'
import { type Asked, Await } from '../../components/asked.tsx'
import { Problem } from '../../components/problem.tsx'
import { NameAndRole } from './name-and-role.tsx'

type Props<T> = {
  /** Of the headings on the page. */
  id: string
  title: string
  problem: string
  /** What was just made and is not shown again; '' = nothing. */
  secret: string
  secretSays: string
  submit: string
  onSubmit(name: string, role: Role): void
  asked: Asked<T>
  rows(value: T): readonly ComponentChildren[]
  none: string
}

export function Managed<T>({ id, title, problem, secret, secretSays, submit, onSubmit, asked, rows, none }: Props<T>) {
  return (
    <section class="panel" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      <Problem text={problem} />
      {secret !== '' && (
        <p class="notice" role="status">
          {secretSays} <code class="secret">{secret}</code>
        </p>
      )}
      <NameAndRole submit={submit} onSubmit={onSubmit} />
      <Await asked={asked}>
        {(value) => {
          const list = rows(value)
          return (
            <>
              {list.length === 0 && <p>{none}</p>}
              <ul class="alarm-rows">{list}</ul>
            </>
          )
        }}
      </Await>
    </section>
  )
}
