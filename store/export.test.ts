/** What is exported is what is stored: to the nanosecond as text, to the microsecond and the count as miniSEED. */
import { describe, expect, test } from 'vitest'
import type { SeriesReader, StoredBlock } from '../domain/ports.ts'
import { sampleInstant } from '../domain/reading.ts'
import { fromIso, type Instant, instant } from '../domain/time.ts'
import { readRecord, type SeedRecord } from '../recordings/miniseed-record.ts'
import { RECORD_SAMPLES, rateFields, seedChannel, stationOf } from './export/miniseed.ts'
import { type ExportOptions, exportSeries } from './export.ts'
import { at, sampleAt, shaking, stage } from './records.fixture.ts'

/** A store of these readings and blocks; says how much it was ever asked for at once. */
function readerOf(readings: ReturnType<typeof stage>[], blocks: StoredBlock[]) {
  const asked = { readings: 0, blocks: 0 }
  const reader: Pick<SeriesReader, 'readings' | 'blocks'> = {
    readings: async (channel, from, to, limit) => {
      const found = readings.filter((r) => r.channel === channel && r.t_ns >= from && r.t_ns < to).slice(0, limit)
      asked.readings = Math.max(asked.readings, found.length)
      return found.map((r) => ({ ...r, exercise: r.detail === 'drill' }))
    },
    blocks: async (device, group, from, to) => {
      const found = blocks.filter((b) => {
        const last = sampleInstant(b, b.axes[0]!.samples.length - 1)
        return b.device === device && b.group === group && b.t0_ns < to && last >= from
      })
      asked.blocks = Math.max(asked.blocks, found.length)
      return found
    },
  }
  return { reader, asked }
}
const stored = (block: ReturnType<typeof shaking>): StoredBlock => ({ ...block, exercise: false })

async function bytesOf(options: Omit<ExportOptions, 'unit'>): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  for await (const piece of exportSeries({ unit: 'm', ...options })) pieces.push(piece)
  return Buffer.concat(pieces)
}
const textOf = async (options: Omit<ExportOptions, 'unit'>) =>
  (await bytesOf(options)).toString('utf8').trimEnd().split('\n')

