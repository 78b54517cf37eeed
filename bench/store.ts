/**
 * Rows `store-size` and `store-query`: what the embedded store needs on disk, and how fast it answers through its reader's
 * thread, as the desk asks it.
 */
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Block, Reading } from '../domain/reading.ts'
import type { DeviceRecord } from '../domain/record.ts'
import { SERIES_FILE } from '../domain/series.ts'
import { addNs, instant, NS_PER_S } from '../domain/time.ts'
import { silentLog } from '../runtime/log.ts'
import { openSeriesReader } from '../store/embedded.ts'
import { EmbeddedWriter, openWriterThread } from '../store/io/embedded-writer.ts'
import type { Tended } from '../store/io/tend-program.ts'
import { median, type Row } from './row.ts'

/** On an hour, so that every run makes the same rollups. */
const T0 = instant(1_699_999_200_000_000_000n)
const BATCH = 2_000
const RUNS = 21
const DAY_S = 86_400
const [DEVICES, RATE_HZ, AXES] = [20, 200, ['x', 'y', 'z']]

let offset = 0
const record = (readings: readonly Reading[], blocks: readonly Block[]): DeviceRecord => ({
  identity: { node: 'n1', outbox: 'bench', stream: blocks.length > 0 ? 'blocks' : 'readings', offset: ++offset },
  device: 'bench',
  exercise: false,
  historical: false,
  readings,
  blocks,
  gaps: [],
})

const block = (d: number, second: number): Block => ({
  device: `a${d}`,
  group: 'acceleration',
  boot_id: 1,
  first_counter: second * RATE_HZ,
  t0_ns: addNs(T0, BigInt(second) * NS_PER_S),
  half_width_ns: 0n,
  sample_rate_hz: RATE_HZ,
  scale: 0.0006,
  unit: 'm/s²',
  axes: AXES.map((axis, a) => ({
    axis,
    samples: Int16Array.from({ length: RATE_HZ }, (_, i) => ((second * 31 + i * 17 + a) * (d + 7)) & 0x3ff),
  })),
})

const reading = (channel: string, second: number): Reading => ({
  channel,
  value: Math.round(2000 + 500 * Math.sin(second / 1000)) / 1000,
  t_ns: addNs(T0, BigInt(second) * NS_PER_S),
  half_width_ns: 1_500_000n,
  flag: 1,
})

class Bench {
  readonly folder: string
  readonly #thread: Awaited<ReturnType<typeof openWriterThread>>
  readonly #writer: EmbeddedWriter

  private constructor(folder: string, thread: Awaited<ReturnType<typeof openWriterThread>>) {
    this.folder = folder
    this.#thread = thread
    this.#writer = new EmbeddedWriter(folder, silentLog, thread)
  }

  static async run<T>(work: (bench: Bench) => Promise<T>): Promise<T> {
    const folder = await mkdtemp(join(tmpdir(), 'plumbline-bench-'))
    const bench = new Bench(folder, await openWriterThread(folder))
    try {
      return await work(bench)
    } finally {
      await bench.close()
      await rm(folder, { recursive: true, force: true })
    }
  }

  async blocks(devices: number, seconds: number): Promise<void> {
    for (let s = 0; s < seconds; s += 50)
      for (let d = 0; d < devices; d++)
        await this.#writer.append([
          record(
            [],
            Array.from({ length: 50 }, (_, i) => block(d, s + i)),
          ),
        ])
  }

  async readings(channels: number, seconds: number): Promise<void> {
    const names = Array.from({ length: channels }, (_, c) => `gauge-${c}/stage`)
    for (let batch: Reading[] = [], s = 0; s <= seconds; s++) {
      if (s === seconds || batch.length >= BATCH) {
        await this.#writer.append([record(batch, [])])
        batch = []
      }
      if (s < seconds) for (const name of names) batch.push(reading(name, s))
    }
  }

  async rollUp(): Promise<void> {
    let { left } = await this.#thread.call<Tended>('tend', { rounds: 0 })
    while (left > 0) left = (await this.#thread.call<Tended>('tend', {})).left
  }

  close(): Promise<void> {
    return this.#writer.close()
  }

  /** After `close`: the write-ahead log is in the file then. */
  async bytes(): Promise<number> {
    return (await stat(join(this.folder, SERIES_FILE.real))).size
  }
}

const sizeOf = (fill: (bench: Bench) => Promise<number>): Promise<number> =>
  Bench.run(async (bench) => {
    const samples = await fill(bench)
    await bench.close()
    return (await bench.bytes()) / samples
  })

const SECONDS = 600
const SAMPLES = DEVICES * SECONDS * RATE_HZ * AXES.length

export const storeSize: Row = {
  id: 'store-size',
  what: `bytes on disk per sample: int16 blocks of ${DEVICES} three-axis ${RATE_HZ} Hz devices, bare and with rollups; 1 Hz scalars as rows`,
  unit: 'B/sample',
  target: '<= 2.5 blocks, <= 3.0 with rollups',
  measure: async () => {
    const bare = await sizeOf(async (bench) => {
      await bench.blocks(DEVICES, SECONDS)
      return SAMPLES
    })
    const rolled = await sizeOf(async (bench) => {
      await bench.blocks(DEVICES, SECONDS)
      await bench.rollUp()
      return SAMPLES
    })
    const scalars = await sizeOf(async (bench) => {
      await bench.readings(50, 7200)
      await bench.rollUp()
      return 50 * 7200
    })
    return {
      runs: [bare],
      holds: (size) => size <= 2.5 && rolled <= 3,
      beside: { 'with rollups': rolled, 'scalars with rollups, not sealed': scalars },
    }
  },
}

export const storeQuery: Row = {
  id: 'store-query',
  what: 'latest of 1,000 channels; beside it 24 h of 1 Hz to 1,000 columns, and 60 s of raw three-axis 200 Hz',
  unit: 'ms',
  target: '<= 5, <= 60, <= 5 ms',
  measure: () =>
    Bench.run(async (bench) => {
      await bench.readings(1, DAY_S)
      await bench.readings(1000, 300)
      await bench.blocks(2, 600)
      await bench.rollUp()
      const reader = openSeriesReader(bench.folder, silentLog)
      const [day, minute] = [BigInt(DAY_S), 60n].map((s) => addNs(T0, s * NS_PER_S)) as [typeof T0, typeof T0]
      const latest = await timed(() => reader.latest())
      const columns = await timed(() => reader.series('gauge-0/stage', T0, day, 1000))
      const raw = await timed(() => reader.blocks('a1', 'acceleration', T0, minute))
      const year = await timed(() => reader.series('gauge-0/stage', T0, day, 24))
      await reader.close()
      return {
        runs: latest,
        holds: (ms) => ms <= 5 && median(columns) <= 60 && median(raw) <= 5,
        beside: {
          '24 h to 1,000 columns': median(columns),
          '60 s raw': median(raw),
          '24 h to 24 columns, from rollups': median(year),
        },
      }
    }),
}

/** Milliseconds of each run; the first, which opens the files, is left out. */
async function timed(ask: () => Promise<readonly unknown[]>): Promise<number[]> {
  const times: number[] = []
  for (let i = 0; i <= RUNS; i++) {
    const begun = performance.now()
    const answer = await ask()
    times.push(performance.now() - begun)
    if (answer.length === 0) throw new Error('an answer of the benchmark was empty')
  }
  return times.slice(1)
}
