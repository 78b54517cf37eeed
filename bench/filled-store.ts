/**
 * An embedded store in a folder of its own with readings and blocks that every run makes alike: what the rows `store-size`,
 * `store-query` and `growth-range` measure. Filling and tending stand here, what is asked in the rows.
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
import { EmbeddedWriter, openWriterThread } from '../store/io/embedded-writer.ts'
import type { Tended } from '../store/io/tend-program.ts'

/** On an hour, so that every run makes the same rollups. */
export const T0 = instant(1_699_999_200_000_000_000n)
const BATCH = 2_000
export const [RATE_HZ, AXES] = [200, ['x', 'y', 'z']]

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

export type MakeReading = (channel: string, second: number) => Reading
export const reading: MakeReading = (channel, second) => ({
  channel,
  value: Math.round(2000 + 500 * Math.sin(second / 1000)) / 1000,
  t_ns: addNs(T0, BigInt(second) * NS_PER_S),
  half_width_ns: 1_500_000n,
  flag: 1,
})

/** Small and quick, and the same in every run: what a field bus adds to the period and to the half width [ns]. */
const jitter = (second: number, of: number): number => (Math.imul(second + 1, 2_654_435_761) >>> 0) % of
/** A float32 register, polled with jitter: the value has noise in its last digits, the instant in its nanoseconds. */
export const jitteredReading: MakeReading = (channel, second) => ({
  channel,
  value: Math.fround(2 + Math.sin(second / 1000) / 2 + jitter(second, 1000) / 1e6),
  t_ns: addNs(T0, BigInt(second) * NS_PER_S + BigInt(jitter(second * 3, 1_000_000))),
  half_width_ns: 150_000n + BigInt(jitter(second * 7, 100_000)),
  flag: 1,
})

export class FilledStore {
  readonly folder: string
  readonly #thread: Awaited<ReturnType<typeof openWriterThread>>
  readonly #writer: EmbeddedWriter

  private constructor(folder: string, thread: Awaited<ReturnType<typeof openWriterThread>>) {
    this.folder = folder
    this.#thread = thread
    this.#writer = new EmbeddedWriter(folder, silentLog, thread)
  }

  static async run<T>(work: (store: FilledStore) => Promise<T>): Promise<T> {
    const folder = await mkdtemp(join(tmpdir(), 'plumbline-bench-'))
    const store = new FilledStore(folder, await openWriterThread(folder))
    try {
      return await work(store)
    } finally {
      await store.close()
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

/** Milliseconds of each run; the first, which opens the files, is left out. */
export async function timed(runs: number, ask: () => Promise<readonly unknown[]>): Promise<number[]> {
  const times: number[] = []
  for (let i = 0; i <= runs; i++) {
    const begun = performance.now()
    const answer = await ask()
    times.push(performance.now() - begun)
    if (answer.length === 0) throw new Error('an answer of the benchmark was empty')
  }
  return times.slice(1)
}