describe('text', () => {
  test('CSV: a head, a line for each reading, with unit and flag; text is quoted where it must be', async () => {
    const bad = stage(60, null, { flag: 9, reason: 'timeout', detail: 'no answer, "1 s"' })
    const { reader } = readerOf([stage(0, 0.1 + 0.2), bad], [])
    expect(await textOf({ reader, channel: 'dead-run/stage', from: at(0), to: at(100), format: 'csv' })).toEqual([
      'time,t_ns,half_width_ns,channel,value,unit,flag,reason,detail,exercise',
      '2018-06-03T18:00:00.000Z,1528048800000000000,1234567,dead-run/stage,0.30000000000000004,m,1,,,false',
      '2018-06-03T18:01:00.000Z,1528048860000000000,1234567,dead-run/stage,,m,9,timeout,"no answer, ""1 s""",false',
    ])
  })

  test('JSON lines: an axis, sample by sample, exactly the span that was asked for', async () => {
    const { reader } = readerOf(
      [],
      [0, 100, 200].map((c) => stored(shaking(c, 100))),
    )
    const lines = await textOf({
      reader,
      channel: 'yonago/acceleration/y',
      from: at(0.5),
      to: at(2.25),
      format: 'jsonl',
    })
    const rows = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(rows).toHaveLength(175)
    expect(rows[0]).toMatchObject({ time: '2018-06-03T18:00:00.500Z', channel: 'yonago/acceleration/y', unit: 'm/s²' })
    expect(rows.map((row) => row['value'])).toEqual(rows.map((_, i) => sampleAt(1, 50 + i) * 0.000_598_55))
  })

  test('a long span comes page by page, every row once, also two of one instant at the edge of a page', async () => {
    const all = Array.from({ length: 12_001 }, (_, i) => stage(i, i))
    const twins = [...all, stage(4999, 7, { detail: 'drill' })].sort((a, b) => Number(a.t_ns - b.t_ns))
    const { reader, asked } = readerOf(twins, [])
    const lines = await textOf({ reader, channel: 'dead-run/stage', from: at(0), to: at(20_000), format: 'csv' })
    expect(lines).toHaveLength(12_003)
    expect(new Set(lines).size).toBe(12_003)
    expect(asked.readings).toBe(5000)
  })

  test('blocks across the edge of two windows are whole and never twice; memory is bounded', async () => {
    const blocks = Array.from({ length: 600 }, (_, i) => stored(shaking(i * 100 + 37, 100)))
    const { reader, asked } = readerOf([], blocks)
    const lines = await textOf({ reader, channel: 'yonago/acceleration/x', from: at(0), to: at(3600), format: 'csv' })
    expect(lines).toHaveLength(1 + 60_000)
    expect(new Set(lines).size).toBe(60_001)
    expect(asked.blocks).toBeLessThanOrEqual(122)
  })

  test('ten years without data are gone through in steps of an hour, and it is said that there is nothing', async () => {
    const { reader } = readerOf([], [])
    let asked = 0
    const notes: string[] = []
    const counting = {
      ...reader,
      blocks: async () => {
        asked++
        return []
      },
    }
    const to = at(3600 * 24 * 3653)
    const o = { reader: counting, channel: 'yonago/acceleration', from: at(0), to, format: 'csv' } as const
    expect(await textOf({ ...o, note: (line) => notes.push(line) })).toHaveLength(1)
    expect(asked).toBeLessThan(24 * 3653 + 10)
    expect(notes).toEqual(['nothing is stored of yonago/acceleration in this span'])
  })

  test('ends at once where nobody asks any more', async () => {
    const { reader } = readerOf(
      Array.from({ length: 9000 }, (_, i) => stage(i, i)),
      [],
    )
    let pages = 0
    const counting = {
      ...reader,
      readings: (...args: Parameters<typeof reader.readings>) => {
        pages++
        return reader.readings(...args)
      },
    }
    const o = {
      reader: counting,
      channel: 'dead-run/stage',
      from: at(0),
      to: at(9000),
      format: 'csv',
      unit: 'm',
    } as const
    for await (const piece of exportSeries(o)) {
      expect(piece.length).toBeGreaterThan(0)
      break
    }
    expect(pages).toBe(1)
  })
})

