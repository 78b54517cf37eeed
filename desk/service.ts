/**
 * The desk: what people do about alarms. This file says in which order its parts begin and end; they are wired in
 * `io/desk-parts.ts`. The way of an alarm through the room is `io/sparkplug-desk.ts` (births and records from the wire) ->
 * `io/alarm-desk.ts` (one after the other) -> `alarm-machine.ts` with `alarm-table.ts` (what it means) -> `io/journal.ts`
 * (durable, chained) -> acknowledgement to the edge, and live to people by `io/event-stream.ts`. `routes/` answers requests,
 * `live-model.ts` knows what is there now. `io/drill-desk.ts` runs drills: what belongs to one is `drill.ts`, its report
 * `drill-report.ts`.
 */
import { mkdir } from 'node:fs/promises'
import { deskFolder } from '../domain/data-folder.ts'
import type { Service } from '../domain/ports.ts'
import { operatingError } from '../runtime/file-errors.ts'
import type { DeskOptions } from './desk-options.ts'
import type { DrillEntry } from './drill.ts'
import { contextOf } from './io/desk-context.ts'
import { DeskParts } from './io/desk-parts.ts'
import { makeFirstUser } from './io/first-user.ts'
import { type Journal, openJournal } from './io/journal.ts'

export type { DeskOptions } from './desk-options.ts'

export class DeskService implements Service {
  readonly name = 'desk'
  readonly #o: DeskOptions
  readonly #parts: DeskParts
  #journal: Journal | undefined

  constructor(options: DeskOptions) {
    this.#o = options
    this.#parts = new DeskParts(options)
  }

  /** The port it listens on; 0 before `start()`. */
  get port(): number {
    return this.#parts.doors.port
  }

  async start(): Promise<void> {
    try {
      await this.#start()
    } catch (error) {
      await this.stop().catch(() => {})
      throw error
    }
  }

  async #start(): Promise<void> {
    const { site, dataDir, software } = this.#o
    const parts = this.#parts
    const folder = deskFolder(dataDir, site.file.site)
    await mkdir(folder, { recursive: true, mode: 0o700 }).catch((error) => {
      throw operatingError(error, folder)
    })
    await parts.people.load()
    await parts.events.load()
    await makeFirstUser(parts.people.users, this.#o)
    parts.doors.refuseUnguarded()
    const journal = await openJournal(folder)
    this.#journal = journal
    await parts.watch.checkChain(journal)
    for (const row of await journal.ofKind('drill')) parts.drillBook.apply(row as DrillEntry)
    const alarms = parts.openAlarms(journal)
    await alarms.start()
    await parts.outreach.start(journal, alarms)
    await parts.cap.start(journal)
    const wire = parts.openWire(alarms)
    const drills = parts.openDrills(alarms)
    await alarms.note('start', 'desk', { software, site_hash: site.hash })
    await drills.resume()
    await parts.watch.start(journal)
    await parts.doors.open(contextOf(this.#o, parts, { journal, alarms, wire, drills }))
    parts.store.start()
    parts.stream.start()
    parts.measurer.start()
    await parts.outward.start(folder, journal)
    wire.start()
    parts.outreach.opened()
    await parts.doors.announceFirstUser()
  }

  async stop(): Promise<void> {
    const parts = this.#parts
    await parts.doors.unwatch()
    parts.watch.stop()
    parts.stream.stop()
    parts.blocks.stop()
    await parts.people.local.close()
    await parts.drills?.stop()
    await parts.outreach.stop()
    await parts.measurer.stop()
    await parts.cap.stop()
    parts.teller.stop()
    await parts.commands.stop()
    await Promise.all([parts.doors.close(), parts.wire?.stop(), parts.store.stop()])
    await parts.alarms?.stop()
    await parts.outward.stop()
    await Promise.all([this.#journal?.close(), parts.people.close(), parts.events.close()])
  }
}
