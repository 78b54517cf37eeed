/** Keeps the editions of a node over restarts: a small file, written whenever the site or what is drained changes. */
import { join } from 'node:path'
import type { Log } from '../../domain/ports.ts'
import { readFileIfThere, writeFileDurably } from '../../runtime/atomic-file.ts'
import { Editions, type SavedEditions } from '../editions.ts'

export class EditionsFile {
  readonly editions: Editions
  readonly #path: string
  readonly #outbox: string
  readonly #log: Log
  #failed = false
  #dirty = false

  private constructor(path: string, outbox: string, editions: Editions, log: Log) {
    this.#path = path
    this.#outbox = outbox
    this.editions = editions
    this.#log = log
  }

  /** A file that cannot be understood is told: records of devices that left the site before then have no birth. */
  static async open(folder: string, outbox: string, log: Log): Promise<EditionsFile> {
    const path = join(folder, 'editions.json')
    const text = (await readFileIfThere(path))?.toString()
    let editions: Editions
    try {
      editions = new Editions(text === undefined ? undefined : (JSON.parse(text) as SavedEditions), outbox)
    } catch {
      log.error('what the site was before cannot be read; records of removed devices stay in the outbox', { path })
      editions = new Editions(undefined, outbox)
    }
    return new EditionsFile(path, outbox, editions, log)
  }

  /** Failures are told once; the next call tries again. */
  async save(changed: boolean): Promise<void> {
    this.#dirty ||= changed
    if (!this.#dirty) return
    try {
      this.#dirty = false
      await writeFileDurably(this.#path, `${JSON.stringify(this.editions.save(this.#outbox))}\n`, 0o600)
      this.#failed = false
    } catch (error) {
      this.#dirty = true
      if (!this.#failed) this.#log.error('editions cannot be saved', { what: (error as Error).message })
      this.#failed = true
    }
  }
}
