/**
 * Row `outbox`: what the outbox on disk takes with its own group sync, in blocks of one second and in the smallest records.
 * Row `decode`: registers to judged values, as every poll of points does it. Neither needs a socket.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { NS_PER_S } from '../domain/time.ts'
import { decoderOf } from '../edge/decode.ts'
import { OutboxFile } from '../edge/io/outbox-file.ts'
import { loadShippedModels } from '../models/load.ts'
import { SystemClock } from '../runtime/clock.ts'
import { silentLog } from '../runtime/log.ts'
import { median, type Row } from './row.ts'

const RUNS = 5
const [MB_MIN, RECORDS_MIN, POINTS_MIN] = [100, 100_000, 200_000]
/** Metrics of a block of 3 x 200 samples, and of one reading. */
const [BLOCK_BYTES, READING_BYTES] = [1300, 60]
const RUN_BYTES = 64 * 1024 * 1024
const RUN_RECORDS = 200_000
/** Of the naive way, each record synced before the next one. */
const SYNCED_RECORDS = 2_000
/** Records between two turns of the event loop, as in a busy node: syncs end and begin in between. */
const PER_TURN = 50

export const outbox: Row = {
  id: 'outbox',
  what: `blocks of ${BLOCK_BYTES} bytes into the outbox, the last sync awaited; beside it records of ${READING_BYTES} bytes`,
  unit: 'MB/s',
  target: `>= ${MB_MIN} MB/s; >= ${RECORDS_MIN.toLocaleString('en')} records/s`,
  measure: async () => {
    const blocks: number[] = []
    const small: number[] = []
    const synced: number[] = []
    for (let run = 0; run < RUNS; run++) {
      const records = Math.floor(RUN_BYTES / BLOCK_BYTES)
      blocks.push((records * BLOCK_BYTES) / 1e6 / (await fill('blocks', BLOCK_BYTES, records)))
      small.push(RUN_RECORDS / (await fill('readings', READING_BYTES, RUN_RECORDS)))
      synced.push(SYNCED_RECORDS / (await fill('readings', READING_BYTES, SYNCED_RECORDS, true)))
    }
    return {
      runs: blocks,
      holds: (rate) => rate >= MB_MIN && median(small) >= RECORDS_MIN,
      beside: { 'small records/s': median(small), 'each synced by itself, records/s': median(synced) },
    }
  },
}

/** Seconds until `count` records are on stable storage. */
async function fill(stream: 'blocks' | 'readings', bytes: number, count: number, syncEach = false): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'plumbline-bench-'))
  const clock = new SystemClock()
  const roomy = { maxBytes: 4 * RUN_BYTES, maxAge_ns: 3600n * NS_PER_S }
  const limits = { conditions: roomy, readings: roomy, blocks: roomy }
  const boot = new Uint8Array(16)
  const box = await OutboxFile.open({ folder, limits, boot, clock, log: silentLog, onDropped: () => {} })
  try {
    const metrics = new Uint8Array(bytes).map((_, i) => i)
    const kind = stream === 'blocks' ? 'block' : 'readings'
    const begun = performance.now()
    for (let i = 0; i < count; i++) {
      box.append(stream, { kind, device: 'd-1', metrics, mono_ns: clock.monotonic(), utc_ns: clock.now() })
      if (syncEach) await box.sync()
      else if (i % PER_TURN === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    await box.sync()
    const { appended } = box.stats(stream)
    if (appended !== count) throw new Error(`${count - appended} of ${count} records were not written`)
    return (performance.now() - begun) / 1000
  } finally {
    await box.close()
    await rm(folder, { recursive: true })
  }
}

const ROUNDS = 200_000

export const decode: Row = {
  id: 'decode',
  what: 'ten float32 values of a poll through decoding, scaling and judging by range',
  unit: 'points/s',
  target: `>= ${POINTS_MIN.toLocaleString('en')} points/s`,
  measure: async () => {
    const { points = [] } = (await loadShippedModels()).get('sim-logger-10')!
    const decoders = points.map(decoderOf)
    const registers = Uint16Array.from({ length: 2 * points.length }, (_, i) => (i % 2 === 0 ? 0x3f80 : 0x1000))
    const at = (address: number) => registers[address]!
    let good = 0
    const once = () => {
      const begun = performance.now()
      for (let round = 0; round < ROUNDS; round++) {
        registers[1] = round & 0xffff
        for (const each of decoders) if (each(at).flag === 1) good++
      }
      return (ROUNDS * decoders.length) / ((performance.now() - begun) / 1000)
    }
    // The first run compiles.
    once()
    good = 0
    const runs = Array.from({ length: RUNS }, once)
    if (good === 0) throw new Error('not one value was good')
    return { runs, holds: (rate) => rate >= POINTS_MIN }
  },
}
