/**
 * SQLite in a thread of its own, because `node:sqlite` is synchronous and an fsync must never hold up a socket. What is
 * done with the database is the caller's program, a module that this thread's other half (`sqlite-thread.ts`) loads.
 */
import { access, constants, mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { Worker } from 'node:worker_threads'
import { PlumblineError } from '../domain/errors.ts'
import { operatingError } from './file-errors.ts'
import { failureError, type SqliteFailure } from './sqlite-errors.ts'

/** What a program module exports as `open`: the functions that `call` can name. They run one after the other. */
// biome-ignore lint/suspicious/noExplicitAny: arguments are the program's own business
export type SqliteProgram = Record<string, (...args: any[]) => unknown>
export type OpenProgram = (db: DatabaseSync, options: unknown, running: Running) => SqliteProgram

/** For a program whose calls may take long: asked now and then, it throws where nobody waits for the call any more. */
export type Running = { check(): void }
/** Where nothing is ever given up. */
export const ALWAYS: Running = { check: () => {} }

export type SqliteOptions = {
  readonly path: string
  /** Further database files, by the schema name under which statements find them. */
  readonly attach?: Readonly<Record<string, string>>
  readonly readOnly?: boolean
  /** FULL for whatever is acknowledged: every commit survives power loss. */
  readonly synchronous: 'FULL' | 'NORMAL'
  /** Module that exports `open: OpenProgram`. */
  readonly program: URL
  /** Second argument of the program's `open`. */
  readonly programOptions?: unknown
  /** Pages of the write-ahead log after which they are brought into the file; default SQLite's own thousand. */
  readonly checkpointPages?: number
  /** How long a statement waits for another process' lock. */
  readonly busyTimeout_ms?: number
}

export interface SqliteClient {
  /** Arguments and result are cloned; buffers in `transferred(...)` are moved instead and are empty here afterwards. */
  call<T = unknown>(name: string, ...args: unknown[]): Promise<T>
  /** Given up when the signal aborts: rejects with its reason, and is not begun, or ends at its next `Running.check`. */
  callUntil<T = unknown>(signal: AbortSignal | undefined, name: string, ...args: unknown[]): Promise<T>
  /** False once the thread has ended: every call then rejects with STORE_UNAVAILABLE. */
  readonly alive: boolean
  /** Calls made before are still answered, within 1 s; then the thread is ended whatever it does. */
  close(): Promise<void>
}

const CLOSE_MS = 1_000
const BUSY_TIMEOUT_MS = 5_000

/** Moves `buffers` to the other side rather than copying them. Works for arguments and for results. */
export function transferred<T>(value: T, buffers: readonly ArrayBuffer[]): Transferred<T> {
  return new Transferred(value, buffers)
}
export class Transferred<T> {
  readonly value: T
  readonly buffers: readonly ArrayBuffer[]
  constructor(value: T, buffers: readonly ArrayBuffer[]) {
    this.value = value
    this.buffers = buffers
  }
}

/** Calls that were given up, by id modulo the slots; of two in one slot the older is done to its end. */
export const GIVEN_UP_SLOTS = 256

export type ToThread =
  | { readonly id: number; readonly name: string; readonly args: readonly unknown[] }
  | { readonly close: true }
export type FromThread =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly failure: SqliteFailure }
  | { readonly opened: true }
  | { readonly opened: false; readonly failure: SqliteFailure }

/**
 * Opens (a writer makes folder and file where they are missing) in WAL mode with the program loaded.
 * @throws PlumblineError DATA_READ_ONLY, DATA_FULL, DATA_CORRUPT, or STORE_UNAVAILABLE where the file cannot be opened.
 */
