/**
 * The naive design of row `blocks-naive`: each JSON message that arrives is parsed and inserted by itself.
 * Arguments: port, user, password, topic filter, database file, messages to store; says `ready`, then `stored`.
 */
import { DatabaseSync } from 'node:sqlite'
import { connect } from 'mqtt'

const [port, user, password, filter, path, expected] = process.argv.slice(2) as [string, ...string[]]
const db = new DatabaseSync(path!)
db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
  CREATE TABLE reading (device TEXT, t_ms INTEGER, x REAL, y REAL, z REAL, PRIMARY KEY (device, t_ms)) WITHOUT ROWID`)
const insert = db.prepare('INSERT INTO reading VALUES (?, ?, ?, ?, ?)')
let stored = 0

const client = connect({ host: '127.0.0.1', port: Number(port), clientId: user, username: user, password })
client.on('connect', () => {
  ;(client.stream as { setNoDelay?(on: boolean): void }).setNoDelay?.(true)
  client.subscribe(filter!, { qos: 1 }, () => process.stdout.write('ready\n'))
})
client.on('message', (_, payload) => {
  const { device, t_ms, x, y, z } = JSON.parse(payload.toString())
  insert.run(device, t_ms, x, y, z)
  if (++stored === Number(expected)) process.stdout.write('stored\n')
})
process.stdin
  .on('end', () => {
    // The log is in the file then, so that its size can be told.
    db.close()
    process.exit(0)
  })
  .resume()
