/**
 * Maintenance windows as their journal entries tell them: devices whose alarms are suppressed by design for a time. Pure:
 * planning and carrying out is `io/maintenance-desk.ts`'s.
 */
import type { JournalEntryJson } from '../domain/alarm.ts'
import type { MaintenanceJson } from '../domain/api-desk.ts'

/** Bodies of the journal's `maintenance` entries. */
export type MaintenanceEntryBody =
  | ({ readonly what: 'planned' } & Pick<
      MaintenanceJson,
      'id' | 'name' | 'devices' | 'from_ns' | 'until_ns' | 'reason'
    >)
  | { readonly what: 'began'; readonly id: string; readonly late: boolean }
  | { readonly what: 'ended'; readonly id: string; readonly because: 'time' | 'person'; readonly late: boolean }

export type MaintenanceEntry = Pick<JournalEntryJson, 'at_ns' | 'actor'> & { readonly body: MaintenanceEntryBody }

/** Beyond any plan of works; one that is over makes room. */
export const WINDOWS_OPEN_MAX = 200
/** Ended ones that are still listed. */
const ENDED_LISTED_MAX = 200

export class MaintenanceBook {
  readonly #windows = new Map<string, MaintenanceJson>()

  apply({ body, actor }: MaintenanceEntry): void {
    if (body.what === 'planned') {
      const { what: _, ...window } = body
      this.#windows.set(body.id, {
        ...window,
        devices: [...window.devices],
        by: actor,
        status: 'planned',
        ended_by: null,
      })
      return
    }
    const window = this.#windows.get(body.id)
    if (window === undefined || window.status === 'ended') return
    if (body.what === 'began') this.#windows.set(body.id, { ...window, status: 'running' })
    else this.#windows.set(body.id, { ...window, status: 'ended', ended_by: actor })
    this.#forget()
  }

  #forget(): void {
    const ended = [...this.#windows.values()].filter(({ status }) => status === 'ended')
    for (const { id } of ended.slice(0, -ENDED_LISTED_MAX)) this.#windows.delete(id)
  }

  get(id: string): MaintenanceJson | undefined {
    return this.#windows.get(id)
  }
  /** Newest first. */
  list(): MaintenanceJson[] {
    return [...this.#windows.values()].reverse()
  }
  open(): MaintenanceJson[] {
    return [...this.#windows.values()].filter(({ status }) => status !== 'ended')
  }
  running(): MaintenanceJson[] {
    return [...this.#windows.values()].filter(({ status }) => status === 'running')
  }
}
