/**
 * Plans, begins and ends maintenance windows, each step journalled before it takes effect; one whose time came while the desk
 * was away is carried out at once and marked late. Which alarms a window covers is `suppression.ts`'s.
 */
import { randomUUID } from 'node:crypto'
import type { MaintenanceBody, MaintenanceJson } from '../../domain/api-desk.ts'
import type { Clock } from '../../domain/ports.ts'
import { type Instant, instant } from '../../domain/time.ts'
import type { Json } from '../alarm.ts'
import { LATE_NS } from '../alarm-leave.ts'
import { Deadlines } from '../deadlines.ts'
import { badRequest, HttpError, notFound } from '../http-error.ts'
import { MaintenanceBook, type MaintenanceEntryBody, WINDOWS_OPEN_MAX } from '../maintenance.ts'
import type { AlarmDesk } from './alarm-desk.ts'

export type MaintenanceDeskOptions = {
  readonly clock: Clock
  readonly alarms: () => AlarmDesk
  readonly devices: () => ReadonlySet<string>
  /** A window began or ended: what it covers is to be worked out anew. */
  readonly onChange: () => void
}

export class MaintenanceDesk {
  readonly book = new MaintenanceBook()
  readonly #o: MaintenanceDeskOptions
  readonly #deadlines = new Deadlines()
  /** Steps that are on their way into the journal. */
  readonly #busy = new Set<string>()

  constructor(options: MaintenanceDeskOptions) {
    this.#o = options
  }

  /** @throws HttpError 400, 503 */
  async plan(
    asked: Omit<MaintenanceBody, 'from_ns' | 'until_ns'> & { from_ns?: Instant; until_ns: Instant },
    by: string,
  ): Promise<MaintenanceJson> {
    const now = this.#o.clock.now()
    const from = asked.from_ns ?? now
    const devices = [...new Set(asked.devices)]
    const unknown = devices.filter((id) => !this.#o.devices().has(id))
    if (unknown.length > 0) throw badRequest(`body.devices: expected devices of the site, got ${unknown.join(', ')}`)
    if (asked.until_ns <= from || asked.until_ns <= now)
      throw badRequest(`body.until_ns: expected an instant after now and after from_ns, got ${asked.until_ns}`)
    if (this.book.open().length >= WINDOWS_OPEN_MAX)
      throw new HttpError(409, 'REFUSED', `there are ${WINDOWS_OPEN_MAX} maintenance windows: end one first`)
    const id = randomUUID()
    const window = {
      id,
      name: asked.name,
      devices,
      from_ns: String(from),
      until_ns: String(asked.until_ns),
      reason: asked.reason,
    }
    await this.#write({ what: 'planned', ...window }, by)
    await this.tick()
    return this.book.get(id)!
  }

  /** @throws HttpError 404, 409, 503 */
  async end(id: string, by: string): Promise<MaintenanceJson> {
    const window = this.book.get(id)
    if (window === undefined) throw notFound(`there is no maintenance window ${id}`)
    if (window.status === 'ended') throw new HttpError(409, 'REFUSED', `${window.name} has ended already`)
    await this.#write({ what: 'ended', id, because: 'person', late: false }, by)
    this.#o.onChange()
    return this.book.get(id)!
  }

  /** When a window was due to end, by the key under which it suppresses. */
  endOf(key: string): Instant | undefined {
    const window = this.book.get(key.replace(/^maintenance:/, ''))
    return window?.status === 'ended' && window.ended_by === 'desk' ? instant(BigInt(window.until_ns)) : undefined
  }

  /** Begins and ends what is due. */
  async tick(): Promise<void> {
    const { clock } = this.#o
    const now = clock.now()
    const deadlines = this.book
      .open()
      .flatMap(({ id, status, from_ns, until_ns }) => [
        ...(status === 'planned'
          ? [{ key: `began ${id}`, id, what: 'began' as const, due_ns: instant(BigInt(from_ns)) }]
          : []),
        { key: `ended ${id}`, id, what: 'ended' as const, due_ns: instant(BigInt(until_ns)) },
      ])
    for (const { key, id, what, due_ns } of this.#deadlines.due(deadlines, now, clock.monotonic())) {
      if (this.#busy.has(key)) continue
      this.#busy.add(key)
      const late = now - due_ns >= LATE_NS
      try {
        await this.#write(what === 'began' ? { what, id, late } : { what, id, because: 'time', late }, 'desk')
        this.#o.onChange()
      } catch (error) {
        // The journal is away: tried again with the next tick.
        if (!(error instanceof HttpError)) throw error
      } finally {
        this.#busy.delete(key)
      }
    }
  }

  async #write(body: MaintenanceEntryBody, by: string): Promise<void> {
    const away = await this.#o.alarms().write('maintenance', by, body as unknown as Json)
    if (away !== undefined)
      throw new HttpError(503, 'JOURNAL_UNAVAILABLE', `nothing was done, it cannot be journalled: ${away}`, 5)
  }
}
