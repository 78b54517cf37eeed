/**
 * Remembers when foreign nodes were last heard, so that what they sent while no ingest ran is a gap and not silence. Edge
 * nodes of the site need none: they send again.
 */
import { join } from 'node:path'
import { PlumblineError } from '../../domain/errors.ts'
import type { Log } from '../../domain/ports.ts'
import { readFileIfThere, writeFileDurably } from '../../runtime/atomic-file.ts'

const NAME = 'foreign-heard.json'

export class HeardFile {
  readonly #path: string
  readonly #log: Log
  #written = ''
  #failing = false

  constructor(folder: string, log: Log) {
    this.#path = join(folder, NAME)
    this.#log = log
  }

  /** UTC ms by node. @throws PlumblineError DATA_CORRUPT */
  async read(): Promise<Map<string, number>> {
    const bytes = await readFileIfThere(this.#path)
    if (bytes === undefined) return new Map()
    this.#written = bytes.toString()
    try {
      const heard = Object.entries(JSON.parse(this.#written) as object)
      if (heard.every(([, t_ms]) => Number.isSafeInteger(t_ms))) return new Map(heard as Array<[string, number]>)
    } catch {}
    throw new PlumblineError('DATA_CORRUPT', `${this.#path}: expected milliseconds by node as JSON`)
  }

  /** Never throws: an older file only makes a gap longer. */
  async write(heard: ReadonlyMap<string, number>): Promise<void> {
    const text = JSON.stringify(Object.fromEntries(heard))
    if (text === this.#written || heard.size === 0) return
    try {
      await writeFileDurably(this.#path, text)
      this.#written = text
      this.#failing = false
    } catch (error) {
      if (!this.#failing)
        this.#log.error('cannot write when foreign nodes were heard', { why: (error as Error).message })
      this.#failing = true
    }
  }
}
