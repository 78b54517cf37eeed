/** Who is told and by which way, who is on duty, and a test of each way by an engineer. */
import { useState } from 'preact/hooks'
import type { ContactJson, DeliveryJson, TeamJson } from '../../../../domain/api-desk.ts'
import { useApp, useSpeech, useWords } from '../../components/app-context.ts'
import { Await, useAsked } from '../../components/asked.tsx'
import { Problem } from '../../components/problem.tsx'
import { isOffered } from '../../state/commands.ts'
import { useCommand } from './use-command.ts'
import { words as WORDS } from './words.ts'

type Answered = { contacts: ContactJson[]; teams: TeamJson[] }

export function Contacts() {
  const app = useApp()
  const { words } = useSpeech()
  const own = useWords(WORDS)
  const asked = useAsked(() => app.api.get<Answered>('/contacts'), [])
  const [tested, setTested] = useState<Readonly<Record<string, string>>>({})
  const { problem, run } = useCommand(() => {})
  const may = isOffered(app.session.value, 'engineer')
  const test = (contact: ContactJson, channel: string) =>
    run(
      app.api.send<DeliveryJson>('POST', `/contacts/${encodeURIComponent(contact.id)}/test`, { channel }),
      ({ state, detail }) =>
        setTested((before) => ({
          ...before,
          [`${contact.id}/${channel}`]: [own.delivery[state], detail].filter((t) => t != null).join(' · '),
        })),
    )
  return (
    <section class="panel" aria-labelledby="contacts-title">
      <h2 id="contacts-title">{own.tab.contacts}</h2>
      <Problem text={problem} />
      <Await asked={asked}>
        {({ contacts, teams }) => (
          <>
            {contacts.length === 0 && <p>{own.contactsNone}</p>}
            <ul class="alarm-rows">
              {contacts.map((contact) => (
                <li key={contact.id} class="alarm">
                  <div class="alarm-head">
                    <h3>{contact.name}</h3>
                    {contact.on_duty && <span class="mark">{own.onDuty}</span>}
                  </div>
                  <ul class="plain-list">
                    {contact.channels.map(({ id, kind, to }) => (
                      <li key={id}>
                        <span>
                          {kind} <span class="muted">{to}</span>
                        </span>
                        {may && (
                          <button type="button" class="button" onClick={() => void test(contact, id)}>
                            {own.test(id)}
                            <span class="unseen"> {contact.name}</span>
                          </button>
                        )}
                        <span role="status">
                          {tested[`${contact.id}/${id}`] !== undefined && own.testSent(tested[`${contact.id}/${id}`]!)}
                        </span>
                      </li>
                    ))}
                  </ul>
                </li>
              ))}
            </ul>
            {teams.length > 0 && <h3>{own.teams}</h3>}
            <ul class="plain-list">
              {teams.map((team) => (
                <li key={team.id}>
                  <strong>{team.name}</strong>
                  <span>{own.members(team.members.join(words.listJoin))}</span>
                  <span>{own.duty(team.on_duty.join(words.listJoin))}</span>
                </li>
              ))}
            </ul>
          </>
        )}
      </Await>
    </section>
  )
}
