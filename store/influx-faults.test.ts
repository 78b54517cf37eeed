/** What a real InfluxDB 1.x does when it is killed, when state is lost, and with what it will not take. */
import { copyFile, readdir, rm, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { silentLog } from '../runtime/log.ts'
import {
  freshDatabase,
  INFLUXD_START_MS,
  type Influxd,
  influxdMissing,
  startInfluxd,
} from './influx/influxd.fixture.ts'
import { type InfluxSettings, openInfluxReader } from './influx.ts'
import { InfluxPlace, outcomes, valuesOf } from './influx-place.fixture.ts'
import { KILLED, killedRecord } from './killed-record.fixture.ts'
import { at, gap, record, shaking, stage } from './records.fixture.ts'

const STATE = 'store-state.db'
const missing = influxdMissing()
const place = new InfluxPlace()

describe.skipIf(missing !== undefined)(
  `a real InfluxDB 1.x${missing === undefined ? '' : ` (skipped: ${missing})`}`,
  // A machine with more to do than it can makes each of these ten times as long.
  { timeout: 120_000 },
  () => {
    let influxd: Influxd
    let settings: InfluxSettings
    beforeAll(async () => {
      influxd = await startInfluxd({ maxBody: 40_000 })
    }, INFLUXD_START_MS)
    afterAll(() => influxd?.end())
    beforeEach(() => {
      settings = { site: 'test', url: influxd.url, database: freshDatabase() }
    })
    const influxql = async (q: string): Promise<string> => {
      const answer = await fetch(`${influxd.url}/query`, { method: 'POST', body: new URLSearchParams({ q }) })
      return answer.text()
    }

    test('killed and started again while a writer appends: all that was acknowledged is there, nothing twice', async () => {
      const { writer, reader } = await place.open(settings)
      let acknowledged = 0
      let refusals = 0
      let stop = false
      const appending = (async () => {
        for (let offset = 1; !stop; ) {
          const batch = Array.from({ length: 1 + (offset % 7) }, (_, i) => killedRecord(offset + i))
          try {
            const kinds = (await writer.append(batch)).map((one) => one.kind)
            // After a lost answer the same batch is written again; what InfluxDB had taken of it is then no news.
            expect(kinds.every((kind) => kind === 'stored' || kind === 'duplicate')).toBe(true)
          } catch (error) {
            expect(error).toMatchObject({ code: 'STORE_UNAVAILABLE' })
            refusals++
            await new Promise((resolve) => setTimeout(resolve, 20))
            continue
          }
          offset += batch.length
          acknowledged = offset - 1
        }
      })()
      const more = (records: number) => {
        const before = acknowledged
        return expect.poll(() => acknowledged, { timeout: 60_000 }).toBeGreaterThanOrEqual(before + records)
      }
      // Shards of all targets are there then: what a kill leaves of one in the making is the next test's.
      await more(6)
      for (const wait_ms of [150, 300, 90]) {
        await new Promise((resolve) => setTimeout(resolve, wait_ms))
        await influxd.kill()
        await new Promise((resolve) => setTimeout(resolve, 60))
        await influxd.start()
      }
      await more(20)
      stop = true
      await appending
      expect(refusals).toBeGreaterThan(0)
      expect(await writer.committed(KILLED.node, KILLED.outbox, KILLED.stream)).toEqual([[1, acknowledged]])
      const [first, after] = [killedRecord(1).blocks[0]!.t0_ns, killedRecord(acknowledged + 1).blocks[0]!.t0_ns]
      const readings = await reader.readings('yonago/pga', first, after, 1_000_000)
      expect(readings.map((r) => [r.value, r.exercise])).toEqual(
        Array.from({ length: acknowledged }, (_, i) => [i + 1, (i + 1) % 3 === 0]),
      )
      const blocks = await reader.blocks('yonago', 'acceleration', first, after)
      expect(blocks).toEqual(
        Array.from({ length: acknowledged }, (_, i) => ({
          ...killedRecord(i + 1).blocks[0]!,
          exercise: (i + 1) % 3 === 0,
        })),
      )
      const samples = await influxql(`SELECT count(x) FROM "${settings.database}"."raw"."wave"`)
      const real = acknowledged - Math.floor(acknowledged / 3)
      expect(samples).toContain(`["1970-01-01T00:00:00Z",${real * KILLED.samples}]`)
    }, 240_000)

    test('a shard that it cannot open after a kill is told with what mends it; then all that was acknowledged is there', async () => {
      const own = await startInfluxd({ index: 'tsi1' })
      place.closing.push(own.end)
      const { writer, reader } = await place.open({ ...settings, url: own.url })
      const [first, second] = [record({ readings: [stage(0, 1)] }), record({ readings: [stage(1, 2)] })]
      expect(await outcomes(writer, first)).toEqual(['stored'])
      // As a kill leaves it between the making of the file and its writing (tsdb/index/tsi1 of 1.6, Partition.Open).
      await own.kill()
      const shards = join(own.data, settings.database, 'autogen')
      const [shard] = await readdir(shards)
      const index = join(shards, shard!, 'index')
      for (const partition of await readdir(index)) await truncate(join(index, partition, 'MANIFEST'))
      await own.start()
      await expect(writer.append([second])).rejects.toThrow(
        /\[shard \d+\] unexpected end of JSON input.*docs\/guides\/influxdb\.md/,
      )
      expect(await writer.committed('gateway', second.identity.outbox, 'readings')).toEqual([
        [first.identity.offset, first.identity.offset],
      ])

      await own.kill()
      await rm(index, { recursive: true })
      await own.start()
      expect(await outcomes(writer, second)).toEqual(['stored'])
      expect(await valuesOf(reader)).toEqual([1, 2])
    })

    test('a crash between InfluxDB and the state database: what comes again is written over alike', async () => {
      const before = await place.open(settings)
      await before.writer.append([record({ readings: [stage(0, 1)] })])
      await before.writer.close()
      await copyFile(join(place.folder, STATE), join(place.folder, 'before'))
      const parts = { readings: [stage(1, 2)], gaps: [gap(2, 3)] }
      const [mixed, shaken] = [record(parts), record({ blocks: [shaking(0, 100)] })]
      const lost = await place.open(settings)
      expect(await outcomes(lost.writer, mixed, shaken)).toEqual(['stored', 'stored'])
      await lost.writer.close()
      await copyFile(join(place.folder, 'before'), join(place.folder, STATE))

      const { writer, reader } = await place.open(settings)
      expect(await writer.committed('gateway', mixed.identity.outbox, 'blocks')).toEqual([])
      await writer.append([mixed, shaken])
      expect(await valuesOf(reader)).toEqual([1, 2])
      expect(await reader.gaps(at(0), at(10))).toHaveLength(1)
      expect(await reader.blocks('yonago', 'acceleration', at(0), at(10))).toEqual([
        { ...shaking(0, 100), exercise: false },
      ])
      expect(await outcomes(writer, mixed, shaken)).toEqual(['duplicate', 'duplicate'])
    })

    test('the state database is lost: InfluxDB itself says what is there, and nothing is written over', async () => {
      const first = await place.open(settings)
      await first.writer.append([
        record({ readings: [stage(0, 1), stage(60, 2)] }),
        record({ blocks: [shaking(0, 100)] }),
      ])
      await first.writer.close()
      await rm(join(place.folder, STATE))
      const { writer, reader } = await place.open(settings)
      const other = shaking(0, 200)
      other.axes[0]!.samples[7]! += 1
      expect(
        await outcomes(
          writer,
          record({ readings: [stage(0, 9)] }),
          record({ blocks: [other] }),
          record({ readings: [stage(60, 2)] }),
          record({ blocks: [shaking(50, 100)] }),
        ),
      ).toEqual([
        'dead-run/stage at 2018-06-03T18:00:00.000Z: stored is 1 (flag 1), came 9 (flag 1)',
        'yonago/acceleration boot 7 counters 0 to 99: other samples are stored',
        'duplicate',
        'stored',
      ])
      expect(await valuesOf(reader)).toEqual([1, 2])
      const blocks = await reader.blocks('yonago', 'acceleration', at(0), at(10))
      expect(blocks.map((b) => [b.first_counter, b.axes[0]!.samples.length])).toEqual([
        [0, 100],
        [100, 50],
      ])
    })

    test('a line that InfluxDB refuses stands alone in quarantine; its neighbours are stored', async () => {
      const { writer, reader } = await place.open(settings)
      await writer.append([record({ readings: [stage(0, 1)] })])
      // Someone else has written text where numbers belong, in a shard of another week.
      const away = at(30 * 86_400)
      const foreign = await fetch(`${influxd.url}/write?db=${settings.database}&precision=ns`, {
        method: 'POST',
        body: `reading,channel=x value="text" ${away}`,
      })
      expect(foreign.status).toBe(204)
      const readings = Array.from({ length: 20 }, (_, i) => stage(i + 1, i))
      const [reason, neighbour] = await outcomes(
        writer,
        record({ readings: [...readings, stage(0, 7, { t_ns: away })] }),
        record({ readings: [stage(100, 8)] }),
      )
      expect(reason).toMatch(/^InfluxDB refused it: .*field type conflict.*dropped=1/)
      expect(neighbour).toBe('stored')
      expect(await valuesOf(reader)).toEqual([1, ...readings.map((r) => r.value), 8])
    })

    test('a batch beyond what the server takes at once is halved until it fits', async () => {
      const { writer, reader } = await place.open(settings)
      const readings = Array.from({ length: 1000 }, (_, s) => stage(s, s))
      expect(await outcomes(writer, record({ readings }))).toEqual(['stored'])
      expect(await valuesOf(reader)).toEqual(readings.map((r) => r.value))
    })

    test('samples older than the policy keeps go to quarantine with what the server says', async () => {
      const { writer, reader } = await place.open(settings)
      expect(await influxql(`ALTER RETENTION POLICY "raw" ON "${settings.database}" DURATION 7d`)).not.toContain(
        'error',
      )
      const [reason] = await outcomes(writer, record({ blocks: [shaking(0, 100)] }))
      expect(reason).toMatch(/points beyond retention policy dropped/)
      expect(await reader.blocks('yonago', 'acceleration', at(0), at(10))).toEqual([])
    })

    test('a clock that stepped back within a boot: samples of the same instants are all kept', async () => {
      const { writer, reader } = await place.open(settings)
      const again = shaking(100, 100, { t0_ns: at(0) })
      expect(await outcomes(writer, record({ blocks: [shaking(0, 100)] }))).toEqual(['stored'])
      expect(await outcomes(writer, record({ blocks: [again] }))).toEqual(['stored'])
      expect(await reader.blocks('yonago', 'acceleration', at(0), at(10))).toEqual([
        { ...shaking(0, 100), exercise: false },
        { ...again, exercise: false },
      ])
      const columns = await reader.series('yonago/acceleration/x', at(0), at(1), 1)
      expect(columns.map((c) => c.count)).toEqual([200])
    })

    test('gaps that begin at one instant are all kept', async () => {
      const { writer, reader } = await place.open(settings)
      const gaps = [
        gap(0, 1),
        gap(0, 2),
        gap(0, 1, { channels: ['dead-run/battery'] }),
        gap(0, 1, { reason: 'timeout' }),
      ]
      await writer.append([record({ gaps })])
      expect((await reader.gaps(at(0), at(1))).map((g) => [g.channels, g.to_ns, g.reason])).toEqual(
        expect.arrayContaining(gaps.map((g) => [g.channels, g.to_ns, g.reason])),
      )
      expect(await reader.gaps(at(0), at(1))).toHaveLength(4)
    })

    test('names and texts of any kind come back as they were', async () => {
      const { writer, reader } = await place.open(settings)
      const names = ['a b,c=d/e f', `quote"s and 'single'`, 'back\\slash', '水位/ステージ', 'x/y/z']
      const detail = 'line one\nline "two" \\ \\" , = end\\'
      const readings = names.map((channel, i) => stage(i, i, { channel, reason: 'status', detail, flag: 3 }))
      expect(await outcomes(writer, record({ readings }))).toEqual(['stored'])
      for (const reading of readings)
        expect(await reader.readings(reading.channel, at(0), at(10), 10)).toEqual([{ ...reading, exercise: false }])
      expect((await reader.latest()).map((r) => r.channel).sort()).toEqual([...names].sort())
      expect(await outcomes(writer, record({ readings: [stage(0, 1, { channel: 'ends in\\' })] }))).toEqual([
        'reading of dead-run: InfluxDB has no spelling for the name "ends in\\\\"',
      ])
    })

    test('numbers at the edge of what a double and 64 bits hold come back to the last digit', async () => {
      const { writer, reader } = await place.open(settings)
      const values = [5e-324, -1.7976931348623157e308, 1e21, 2 ** 53 + 2, 123_456_789_012_345_680, -0.1, 1e-7]
      const readings = values.map((value, s) => stage(s, value, { half_width_ns: 2n ** 62n + 1n }))
      await writer.append([record({ readings })])
      const back = await reader.readings('dead-run/stage', at(0), at(100), 100)
      expect(back).toEqual(readings.map((r) => ({ ...r, exercise: false })))
    })

    test('10000, 20000 and 25001 rows come back whole: more than a server gives at once', async () => {
      const { writer, reader } = await place.open(settings)
      const readings = Array.from({ length: 25_001 }, (_, s) => stage(s, s))
      await writer.append([record({ readings })])
      for (const n of [10_000, 20_000, 25_001])
        expect((await reader.readings('dead-run/stage', at(0), at(n), 1_000_000)).map((r) => r.value)).toEqual(
          readings.slice(0, n).map((r) => r.value),
        )
    })

    test('two sites in one database do not see each other', async () => {
      const { writer, reader } = await place.open(settings)
      const other = openInfluxReader({ ...settings, site: 'elsewhere' }, silentLog)
      place.closing.push(() => other.close())
      await writer.append([record({ readings: [stage(0, 1)], gaps: [gap(0, 1)] })])
      expect(await reader.latest()).toHaveLength(1)
      expect(await other.latest()).toEqual([])
      expect(await other.gaps(at(0), at(1))).toEqual([])
    })

    test('closing waits for what is under way', async () => {
      const { writer, reader } = await place.open(settings)
      const under = writer.append([record({ readings: [stage(0, 1)] })])
      await writer.close()
      expect((await under).map((one) => one.kind)).toEqual(['stored'])
      expect(await valuesOf(reader)).toEqual([1])
      await expect(writer.append([record({})])).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    })

    test('the server is away when ingest starts: it opens all the same, and stores once the server is there', async () => {
      await influxd.kill()
      const { writer, reader } = await place.open(settings)
      const one = record({ readings: [stage(0, 1)] })
      await expect(writer.append([one])).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
      await expect(reader.latest()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
      expect(await writer.committed('gateway', one.identity.outbox, 'readings')).toEqual([])
      await influxd.start()
      expect(await outcomes(writer, one)).toEqual(['stored'])
      expect(await reader.latest()).toHaveLength(1)
    })
  },
)
