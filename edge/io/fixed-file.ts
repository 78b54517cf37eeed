/**
 * A small JSON file of fixed size, overwritten in place and synced: counters that must be durable before they are used,
 * also when the disk is full. One sector, so that power loss leaves the old or the new one; a torn one reads as `undefined`.
 */
import { closeSync, constants, fdatasyncSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { invariant } from '../../domain/errors.ts'
import { operatingError } from '../../runtime/file-errors.ts'

const BYTES = 512

export class FixedFile<T> {
  readonly #path: string
  #fd: number | undefined

  constructor(folder: string, name: string) {
    this.#path = join(folder, name)
  }

  /** `missing` where there is no such file, `undefined` where it cannot be understood. */
  read(): T | undefined | 'missing' {
    let text: string
    try {
      text = readFileSync(this.#path, 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'missing'
      throw operatingError(error, this.#path)
    }
    try {
      return JSON.parse(text) as T
    } catch {
      return undefined
    }
  }

  /** Durable when it returns. @throws PlumblineError DATA_READ_ONLY, DATA_FULL */
  write(value: T): void {
    const bytes = Buffer.from(`${JSON.stringify(value).padEnd(BYTES - 1)}\n`)
    invariant(bytes.length === BYTES, `${this.#path} holds ${BYTES} bytes`)
    try {
      const fresh = this.#fd === undefined
      this.#fd ??= openSync(this.#path, constants.O_RDWR | constants.O_CREAT, 0o600)
      writeSync(this.#fd, bytes, 0, BYTES, 0)
      fdatasyncSync(this.#fd)
      if (fresh) syncFolderNow(dirname(this.#path))
    } catch (error) {
      throw operatingError(error, this.#path)
    }
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd)
    this.#fd = undefined
  }
}

function syncFolderNow(folder: string): void {
  const fd = openSync(folder, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}
