/** A folder for each test, and writers and readers on an InfluxDB that are closed after it, the last opened first. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach } from 'vitest'
import type { SeriesReader, SeriesWriter } from '../domain/ports.ts'
import type { DeviceRecord } from '../domain/record.ts'
import { SystemClock } from '../runtime/clock.ts'
import { silentLog } from '../runtime/log.ts'
import { type InfluxSettings, openInfluxReader, openInfluxWriter } from './influx.ts'
import { at } from './records.fixture.ts'

export class InfluxPlace {
  folder = ''
  readonly closing: Array<() => Promise<void>> = []

  constructor() {
    beforeEach(async () => {
      this.folder = await mkdtemp(join(tmpdir(), 'influx-'))
    })
    afterEach(async () => {
      for (const close of this.closing.splice(0).reverse()) await close()
      await rm(this.folder, { recursive: true })
    })
  }

  readonly open = async (settings: InfluxSettings): Promise<{ writer: SeriesWriter; reader: SeriesReader }> => {
    const writer = await openInfluxWriter(settings, this.folder, silentLog, new SystemClock())
    const reader = openInfluxReader(settings, silentLog)
    this.closing.push(
      () => writer.close(),
      () => reader.close(),
    )
    return { writer, reader }
  }
}

export const outcomes = async (writer: SeriesWriter, ...records: DeviceRecord[]): Promise<string[]> =>
  (await writer.append(records)).map((one) => (one.kind === 'quarantined' ? one.reason : one.kind))
export const valuesOf = async (reader: SeriesReader, channel = 'dead-run/stage') =>
  (await reader.readings(channel, at(-1e6), at(1e6), 100_000)).map((r) => r.value)