describe('miniSEED', () => {
  const exported = async (blocks: StoredBlock[], from: Instant, to: Instant, channel = 'yonago/acceleration') => {
    const notes: string[] = []
    const { reader } = readerOf([], blocks)
    const bytes = await bytesOf({ reader, channel, from, to, format: 'miniseed', note: (line) => notes.push(line) })
    const records: SeedRecord[] = []
    for (let i = 0; i < bytes.length; i += records.at(-1)!.bytes) records.push(readRecord('x.mseed', bytes, i))
    return { records, notes, bytes }
  }
  const ofChannel = (records: SeedRecord[], channel: string) => records.filter((r) => r.channel === channel)

  test('the independent reader gives the same counts, rate and starts, axis by axis', async () => {
    const blocks = Array.from({ length: 30 }, (_, i) => stored(shaking(i * 100, 100)))
    const { records, notes } = await exported(blocks, at(0), at(100))
    for (const [place, code] of ['HNX', 'HNY', 'HNZ'].entries()) {
      const own = ofChannel(records, code)
      expect(own.flatMap((r) => [...r.samples])).toEqual(Array.from({ length: 3000 }, (_, c) => sampleAt(place, c)))
      expect(own.map((r) => r.start)).toEqual(own.map((_, k) => at((k * RECORD_SAMPLES) / 100)))
      expect(new Set(own.map((r) => [r.sample_rate_hz, r.network, r.station].join()))).toEqual(
        new Set(['100,XX,YONAG']),
      )
    }
    expect(notes).toContain('one count is 0.00059855 m/s²')
    expect(notes).toContain('XX.YONAG.00.HNX is yonago/acceleration/x')
  })

  test('counts of a converter of 24 bits come through whole', async () => {
    const counts = Int32Array.from({ length: 100 }, (_, i) => (i % 2 === 0 ? 8_388_607 : -8_388_608) + (i % 2 ? i : -i))
    const block = stored(shaking(0, 100, { axes: ['x', 'y', 'z'].map((axis) => ({ axis, samples: counts })) }))
    const { records } = await exported([block], at(0), at(100))
    expect(ofChannel(records, 'HNX').flatMap((r) => [...r.samples])).toEqual([...counts])
  })

  test('a gap, a restart or a step of time begins a new record at its own instant', async () => {
    const gap = stored(shaking(300, 100))
    const step = stored(shaking(400, 100, { t0_ns: at(4.5) }))
    const restart = stored(shaking(0, 100, { boot_id: 8, t0_ns: at(5.5) }))
    const { records } = await exported([stored(shaking(0, 100)), gap, step, restart], at(0), at(100))
    expect(ofChannel(records, 'HNX').map((r) => [r.start, r.samples.length])).toEqual(
      [0, 3, 4.5, 5.5].map((s) => [at(s), 100]),
    )
  })

  test('slewed blocks stay in one record; its next one is right to the microsecond', async () => {
    const slewed = Array.from({ length: 20 }, (_, i) =>
      stored(shaking(i * 100, 100, { t0_ns: instant(at(i) + BigInt(i) * 40_123n) })),
    )
    const { records } = await exported(slewed, at(0), at(100))
    const [first, second] = ofChannel(records, 'HNX')
    expect(first!.samples).toHaveLength(RECORD_SAMPLES)
    const block = slewed[Math.floor(RECORD_SAMPLES / 100)]!
    const truth = sampleInstant(block, RECORD_SAMPLES % 100)
    expect(Math.abs(Number(second!.start - truth))).toBeLessThanOrEqual(500)
  })

  test('the bytes of the header stand where the SEED 2.4 manual has them', async () => {
    const t0 = fromIso('2024-04-02T23:58:09.123456Z')!
    const { bytes } = await exported(
      [stored(shaking(0, 3, { t0_ns: t0 }))],
      t0,
      instant(t0 + 10n ** 9n),
      'yonago/acceleration/z',
    )
    expect(bytes.length).toBe(4096)
    // 2024-093T23:58:09.1235, 3 samples, 100 Hz, three blockettes, data at 128, first blockette at 48.
    expect(bytes.subarray(0, 48).toString('hex')).toBe(
      Buffer.from('000001D YONAG00HNZXX').toString('hex') +
        '07e8005d173a090004d3' +
        '0003' +
        '0064' +
        '0001' +
        '00000003' +
        '00000000' +
        '0080' +
        '0030',
    )
    // 1000: int32, big endian, 2^12 bytes. 1001: -44 µs from the .1235 s. 100: 100 Hz.
    expect(bytes.subarray(48, 76).toString('hex')).toBe(
      '03e8003803010c00' + '03e9004000d40000' + '0064000042c8000000000000',
    )
    expect([0, 1, 2].map((i) => bytes.readInt32BE(128 + 4 * i))).toEqual([0, 1, 2].map((c) => sampleAt(2, c)))
  })

  test('rates, channels and stations are those of the manual', () => {
    expect([200, 62.5, 0.1, 31.25, 44_100].map(rateFields)).toEqual([
      [200, 1],
      [6250, -100],
      [-10, 1],
      [31_250, -1000],
      [32_767, 1],
    ])
    expect(seedChannel(500, 'm/s²', 'up', 0)).toBe('CNZ')
    expect(seedChannel(20, 'rad', 'tilt', 1)).toBe('BA2')
    expect(stationOf('tower-a-roof')).toBe('TOWER')
  })
})
