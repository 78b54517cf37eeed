/**
 * Appends to segment files and brings them to stable storage. Owns the file descriptors: one is closed when its segment is
 * sealed, synced and no sync of it is under way. Which segments there are is `outbox-segments.ts`'s business.
 */
import { closeSync, fdatasync, ftruncateSync, openSync, unlinkSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { syncFolder } from '../../runtime/atomic-file.ts'

const dataSync = promisify(fdatasync)

type OpenFile = {
  readonly path: string
  readonly fd: number
  bytes: number
  unsynced: boolean
  syncing: boolean
  sealed: boolean
}

export class SegmentWriter {
  #file: OpenFile | undefined
  readonly #files = new Set<OpenFile>()
  #folderUnsynced: string | undefined
  #syncing: Promise<void> = Promise.resolve()

  /** Path of the file that is being written. */
  get path(): string | undefined {
    return this.#file?.path
  }

  /** Opens a new file. @throws the error of the file system */
  create(path: string): void {
    this.seal()
    const fd = openSync(path, 'ax', 0o600)
    this.#file = { path, fd, bytes: 0, unsynced: false, syncing: false, sealed: false }
    this.#files.add(this.#file)
    this.#folderUnsynced = dirname(path)
  }

  /**
   * One write(2). After a failure nothing of the record is left and the file is sealed; an empty one is removed.
   * @throws the error of the file system
   */
  append(record: Uint8Array): void {
    const file = this.#file!
    try {
      const written = writeSync(file.fd, record)
      if (written < record.length) throw Object.assign(new Error('short write'), { code: 'ENOSPC' })
    } catch (error) {
      this.#undo(file)
      throw error
    }
    file.bytes += record.length
    file.unsynced = true
  }

  #undo(file: OpenFile): void {
    try {
      ftruncateSync(file.fd, file.bytes)
      if (file.bytes === 0) unlinkSync(file.path)
    } catch {
      // A torn tail or an empty file is left, which the next start cuts or removes.
    }
    this.seal()
  }

  /** Nothing more is appended to the present file. */
  seal(): void {
    const file = this.#file
    this.#file = undefined
    if (file === undefined) return
    file.sealed = true
    this.#closeWhenDone(file)
  }

  /** A file that was removed needs no syncing; closing it gives its space back. */
  abandon(path: string): void {
    if (this.path === path) this.seal()
    for (const file of this.#files) {
      if (file.path !== path) continue
      file.unsynced = false
      this.#closeWhenDone(file)
    }
  }

  #closeWhenDone(file: OpenFile): void {
    if (!file.sealed || file.unsynced || file.syncing || !this.#files.delete(file)) return
    closeSync(file.fd)
  }

  /** Resolves when everything appended before this call is on stable storage. @throws the error of the file system */
  sync(): Promise<void> {
    const done = this.#syncing.then(() => this.#sync())
    this.#syncing = done.catch(() => {})
    return done
  }

  async #sync(): Promise<void> {
    const files = [...this.#files].filter((file) => file.unsynced)
    const folder = this.#folderUnsynced
    this.#folderUnsynced = undefined
    await Promise.all(files.map((file) => this.#syncFile(file)))
    if (folder !== undefined) await syncFolder(folder)
  }

  /** After a failed fdatasync the kernel may call the pages clean: the file is not written on, nor tried again. */
  async #syncFile(file: OpenFile): Promise<void> {
    file.unsynced = false
    file.syncing = true
    try {
      await dataSync(file.fd)
    } catch (error) {
      if (file === this.#file) this.seal()
      throw error
    } finally {
      file.syncing = false
      this.#closeWhenDone(file)
    }
  }

  async close(): Promise<void> {
    this.seal()
    await this.sync()
  }
}
