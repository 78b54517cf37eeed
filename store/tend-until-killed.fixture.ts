/**
 * A process that appends to the store of a folder and makes rollups between the batches, late readings among them, and says
 * each round on standard output. It never stops by itself: the test of rollups after a kill ends it.
 */
import { addNs } from '../domain/time.ts'
import { killedRecord } from './killed-record.fixture.ts'
import { TestStore } from './test-store.fixture.ts'

const [folder, from] = process.argv.slice(2)
const store = new TestStore(folder!)
for (let offset = Number(from); ; offset++) {
  const { readings, ...record } = killedRecord(offset)
  // Every seventh reading belongs an hour earlier.
  const late = readings.map((r) => ({ ...r, t_ns: addNs(r.t_ns, offset % 7 === 0 ? -3_600_000_000_001n : 0n) }))
  store.append({ ...record, readings: late })
  if (offset % 3 === 0) store.tend()
  process.stdout.write(`${offset}\n`)
}
