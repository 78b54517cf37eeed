/**
 * Rows `store-size` and `store-query`: what the embedded store needs on disk, and how fast it answers through its reader's
 * thread, as the desk asks it.
 */
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
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

type MakeReading = (channel: string, second: number) => Reading
const reading: MakeReading = (channel, second) => ({
  channel,
  value: Math.round(2000 + 500 * Math.sin(second / 1000)) / 1000,
  t_ns: addNs(T0, BigInt(second) * NS_PER_S),
  half_width_ns: 1_500_000n,
  flag: 1,
})

/** Small and quick, and the same in every run: what a field bus adds to the period and to the half width [ns]. */
const jitter = (second: number, of: number): number => (Math.imul(second + 1, 2_654_435_761) >>> 0) % of
/** A float32 register, polled with jitter: the value has noise in its last digits, the instant in its nanoseconds. */
const jitteredReading: MakeReading = (channel, second) => ({
  channel,
  value: Math.fround(2 + Math.sin(second / 1000) / 2 + jitter(second, 1000) / 1e6),
  t_ns: addNs(T0, BigInt(second) * NS_PER_S + BigInt(jitter(second * 3, 1_000_000))),
  half_width_ns: 150_000n + BigInt(jitter(second * 7, 100_000)),
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

  async readings(channels: number, seconds: number, from = 0, make: MakeReading = reading): Promise<void> {
    const names = Array.from({ length: channels }, (_, c) => `gauge-${c}/stage`)
    for (let batch: Reading[] = [], s = 0; s <= seconds; s++) {
      if (s === seconds || batch.length >= BATCH) {
        await this.#writer.append([record(batch, [])])
        batch = []
      }
      if (s < seconds) for (const name of names) batch.push(make(name, from + s))
    }
  }

  async rollUp(): Promise<void> {
    let { left } = await this.#thread.call<Tended>('tend', { rounds: 0 })
    while (left > 0) left = (await this.#thread.call<Tended>('tend', {})).left
  }

  /** As the background does it, without its pauses. */
  async seal(): Promise<void> {
    for (let done = 1; done > 0; ) {
      let tended = await this.#thread.call<Tended>('tend', { rounds: 0, seal: true })
      for (done = tended.done; tended.left > 0; done += tended.done)
        tended = await this.#thread.call<Tended>('tend', {})
    }
  }

  close(): Promise<void> {
    return this.#writer.close()
  }

  /** After `close`: the write-ahead log is in the file then. Room that the next rows will use again is told apart. */
  async bytes(): Promise<{ readonly used: number; readonly file: number }> {
    const path = join(this.folder, SERIES_FILE.real)
    const db = new DatabaseSync(path, { readOnly: true })
    const pragma = (name: string): number => Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0] as number
    const used = (pragma('page_count') - pragma('freelist_count')) * pragma('page_size')
    db.close()
    return { used, file: (await stat(path)).size }
  }
}

const sizesOf = (fill: (bench: Bench) => Promise<number>): Promise<{ readonly used: number; readonly file: number }> =>
  Bench.run(async (bench) => {
    const samples = await fill(bench)
    await bench.close()
    const { used, file } = await bench.bytes()
    return { used: used / samples, file: file / samples }
  })
const sizeOf = async (fill: (bench: Bench) => Promise<number>): Promise<number> => (await sizesOf(fill)).file

/**
 * Scalars as they come, sealed hour by hour. Of the last hour, which stays open, nothing is counted: the difference of two
 * lengths is what each further hour needs, rollups included.
 */
async function sealedSize(reading: MakeReading): Promise<{ readonly used: number; readonly file: number }> {
  const after = (hours: number) =>
    sizesOf(async (bench) => {
      for (let hour = 0; hour < hours; hour++) {
        await bench.readings(SCALARS, 3600, hour * 3600, reading)
        await bench.seal()
      }
      return 1
    })
  const [short, long] = [await after(3), await after(9)]
  const samples = SCALARS * 6 * 3600
  return { used: (long.used - short.used) / samples, file: long.file / (SCALARS * 9 * 3600) }
}

const SECONDS = 600
const SCALARS = 20
const SAMPLES = DEVICES * SECONDS * RATE_HZ * AXES.length

export const storeSize: Row = {
  id: 'store-size',
  what: `bytes on disk per sample: int16 blocks of ${DEVICES} three-axis ${RATE_HZ} Hz devices, bare and with rollups; 1 Hz scalars of millimetres, sealed, with their rollups`,
  unit: 'B/sample',
  target: '<= 2.5 blocks, <= 3.0 with rollups, <= 6 sealed scalars',
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
    const scalars = await sealedSize(reading)
    const jittered = await sealedSize(jitteredReading)
    return {
      runs: [bare],
      holds: (size) => size <= 2.5 && rolled <= 3 && scalars.used <= 6,
      beside: {
        'with rollups': rolled,
        'sealed scalars': scalars.used,
        'sealed float32 scalars, jitter to the ns': jittered.used,
        'whole file after 9 h of scalars, open hour and free room included': scalars.file,
      },
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
      await bench.seal()
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
