/**
 * The dialogs that stand over every screen: signing in, and a command about one alarm, sent for exactly what was seen.
 * What a person may ask for is `state/commands.ts`'s; the form is `components/command-dialog.tsx`'s.
 */
import { type Signal, signal } from '@preact/signals'
import type { AlarmJson } from '../../domain/alarm.ts'
import type { SessionJson } from '../../domain/api.ts'
import type { Answer, Api } from './io/api-client.ts'
import { highestSeen } from './state/alarms.ts'
import { type AlarmCommand, type CommandInput, type Failure, failureOf } from './state/commands.ts'
import { nsOf } from './state/instants.ts'

export type Dialog =
  | { readonly kind: 'sign-in'; readonly next: Dialog | null }
  | { readonly kind: 'settings' }
  | {
      readonly kind: 'command'
      readonly command: AlarmCommand
      readonly seen: AlarmJson
      readonly failure: Failure | null
    }

export type Dialogs = {
  readonly dialog: Signal<Dialog | null>
  /** Opens the dialog of a command; somebody who is not signed in is asked to sign in first. */
  ask(command: AlarmCommand, seen: AlarmJson): void
  /** Sends the command for exactly what was seen. */
  send(command: AlarmCommand, seen: AlarmJson, input: CommandInput): Promise<void>
}

export function createDialogs(api: Api, session: Signal<SessionJson | null>): Dialogs {
  const dialog = signal<Dialog | null>(null)
  return {
    dialog,
    ask: (command, seen) => {
      const wanted: Dialog = { kind: 'command', command, seen, failure: null }
      dialog.value = session.value?.user == null ? { kind: 'sign-in', next: wanted } : wanted
    },
    send: async (command, seen, input) => {
      const answer = await sendCommand(api, command, seen, input)
      const open = dialog.value
      if (open?.kind !== 'command' || open.seen !== seen) return
      if (answer.ok) {
        // The row itself changes when the live line says so: an answer may be older than what the line has told since.
        dialog.value = null
        return
      }
      const asked = answer.status === 409 ? await api.alarms() : undefined
      const latest = asked?.ok ? asked.value.alarms.find((a) => a.id === seen.id) : undefined
      const failure = failureOf(answer, seen, latest)
      const again: Dialog = { kind: 'command', command, seen: latest ?? seen, failure }
      if (failure.kind === 'sign-in') session.value = null
      dialog.value = failure.kind === 'sign-in' ? { kind: 'sign-in', next: { ...again, failure: null } } : again
    },
  }
}

function sendCommand(
  api: Api,
  command: AlarmCommand,
  { id, etag, ...seen }: AlarmJson,
  { text, minutes, one_shot, until_ms }: CommandInput,
): Promise<Answer<AlarmJson>> {
  const reason = text.trim()
  switch (command) {
    case 'comment':
      return api.comment(id, reason)
    case 'reset':
      return api.reset(id, etag)
    case 'shelve':
      return api.shelve(id, { etag, minutes, reason, ...(one_shot && { one_shot }) })
    case 'out-of-service':
      return api.outOfService(id, { etag, reason, until_ns: until_ms === null ? null : nsOf(until_ms) })
    case 'unshelve':
    case 'return-to-service':
      return api.bringBack(id, command, etag)
    case 'acknowledge':
      return api.acknowledge(id, {
        occurrence: highestSeen(seen),
        etag,
        ...(reason !== '' && { comment: reason }),
      })
  }
}
