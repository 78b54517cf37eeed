/**
 * How many pages of a series file the writer keeps in memory. A transaction writes to the newest page of each of its channels:
 * with a thousand of them SQLite's own five hundred pages are all read anew from the log each time. So there is a page for
 * each channel that is written to, up to a bound, and a small site pays nothing for what a large one needs.
 */
import type { DatabaseSync } from 'node:sqlite'

/** SQLite's own. */
const LEAST_KIB = 2000
const MOST_KIB = 28 * 1024
const PAGE_KIB = 4
/** It is made larger in steps, not with each channel. */
const STEP_KIB = 1024

/** @returns memory for pages of one file [KiB] */
export const cacheKiB = (channels: number): number =>
  Math.min(MOST_KIB, LEAST_KIB + Math.ceil((channels * PAGE_KIB) / STEP_KIB) * STEP_KIB)

export class PageCache {
  readonly #db: DatabaseSync
  readonly #schema: string
  #now_KiB = 0

  constructor(db: DatabaseSync, schema: string) {
    this.#db = db
    this.#schema = schema
  }

  /** Taken as it is used; never made smaller. */
  makeRoomFor(channels: number): void {
    const wanted_KiB = cacheKiB(channels)
    if (wanted_KiB <= this.#now_KiB) return
    this.#db.exec(`PRAGMA "${this.#schema}".cache_size = -${wanted_KiB}`)
    this.#now_KiB = wanted_KiB
  }
}
