/**
 * What lies over an alarm while it is put aside: shelved by an operator (G), suppressed by design (H), taken out of service
 * (I), and what happened underneath meanwhile that nobody was told of. Which entry each makes is `aside-draft.ts`'s.
 */
import type { AlarmState } from '../domain/alarm.ts'
import type { AlarmAside } from '../domain/api-desk.ts'
import type { NewEntry, Occurrence, OccurrenceName, Particulars } from './alarm.ts'
import type { Underlying } from './alarm-table.ts'

export type SuppressionCause = NonNullable<AlarmAside['suppressed']>['cause']
export type Suppression = {
  /** Names what suppresses: several may at once, and each ends by itself. */
  readonly key: string
  readonly cause: SuppressionCause
  readonly reason: string
  readonly since_ns: string
}
/** The newest occurrence that began meanwhile, and how many there were. */
export type Withheld = { readonly count: number; readonly first_onset_ns: string; readonly newest: WithheldOccurrence }
export type WithheldOccurrence = OccurrenceName &
  Particulars & { readonly onset_ns: string; readonly returned_ns: string | null; readonly drill?: Occurrence['drill'] }

export type Aside = {
  readonly shelved: AlarmAside['shelved']
  readonly suppressed: readonly Suppression[]
  readonly out_of_service: AlarmAside['out_of_service']
  readonly withheld: Withheld | null
  /** A person has put it aside, and so has seen what stood then. */
  readonly seen: boolean
}

export const NOT_ASIDE: Aside = { shelved: null, suppressed: [], out_of_service: null, withheld: null, seen: false }

export const isAside = ({ shelved, suppressed, out_of_service }: Aside): boolean =>
  shelved !== null || suppressed.length > 0 || out_of_service !== null

/** I before H before G. */
export function shownOver(aside: Aside, under: Underlying): AlarmState {
  if (aside.out_of_service !== null) return 'out-of-service'
  if (aside.suppressed.length > 0) return 'suppressed'
  return aside.shelved !== null ? 'shelved' : under
}

/** Bodies of the entries that put an alarm aside and take it back. `to` is what is shown afterwards. */
export type AsideBody = { readonly from: AlarmState; readonly to: AlarmState }
export type ShelveEntry = AsideBody & { readonly until_ns: string; readonly one_shot: boolean; readonly reason: string }
export type SuppressEntry = AsideBody & Omit<Suppression, 'since_ns'>
export type OutOfServiceEntry = AsideBody & { readonly until_ns: string | null; readonly reason: string }
/** Why it ended. */
export type EndedBecause = 'person' | 'time' | 'one-shot' | 'logic'
export type LeaveEntry = AsideBody & {
  readonly because: EndedBecause
  /** When it was due, where that passed before the desk could carry it out. */
  readonly due_ns?: string
  readonly late?: boolean
}
export type UnsuppressEntry = LeaveEntry & Pick<Suppression, 'key' | 'cause' | 'reason'>

/** What lies over the alarm after one of these entries. */
export function asideAfter(aside: Aside, { kind, body, actor, at_ns }: NewEntry): Aside {
  switch (kind) {
    case 'shelve': {
      const { until_ns, one_shot, reason } = body as unknown as ShelveEntry
      return { ...aside, shelved: { by: actor, at_ns, until_ns, one_shot, reason }, seen: true }
    }
    case 'out-of-service': {
      const { until_ns, reason } = body as unknown as OutOfServiceEntry
      return { ...aside, out_of_service: { by: actor, at_ns, until_ns, reason }, seen: true }
    }
    case 'suppress': {
      const { key, cause, reason } = body as unknown as SuppressEntry
      return { ...aside, suppressed: [...aside.suppressed, { key, cause, reason, since_ns: at_ns }] }
    }
    case 'unsuppress':
      return without({
        ...aside,
        suppressed: aside.suppressed.filter(({ key }) => key !== (body as { key: string }).key),
      })
    case 'unshelve':
      return without({ ...aside, shelved: null })
    case 'return-to-service':
      return without({ ...aside, out_of_service: null })
    default:
      return aside
  }
}

const without = (aside: Aside): Aside => (isAside(aside) ? aside : NOT_ASIDE)

export function withheldAfter(aside: Aside, newest: WithheldOccurrence): Aside {
  const { count = 0, first_onset_ns = newest.onset_ns } = aside.withheld ?? {}
  return { ...aside, withheld: { count: count + 1, first_onset_ns, newest } }
}

export const asideJson = (aside: Aside, underlying: Underlying): AlarmAside | null => {
  if (!isAside(aside)) return null
  const [first] = aside.suppressed
  return {
    underlying,
    shelved: aside.shelved,
    suppressed: first === undefined ? null : { cause: first.cause, reason: first.reason, since_ns: first.since_ns },
    out_of_service: aside.out_of_service,
  }
}
