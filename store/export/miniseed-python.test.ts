/** miniSEED as another program reads it: Python with nothing but its own library, after the manual and not after our code. */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { SeriesReader, StoredBlock } from '../../domain/ports.ts'
import { sampleInstant } from '../../domain/reading.ts'
import { exportSeries } from '../export.ts'
import { at, sampleAt, shaking } from '../records.fixture.ts'

const READER = join(import.meta.dirname, 'read-miniseed.py')

function pythonMissing(): string | undefined {
  try {
    execFileSync('python3', ['--version'], { stdio: 'ignore' })
    return undefined
  } catch {
    const why = 'no python3 on this machine'
    if (process.env['PLUMBLINE_REQUIRE_REAL'] === '1') throw new Error(why)
    return why
  }
}
const missing = pythonMissing()

type Record = {
  readonly sequence: number
  readonly id: string
  readonly start_ns: string
  readonly rate_hz: number
  readonly actual_hz: number
  readonly samples: readonly number[]
}

async function readBack(blocks: readonly StoredBlock[]): Promise<Record[]> {
  const reader: Pick<SeriesReader, 'readings' | 'blocks'> = {
    readings: async () => [],
    blocks: async (_, __, from, to) => blocks.filter((b) => b.t0_ns >= from && b.t0_ns < to),
  }
  const pieces: Uint8Array[] = []
  const wanted = { channel: 'yonago/acceleration', from: at(0), to: at(3600), format: 'miniseed', unit: '' } as const
  for await (const piece of exportSeries({ reader, ...wanted })) pieces.push(piece)
  const out = execFileSync('python3', [READER], { input: Buffer.concat(pieces), maxBuffer: 256 * 1024 * 1024 })
  return out
    .toString('utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record)
}

const stored = (...args: Parameters<typeof shaking>): StoredBlock => ({ ...shaking(...args), exercise: false })
const of = (records: readonly Record[], id: string) => records.filter((one) => one.id === id)

test.skipIf(missing !== undefined)(
  `every axis: start, rate, count and each sample${missing === undefined ? '' : ` (skipped: ${missing})`}`,
  async () => {
    const blocks = Array.from({ length: 40 }, (_, i) => stored(i * 100, 100))
    const records = await readBack(blocks)
    expect(new Set(records.map(({ id }) => id))).toEqual(
      new Set(['XX.YONAG.00.HNX', 'XX.YONAG.00.HNY', 'XX.YONAG.00.HNZ']),
    )
    for (const [axis, letter] of ['X', 'Y', 'Z'].entries()) {
      const own = of(records, `XX.YONAG.00.HN${letter}`)
      expect(own.flatMap(({ samples }) => samples)).toEqual(Array.from({ length: 4000 }, (_, i) => sampleAt(axis, i)))
      let counter = 0
      for (const { start_ns, rate_hz, actual_hz, samples } of own) {
        expect([BigInt(start_ns), rate_hz, actual_hz]).toEqual([sampleInstant(shaking(0, 1), counter), 100, 100])
        counter += samples.length
      }
      expect(own.map(({ sequence }) => sequence)).toEqual(own.map((_, i) => own[0]!.sequence + i))
    }
  },
)

test.skipIf(missing !== undefined)('a gap, a microsecond, a broken rate and 24 bits are what they are', async () => {
  const wide = Int32Array.from({ length: 125 }, (_, i) => (i % 2 === 0 ? 8_388_607 - i : -8_388_608 + i))
  const [first, later] = [at(1.000_123), at(7.999_951)]
  const more = { sample_rate_hz: 62.5, axes: [{ axis: 'z', samples: wide }] }
  const records = await readBack([
    stored(0, 125, { ...more, t0_ns: first }),
    stored(437, 125, { ...more, t0_ns: later }),
  ])
  expect(records.map(({ id, start_ns, rate_hz, actual_hz }) => [id, BigInt(start_ns), rate_hz, actual_hz])).toEqual([
    ['XX.YONAG.00.BNZ', first, 62.5, 62.5],
    ['XX.YONAG.00.BNZ', later, 62.5, 62.5],
  ])
  for (const { samples } of records) expect(samples).toEqual([...wide])
})