export async function openSqlite(options: SqliteOptions): Promise<SqliteClient> {
  if (options.readOnly !== true) await writableFolder(options.path)
  const workerData = {
    ...options,
    program: options.program.href,
    busyTimeout_ms: options.busyTimeout_ms ?? BUSY_TIMEOUT_MS,
    givenUp: new Int32Array(new SharedArrayBuffer(GIVEN_UP_SLOTS * Int32Array.BYTES_PER_ELEMENT)),
  }
  const worker = new Worker(new URL('./sqlite-thread.ts', import.meta.url), { workerData, name: 'sqlite' })
  const client = new ThreadClient(worker, options.path, workerData.givenUp)
  await client.opened
  return client
}

async function writableFolder(path: string): Promise<void> {
  const folder = dirname(path)
  try {
    await mkdir(folder, { recursive: true })
    await access(folder, constants.W_OK)
  } catch (error) {
    const coded = operatingError(error, folder)
    if (coded instanceof PlumblineError) throw coded
    throw new PlumblineError('STORE_UNAVAILABLE', (error as Error).message, { cause: error })
  }
}

type Pending = { resolve: (value: unknown) => void; reject: (error: Error) => void }

class ThreadClient implements SqliteClient {
  readonly opened: Promise<void>
  readonly #worker: Worker
  readonly #path: string
  readonly #givenUp: Int32Array
  readonly #pending = new Map<number, Pending>()
  readonly #exited: Promise<void>
  #nextId = 1
  #ended: PlumblineError | undefined

  constructor(worker: Worker, path: string, givenUp: Int32Array) {
    this.#worker = worker
    this.#path = path
    this.#givenUp = givenUp
    const opening = Promise.withResolvers<void>()
    this.opened = opening.promise
    const exited = Promise.withResolvers<void>()
    this.#exited = exited.promise
    worker.on('message', (message: FromThread) => {
      if ('id' in message) this.#answer(message)
      else if (message.opened) opening.resolve()
      else opening.reject(failureError(message.failure))
    })
    const end = (why: string) => {
      this.#end(why)
      opening.reject(this.#ended!)
    }
    worker.on('error', (error: Error) => end(error.message))
    worker.on('exit', (code) => {
      end(`exit code ${code}`)
      exited.resolve()
    })
  }

  get alive(): boolean {
    return this.#ended === undefined
  }

  call<T>(name: string, ...args: unknown[]): Promise<T> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended)
    const id = this.#nextId++
    const buffers = args.flatMap((arg) => (arg instanceof Transferred ? arg.buffers : []))
    const values = args.map((arg) => (arg instanceof Transferred ? arg.value : arg))
    return new Promise<T>((resolve, reject) => {
      this.#worker.postMessage({ id, name, args: values } satisfies ToThread, buffers)
      this.#pending.set(id, { resolve: resolve as Pending['resolve'], reject })
    })
  }

  async callUntil<T>(signal: AbortSignal | undefined, name: string, ...args: unknown[]): Promise<T> {
    signal?.throwIfAborted()
    const id = this.#nextId
    const asked = this.call<T>(name, ...args)
    const giveUp = (): void => {
      Atomics.store(this.#givenUp, id % GIVEN_UP_SLOTS, id)
      this.#pending.get(id)?.reject(signal!.reason as Error)
      this.#pending.delete(id)
    }
    signal?.addEventListener('abort', giveUp, { once: true })
    try {
      return await asked
    } finally {
      signal?.removeEventListener('abort', giveUp)
    }
  }

  async close(): Promise<void> {
    if (this.#ended === undefined) this.#worker.postMessage({ close: true } satisfies ToThread)
    const timer = setTimeout(() => void this.#worker.terminate(), CLOSE_MS)
    await this.#exited
    clearTimeout(timer)
  }

  #answer(message: Extract<FromThread, { id: number }>): void {
    const pending = this.#pending.get(message.id)
    this.#pending.delete(message.id)
    if ('failure' in message) pending?.reject(failureError(message.failure))
    else pending?.resolve(message.result)
  }

  #end(why: string): void {
    this.#ended ??= new PlumblineError('STORE_UNAVAILABLE', `${this.#path}: the database thread ended (${why})`)
    for (const pending of this.#pending.values()) pending.reject(this.#ended)
    this.#pending.clear()
  }
}
