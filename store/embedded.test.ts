import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLog } from '../runtime/log.ts'
import { openSeriesReader, openSeriesWriter } from './embedded.ts'
import { describeSeriesStore } from './series-store.suite.ts'

describeSeriesStore('embedded', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'series-'))
  return {
    writer: () => openSeriesWriter(folder, silentLog),
    reader: () => openSeriesReader(folder, silentLog),
    end: () => rm(folder, { recursive: true }),
  }
})
