/** Who was told of what and when, as the journal has it: one line for each message before it was sent. */
import type { JournalEntryJson } from '../../domain/alarm.ts'

export type Message = {
  /** Seconds since the story began. */
  readonly at_s: number
  readonly contact: string
  /** An alarm, news of one, or that it is over. */
  readonly action: string
  readonly alarms: readonly string[]
  readonly exercise: boolean
  readonly drill: string | undefined
  readonly subject: string
  readonly text: string
}

type Planned = Pick<Message, 'contact' | 'action' | 'exercise' | 'subject' | 'text'> & {
  readonly what: string
  readonly drill?: { readonly id: string }
  readonly members: ReadonlyArray<{ readonly alarm: string }>
}

export function messagesOf(journal: readonly JournalEntryJson[], begun_ns: bigint): Message[] {
  return journal.flatMap((entry) => {
    if (entry.kind !== 'delivery') return []
    const { what, contact, action, exercise, subject, text, drill, members } = entry.body as unknown as Planned
    if (what !== 'planned') return []
    const at_s = Number(BigInt(entry.at_ns) - begun_ns) / 1e9
    return [
      { at_s, contact, action, alarms: members.map(({ alarm }) => alarm), exercise, drill: drill?.id, subject, text },
    ]
  })
}

/** A message that the rules of the site ask for. */
export type Asked = Pick<Message, 'at_s' | 'contact' | 'action'>

/** Messages that were asked for and not sent in time, and those that nobody asked for; a message answers one wish. */
export function against(messages: readonly Message[], asked: readonly Asked[], tolerance_s: number) {
  const left = [...messages]
  const missing = asked.filter(({ at_s, contact, action }) => {
    const fits = (one: Message) =>
      one.contact === contact && one.action === action && one.at_s >= at_s && one.at_s <= at_s + tolerance_s
    const found = left.findIndex(fits)
    if (found >= 0) left.splice(found, 1)
    return found < 0
  })
  return { missing, unasked: left }
}

export const listed = (all: ReadonlyArray<Asked>): string =>
  all.map(({ at_s, contact, action }) => `${action} ${contact} at ${(at_s / 60).toFixed(1)} min`).join(', ') || 'none'
