/**
 * A process that appends to the store of a folder and seals between the batches, and says each round on standard output once
 * it is stored. It never stops by itself: the test of sealing after a kill ends it.
 */

import { record } from './records.fixture.ts'
import { sealedReading } from './sealed-reading.fixture.ts'
import { TestStore } from './test-store.fixture.ts'

const [folder, from] = process.argv.slice(2)
const store = new TestStore(folder!)
for (let round = Number(from); ; round++) {
  // What was stored and not said comes again, as from an edge node.
  store.append(record({ readings: sealedReading(round) }, { outbox: 'box', offset: round + 1 }))
  process.stdout.write(`${round}\n`)
  store.seal()
}
