/**
 * A process that appends records to the store of a folder, from a given offset on, and says each offset on standard output
 * once it is acknowledged. It never stops by itself: the test of durability kills it.
 */
import type { DeviceRecord } from '../domain/record.ts'
import { silentLog } from '../runtime/log.ts'
import { openSeriesWriter } from './embedded.ts'
import { killedRecord } from './killed-record.fixture.ts'

const [folder, from] = process.argv.slice(2)
const writer = await openSeriesWriter(folder!, silentLog)
for (let offset = Number(from); ; ) {
  const batch: DeviceRecord[] = []
  for (let n = 1 + (offset % 5); n > 0; n--) batch.push(killedRecord(offset++))
  await writer.append(batch)
  for (const { identity } of batch) process.stdout.write(`${identity.offset}\n`)
}
