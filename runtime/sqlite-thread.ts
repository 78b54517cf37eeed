/**
 * The thread's side of `sqlite-worker.ts`: opens the database, loads the caller's program, and answers calls one after
 * the other. Nothing else runs here, so a call may be as synchronous as it likes.
 */
import { DatabaseSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'
import { PlumblineError } from '../domain/errors.ts'
import { sqliteFailure } from './sqlite-errors.ts'
import {
  type FromThread,
  GIVEN_UP_SLOTS,
  type OpenProgram,
  type Running,
  type SqliteOptions,
  type SqliteProgram,
  type ToThread,
  Transferred,
} from './sqlite-worker.ts'

/** The WAL shrinks back to this after a burst. */
const WAL_BYTES_KEPT = 64 * 1024 * 1024

type ThreadData = Omit<SqliteOptions, 'program'> & {
  readonly program: string
  readonly busyTimeout_ms: number
  readonly givenUp: Int32Array
}
const options = workerData as ThreadData
const readOnly = options.readOnly === true
const port = parentPort!
const send = (message: FromThread, buffers: readonly ArrayBuffer[] = []): void => port.postMessage(message, buffers)

/** Id of the call that runs. */
let current = 0
const isGivenUp = (id: number): boolean => Atomics.load(options.givenUp, id % GIVEN_UP_SLOTS) === id
const running: Running = {
  check: () => {
    if (isGivenUp(current)) throw new Error('nobody waits for it any more')
  },
}

const attached = Object.entries(options.attach ?? {})
const schemas = ['main', ...attached.map(([name]) => name)]

function openDatabase(): DatabaseSync {
  const db = new DatabaseSync(options.path, { readOnly, timeout: options.busyTimeout_ms })
  for (const [schema, path] of attached) db.prepare(`ATTACH ? AS "${schema}"`).run(path)
  for (const schema of schemas) {
    // Opening touches no byte of the file: reading the schema version finds out now whether it is one of SQLite's.
    db.exec(`PRAGMA "${schema}".schema_version`)
    if (!readOnly) db.exec(`PRAGMA "${schema}".synchronous = ${options.synchronous}`)
  }
  return db
}

/** Only once the program has said that the files are its own: going over to WAL writes to them. */
function writeAhead(db: DatabaseSync): void {
  for (const schema of schemas) {
    db.exec(`PRAGMA "${schema}".journal_mode = WAL`)
    db.exec(`PRAGMA "${schema}".journal_size_limit = ${WAL_BYTES_KEPT}`)
  }
  if (options.checkpointPages !== undefined) db.exec(`PRAGMA wal_autocheckpoint = ${options.checkpointPages}`)
}

function answer(program: SqliteProgram, message: Extract<ToThread, { id: number }>): void {
  const { id, name, args } = message
  if (isGivenUp(id)) return
  current = id
  try {
    const run = program[name]
    if (run === undefined) throw new PlumblineError('BUG', `the database program has no "${name}"`)
    const result = run(...args)
    if (result instanceof Transferred) send({ id, result: result.value }, result.buffers)
    else send({ id, result })
  } catch (error) {
    send({ id, failure: sqliteFailure(error, options.path, readOnly) })
  }
}

try {
  const { open } = (await import(options.program)) as { open: OpenProgram }
  const db = openDatabase()
  const program = open(db, options.programOptions, running)
  if (!readOnly) writeAhead(db)
  port.on('message', (message: ToThread) => {
    if ('id' in message) return answer(program, message)
    // The last connection to close a WAL database checkpoints it and removes the WAL.
    db.close()
    port.close()
  })
  send({ opened: true })
} catch (error) {
  send({ opened: false, failure: sqliteFailure(error, options.path, readOnly) })
  port.close()
}
