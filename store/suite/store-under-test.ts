/** An empty store for each test of a suite, with a writer and a reader on it, and short ways to ask them. */
import { afterEach, beforeEach } from 'vitest'
import type { SeriesReader, SeriesWriter } from '../../domain/ports.ts'
import type { DeviceRecord } from '../../domain/record.ts'
import { at, restartOffsets } from '../records.fixture.ts'

/** One empty store; `writer()` and `reader()` open it anew each time, `end` removes it. */
export type StorePlace = {
  writer(): Promise<SeriesWriter>
  reader(): SeriesReader
  end(): Promise<void>
}

export class StoreUnderTest {
  place!: StorePlace
  writer!: SeriesWriter
  reader!: SeriesReader

  constructor(makePlace: () => Promise<StorePlace>) {
    beforeEach(async () => {
      restartOffsets()
      this.place = await makePlace()
      this.writer = await this.place.writer()
      this.reader = this.place.reader()
    })
    afterEach(async () => {
      await this.reader.close()
      await this.writer.close()
      await this.place.end()
    })
  }

  async kinds(...records: DeviceRecord[]): Promise<string[]> {
    return (await this.writer.append(records)).map((outcome) => outcome.kind)
  }
  async reasons(...records: DeviceRecord[]): Promise<string[]> {
    const outcomes = await this.writer.append(records)
    return outcomes.map((outcome) => (outcome.kind === 'quarantined' ? outcome.reason : outcome.kind))
  }
  stages() {
    return this.reader.readings('dead-run/stage', at(-1e6), at(1e6), 1000)
  }
  blocks() {
    return this.reader.blocks('yonago', 'acceleration', at(-1e6), at(1e6))
  }
}
