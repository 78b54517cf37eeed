/**
 * What every adapter of the series store must do, told once, by subject in `suite/`. An adapter's test calls
 * `describeSeriesStore` with a way to open a writer and a reader on one empty place, and to open them again later.
 */
import { describe } from 'vitest'
import { describeBlocks } from './suite/blocks.suite.ts'
import { describeColumns } from './suite/columns.suite.ts'
import { describeCommitted } from './suite/committed.suite.ts'
import { describeGaps } from './suite/gaps.suite.ts'
import { describeReadings } from './suite/readings.suite.ts'
import { type StorePlace, StoreUnderTest } from './suite/store-under-test.ts'

export function describeSeriesStore(name: string, makePlace: () => Promise<StorePlace>): void {
  describe(`the series store, ${name}`, () => {
    const its = new StoreUnderTest(makePlace)
    describeReadings(name, its)
    describeColumns(name, its)
    describeBlocks(name, its)
    describeGaps(name, its)
    describeCommitted(name, its)
  })
}
