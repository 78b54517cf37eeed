/** What comes to the alarm desk, in the order in which it is worked off, and what a command is answered. */
import type { AlarmJson } from '../../domain/alarm.ts'
import type { ConditionInBirth, ReceivedCondition } from '../../domain/wire/condition.ts'
import type { NewEntry } from '../alarm.ts'
import type { AlarmEvent, PersonEvent, RefusalCode } from '../alarm-machine.ts'

export type CommandResult =
  | { readonly alarm: AlarmJson }
  | { readonly refused: string; readonly code: RefusalCode }
  | { readonly unknown: true }
  | { readonly away: string }

export type LogicInput = { readonly id: string; readonly event: AlarmEvent }

export type Input =
  | { readonly kind: 'records'; readonly node: string; readonly received: readonly ReceivedCondition[] }
  | {
      readonly kind: 'birth'
      readonly node: string
      readonly outbox: string
      readonly conditions: readonly ConditionInBirth[]
    }
  | { readonly kind: 'note'; readonly entry: NewEntry; readonly done?: () => void }
  | { readonly kind: 'durable'; readonly entry: NewEntry; readonly done: (away: string | undefined) => void }
  /** What the desk does by itself to its alarms. */
  | { readonly kind: 'logic'; readonly events: readonly LogicInput[]; readonly done: () => void }
  | {
      readonly kind: 'append'
      readonly entries: readonly NewEntry[]
      readonly done: (away: string | undefined) => void
    }
  | { readonly kind: 'shadows-gone'; readonly done: () => void }
  | {
      readonly kind: 'command'
      readonly id: string
      readonly event: PersonEvent
      readonly done: (result: CommandResult) => void
    }
