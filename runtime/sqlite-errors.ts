/** What SQLite's result codes mean to the person on call (https://www.sqlite.org/rescode.html). Shared by both sides of the thread. */
import { type ErrorCode, PlumblineError } from '../domain/errors.ts'

/** A failure as it travels out of the thread: an Error's class and fields would not survive the structured clone. */
export type SqliteFailure = { readonly code: ErrorCode; readonly detail: string; readonly stack?: string }

/** Primary result codes: the low byte of the extended code. */
const READONLY = 8
const CANTOPEN = 14
const CODE: Readonly<Record<number, ErrorCode>> = {
  5: 'STORE_UNAVAILABLE', // BUSY: longer than busy_timeout
  6: 'STORE_UNAVAILABLE', // LOCKED
  7: 'STORE_UNAVAILABLE', // NOMEM
  [READONLY]: 'DATA_READ_ONLY',
  10: 'STORE_UNAVAILABLE', // IOERR
  11: 'DATA_CORRUPT',
  13: 'DATA_FULL',
  [CANTOPEN]: 'STORE_UNAVAILABLE',
  26: 'DATA_CORRUPT', // NOTADB
}

/**
 * For a reader, read-only trouble means that the writer closed and took the WAL with it, and that this user may not make
 * a new one (1544 = SQLITE_READONLY_DIRECTORY): it is there again once the writer is.
 */
export function sqliteFailure(error: unknown, path: string, readOnly: boolean): SqliteFailure {
  if (error instanceof PlumblineError) return { code: error.code, detail: error.message.slice(error.code.length + 2) }
  const { errcode, message, stack } = error as Error & { errcode?: number }
  const primary = errcode === undefined ? undefined : errcode & 0xff
  const code = primary === undefined ? undefined : CODE[primary]
  if (code === undefined) return { code: 'BUG', detail: `${path}: ${message}`, stack }
  return {
    code: readOnly && primary === READONLY ? 'STORE_UNAVAILABLE' : code,
    detail: `${path}: ${message} (SQLite ${errcode})`,
  }
}

export function failureError(failure: SqliteFailure): PlumblineError {
  const error = new PlumblineError(failure.code, failure.detail)
  if (failure.stack !== undefined) error.stack = `${error.message}\n${failure.stack}`
  return error
}
