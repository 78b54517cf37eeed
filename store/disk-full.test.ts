/**
 * A disk that is really full, under each database of the store: a small file system of its own with ballast on it. What was
 * not stored is not told as stored; once there is room again all of it comes in, once.
 */
import { execFileSync } from 'node:child_process'
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { SeriesWriter } from '../domain/ports.ts'
import type { DeviceRecord } from '../domain/record.ts'
import { SystemClock } from '../runtime/clock.ts'
import { silentLog } from '../runtime/log.ts'
import { mayMount } from '../runtime/mount.fixture.ts'
import { openSeriesReader, openSeriesWriter } from './embedded.ts'
import { startStrictFake } from './influx/strict-fake.fixture.ts'
import { openInfluxReader, openInfluxWriter } from './influx.ts'
import { at, record, shaking, stage } from './records.fixture.ts'

const MIB = 1024 * 1024
const SIZE = '12m'

const missing = mayMount() ? undefined : 'may not mount here: that needs root'

describe.skipIf(missing !== undefined)(
  `a disk that is full${missing === undefined ? '' : ` (skipped: ${missing})`}`,
  () => {
    let folder: string
    let outside: string
    const closing: Array<() => Promise<unknown>> = []
    beforeEach(async () => {
      outside = await mkdtemp(join(tmpdir(), 'full-'))
      folder = join(outside, 'disk')
      execFileSync('mkdir', [folder])
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE}`, 'tmpfs', folder])
    })
    afterEach(async () => {
      for (const close of closing.splice(0).reverse()) await close()
      execFileSync('umount', [folder])
      await rm(outside, { recursive: true })
    })

    const ballast = () => join(folder, 'ballast')
    /** All room but a few pages. */
    const fill = async (): Promise<void> => {
      const file = await open(ballast(), 'w')
      for (let size = MIB; size >= 4096; )
        await file.write(Buffer.alloc(size)).then(
          ({ bytesWritten }) => {
            if (bytesWritten < size) size = size > 4096 ? size / 4 : 0
          },
          () => {
            size = size > 4096 ? size / 4 : 0
          },
        )
      await file.close()
    }
    const free = () => rm(ballast())

    /** Appends records until the disk is full; gives those that were told to be stored, and the one that was not. */
    async function untilFull(writer: SeriesWriter, make: (i: number) => DeviceRecord): Promise<[number, DeviceRecord]> {
      for (let i = 0; i < 10_000; i++) {
        const one = make(i)
        try {
          expect((await writer.append([one])).map(({ kind }) => kind)).toEqual(['stored'])
        } catch (error) {
          expect(error).toMatchObject({ code: 'DATA_FULL' })
          return [i, one]
        }
      }
      throw new Error('the disk was never full')
    }

    test('series: nothing is half stored; the same records come in once there is room', async () => {
      const writer = await openSeriesWriter(folder, silentLog)
      const reader = openSeriesReader(folder, silentLog)
      closing.push(
        () => writer.close(),
        () => reader.close(),
      )
      await writer.append([record({ readings: [stage(-1, -1)] })])
      await fill()
      const make = (i: number) => record({ readings: [stage(i, i)], blocks: [shaking(i * 2000, 2000)] })
      const [stored, refused] = await untilFull(writer, make)
      // Again and again, as ingest tries it: nothing of it stays.
      await expect(writer.append([refused])).rejects.toMatchObject({ code: 'DATA_FULL' })
      const held = async () => [
        (await reader.readings('dead-run/stage', at(0), at(1e6), 100_000)).map(({ value }) => value),
        (await reader.blocks('yonago', 'acceleration', at(0), at(1e6))).map((block) => block.first_counter / 2000),
      ]
      const upTo = (n: number) => Array.from({ length: n }, (_, i) => i)
      expect(await held()).toEqual([upTo(stored), upTo(stored)])
      // Neither a bad record nor anything else has a place now.
      const rejected = {
        identity: refused.identity,
        device: 'd',
        exercise: false,
        reason: 'r',
        body: 'x'.repeat(100_000),
      }
      await expect(writer.quarantine([rejected])).rejects.toMatchObject({ code: 'DATA_FULL' })

      await free()
      expect((await writer.append([refused])).map(({ kind }) => kind)).toEqual(['stored'])
      expect((await writer.append([refused])).map(({ kind }) => kind)).toEqual(['duplicate'])
      expect(await held()).toEqual([upTo(stored + 1), upTo(stored + 1)])
      await writer.quarantine([{ ...rejected, identity: { ...rejected.identity, offset: 99_999 } }])
      expect((await writer.health()).quarantined).toBe(1)
    })

    test('the state beside InfluxDB: points may be there, but nothing is told stored, and what comes again is no news', async () => {
      const token_file = join(outside, 'token')
      await writeFile(token_file, 'the-token\n')
      const fake = await startStrictFake({ version: 'v2', token: 'the-token', walFlush_ms: 1 })
      const settings = { site: 'test', url: fake.url, database: 'x', token_file }
      const writer = await openInfluxWriter(settings, folder, silentLog, new SystemClock())
      const reader = openInfluxReader(settings, silentLog)
      closing.push(
        fake.end,
        () => reader.close(),
        () => writer.close(),
      )
      await writer.append([record({ readings: [stage(-1, -1)] })])
      await fill()
      // A channel each, so that the state grows.
      const make = (i: number) =>
        record({
          readings: Array.from({ length: 100 }, (_, c) =>
            stage(i, i, { channel: `gauge-${i}-${c}-${'x'.repeat(300)}/stage` }),
          ),
        })
      const [stored, refused] = await untilFull(writer, make)
      await free()
      expect((await writer.append([refused])).map(({ kind }) => kind)).toEqual([
        expect.stringMatching(/stored|duplicate/),
      ])
      expect((await writer.append([refused])).map(({ kind }) => kind)).toEqual(['duplicate'])
      expect(await reader.latest()).toHaveLength(1 + (stored + 1) * 100)
      expect(await writer.committed('gateway', refused.identity.outbox, 'readings')).toEqual([
        [expect.any(Number), refused.identity.offset],
      ])
    })
  },
)
