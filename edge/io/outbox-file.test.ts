import { execFileSync } from 'node:child_process'
import { appendFile, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Log } from '../../domain/ports.ts'
import type { Gap } from '../../domain/reading.ts'
import { OWNER, type Stream } from '../../domain/record.ts'
import { encodePayload } from '../../domain/sparkplug/codec.ts'
import { instantFromMs, NS_PER_S } from '../../domain/time.ts'
import { bodyMetrics, emptyBody } from '../../domain/wire/record.ts'
import { SimulatedClock } from '../../runtime/clock.ts'
import { silentLog } from '../../runtime/log.ts'
import { START } from '../outbox.ts'
import { block, reading } from '../testing-site.ts'
import { OutboxFile, type OutboxOptions } from './outbox-file.ts'

const MIB = 1024 * 1024
const roomy = { maxBytes: 64 * MIB, maxAge_ns: 365n * 24n * 3600n * NS_PER_S }
const WALL = instantFromMs(Date.UTC(2026, 0, 1))

let folder: string
let clock: SimulatedClock
const opened: OutboxFile[] = []
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'outbox-'))
  clock = new SimulatedClock(WALL)
})
afterEach(async () => {
  for (const outbox of opened.splice(0)) await outbox.close().catch(() => {})
  await rm(folder, { recursive: true, force: true })
})

/** Each call is a new run of the process on the same folder; the one before may simply be left, as a kill leaves it. */
async function start(options: Partial<OutboxOptions> = {}): Promise<OutboxFile> {
  const limits = { conditions: roomy, readings: roomy, blocks: roomy }
  const boot = new Uint8Array(16)
  const outbox = await OutboxFile.open({ folder, limits, boot, clock, log: silentLog, onDropped: () => {}, ...options })
  opened.push(outbox)
  return outbox
}

const metricsOf = (value: number) =>
  encodePayload({ metrics: bodyMetrics('dead-run', { ...emptyBody, readings: [reading(value * 1000, value)] }) })
const append = (outbox: OutboxFile, value: number, stream: Stream = 'readings', metrics = metricsOf(value)) =>
  outbox.append(stream, {
    kind: 'readings',
    device: 'dead-run',
    metrics,
    mono_ns: clock.monotonic(),
    utc_ns: clock.now(),
  })
const fill = (outbox: OutboxFile, count: number, stream: Stream = 'readings') =>
  Array.from({ length: count }, (_, i) => append(outbox, i + 1, stream).offset!)

async function offsetsIn(outbox: OutboxFile, stream: Stream = 'readings'): Promise<number[]> {
  const all: number[] = []
  let from = START
  for (;;) {
    const { stored, next } = await outbox.read(stream, from, 4096)
    if (stored.length === 0) return all
    all.push(...stored.map((s) => s.record.offset))
    from = next
  }
}
const segments = async (stream: Stream = 'readings') =>
  (await readdir(join(folder, stream))).filter((name) => name.endsWith('.seg')).sort()
const commit = (outbox: OutboxFile, stream: Stream, ranges: Array<[number, number]>) =>
  outbox.commit({ owner: OWNER[stream], outbox: outbox.id, stream, ranges })
const counting = () => {
  const lines: string[] = []
  const log: Log = {
    info: (m) => void lines.push(`info ${m}`),
    warn: (m) => void lines.push(`warn ${m}`),
    error: (m) => void lines.push(`error ${m}`),
    child: () => log,
  }
  return { log, lines }
}

describe('what was appended', () => {
  test('is read again in order, with everything it said', async () => {
    const outbox = await start()
    append(outbox, 1)
    clock.stepWall(5n * NS_PER_S)
    append(outbox, 2)
    const { stored } = await outbox.read('readings', START, 4096)
    expect(stored.map((s) => s.record.offset)).toEqual([1, 2])
    expect(stored[1]!.record).toMatchObject({ kind: 'readings', device: 'dead-run', utc_ns: WALL + 5n * NS_PER_S })
    expect(Buffer.from(stored[1]!.record.metrics)).toEqual(Buffer.from(metricsOf(2)))
  })

  test('is there after a kill without a close, under the same id', async () => {
    const first = await start()
    fill(first, 20)
    const second = await start()
    expect(second.id).toBe(first.id)
    expect(await offsetsIn(second)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1))
    expect(append(second, 1).offset).toBe(4097)
  })

  test('is on stable storage at the latest after half a second', async () => {
    const outbox = await start()
    append(outbox, 1)
    await clock.advance(600_000_000n)
    // Nothing is left to sync: the next sync has nothing to do and the descriptor may be closed at once.
    await expect(outbox.sync()).resolves.toBeUndefined()
    expect(outbox.stats('readings')).toMatchObject({ appended: 1, unrecorded: 0 })
  })

  test('lies in segments that hold their own share, and are read across', async () => {
    const outbox = await start({
      limits: { conditions: roomy, blocks: roomy, readings: { ...roomy, maxBytes: 64 * 1024 } },
    })
    fill(outbox, 300)
    expect((await segments()).length).toBeGreaterThan(3)
    expect((await segments())[0]).toBe('0000000000000001.seg')
    expect(await offsetsIn(outbox)).toHaveLength(300)
  })
})

describe('a torn tail', () => {
  test('cut at any byte leaves every whole record and not a byte more', async () => {
    const outbox = await start()
    const { place } = append(outbox, 0)
    fill(outbox, 30)
    await outbox.close()
    const [name] = await segments()
    const path = join(folder, 'readings', name!)
    const whole = await readFile(path)
    const size = place!.bytes
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: whole.length - 1 }),
        fc.uint8Array({ maxLength: 40 }),
        async (kept, junk) => {
          await rm(join(folder, 'readings'), { recursive: true })
          await mkdir(join(folder, 'readings'))
          await writeFile(path, Buffer.concat([whole.subarray(0, kept), junk]))
          const again = await start()
          const found = await offsetsIn(again)
          // The last record is shorter or longer by a varint; sizes differ, so count by what the prefix holds.
          const ends = scanEnds(whole)
          const expected = ends.filter((end) => end <= kept).length
          expect(found.length).toBeGreaterThanOrEqual(expected)
          expect(found.slice(0, expected)).toEqual(Array.from({ length: expected }, (_, i) => i + 1))
          expect(found.length).toBeLessThanOrEqual(expected + 1)
          const left = await stat(path).then(
            (s) => s.size,
            () => 0,
          )
          expect([0, ...ends]).toContain(left)
          expect(again.stats('readings').torn_bytes).toBe(kept + junk.length - left)
          expect(append(again, 1).offset).toBeGreaterThan(31)
          await again.close()
        },
      ),
      { numRuns: 60 },
    )
    expect(size).toBeGreaterThan(50)
  })

  test('is logged once and counted', async () => {
    fill(await start(), 3)
    const { log, lines } = counting()
    await appendFile(join(folder, 'readings', (await segments())[0]!), new Uint8Array(17))
    const outbox = await start({ log })
    expect(outbox.stats('readings').torn_bytes).toBe(17)
    expect(lines).toEqual(['warn outbox: torn tail cut'])
  })
})

/** Byte after each record of a segment, by its length fields. */
function scanEnds(bytes: Buffer): number[] {
  const ends: number[] = []
  for (let at = 0; at < bytes.length; at = ends.at(-1)!) ends.push(at + bytes.readUInt32BE(at))
  return ends
}

describe('a bad record in an older segment', () => {
  test('stops that segment there, keeps its bytes aside, counts it, and leaves the others', async () => {
    const limits = { conditions: roomy, blocks: roomy, readings: { ...roomy, maxBytes: 64 * 1024 } }
    const outbox = await start({ limits })
    fill(outbox, 200)
    const [first, second] = await segments()
    const path = join(folder, 'readings', first!)
    const bytes = await readFile(path)
    const ends = scanEnds(bytes)
    bytes[ends[4]! + 60] = bytes[ends[4]! + 60]! ^ 0xff
    await writeFile(path, bytes)
    const found = await offsetsIn(outbox)
    expect(found.slice(0, 6)).toEqual([1, 2, 3, 4, 5, Number.parseInt(second!, 10)])
    expect(outbox.stats('readings').corrupt).toBe(1)
    expect((await stat(`${path}.corrupt`)).size).toBe(bytes.length - ends[4]!)
  })
})

describe('offsets', () => {
  test('are never used twice, whatever 1,000 crashes take', async () => {
    const used = new Set<number>()
    let seed = 12345
    const random = (n: number) => {
      seed = (seed * 1103515245 + 12345) % 2 ** 31
      return Math.floor(seed / 65_536) % n
    }
    let highest = 0
    for (let cycle = 0; cycle < 1000; cycle++) {
      const outbox = await start()
      for (let i = random(4); i > 0; i--) {
        const { offset } = append(outbox, i)
        expect(used.has(offset!)).toBe(false)
        expect(offset).toBeGreaterThan(highest)
        highest = offset!
        used.add(offset!)
      }
      // Power loss takes an unsynced tail, sometimes all of it; sometimes everything was committed before.
      if (random(3) === 0) await cutTail(random(300))
      if (random(5) === 0) {
        commit(outbox, 'readings', [[1, highest]])
        await outbox.maintain()
      }
      opened.pop()
      if (random(2) === 0) await outbox.close()
    }
    expect(used.size).toBeGreaterThan(1000)
  }, 60_000)

  test('go on far above the last known where their file is lost', async () => {
    const outbox = await start()
    fill(outbox, 10)
    await outbox.close()
    await writeFile(join(folder, 'offsets.json'), 'torn')
    const { log, lines } = counting()
    expect(append(await start({ log }), 1).offset).toBeGreaterThan(1_000_000_000)
    expect(lines.some((line) => line.startsWith('error outbox: offsets.json is lost'))).toBe(true)
  })

  test('belong to a new outbox where the folder was wiped', async () => {
    const first = await start()
    fill(first, 3)
    await first.close()
    await rm(folder, { recursive: true })
    const second = await start()
    expect(second.id).not.toBe(first.id)
    expect(append(second, 1).offset).toBe(1)
  })

  test('are not guessed where records have lost their outbox', async () => {
    fill(await start(), 3)
    await rm(join(folder, 'outbox.json'))
    await expect(start()).rejects.toMatchObject({ code: 'DATA_CORRUPT' })
  })
})

async function cutTail(bytes: number): Promise<void> {
  const last = (await segments()).at(-1)
  if (last === undefined) return
  const path = join(folder, 'readings', last)
  await truncate(path, Math.max(0, (await stat(path)).size - bytes))
}

describe('acknowledgements', () => {
  test('delete a segment when all of it is committed, and not before', async () => {
    const outbox = await start({
      limits: { conditions: roomy, blocks: roomy, readings: { ...roomy, maxBytes: 64 * 1024 } },
    })
    fill(outbox, 200)
    const all = await segments()
    const second = Number.parseInt(all[1]!, 10)
    commit(outbox, 'readings', [[1, second - 2]])
    await outbox.maintain()
    expect(await segments()).toEqual(all)
    commit(outbox, 'readings', [[second - 1, second - 1]])
    await outbox.maintain()
    expect(await segments()).toEqual(all.slice(1))
    expect(outbox.stats('readings')).toMatchObject({ committed: second - 1, backlog_records: 201 - second })
  })

  test('of another outbox or of offsets never given out trim nothing', async () => {
    const outbox = await start()
    fill(outbox, 5)
    const foreign = { owner: 'ingest', outbox: 'another', stream: 'readings', ranges: [[1, 5]] } as const
    expect(outbox.commit(foreign)).toBe(false)
    expect(commit(outbox, 'blocks', [[1, 5]])).toBe(false)
    expect(commit(outbox, 'readings', [[6, 9_000_000]])).toBe(false)
    expect(outbox.committed('readings')).toEqual([])
    commit(outbox, 'readings', [[4, 9_000_000]])
    expect(outbox.committed('readings')).toEqual([[4, 5]])
    expect(append(outbox, 6).offset).toBe(6)
    expect(outbox.isCommitted('readings', 6)).toBe(false)
  })

  test('survive a restart, and losing them only brings the records back', async () => {
    const first = await start()
    fill(first, 5)
    commit(first, 'readings', [[2, 3]])
    await first.maintain()
    const second = await start()
    expect([1, 2, 3, 4].map((o) => second.isCommitted('readings', o))).toEqual([false, true, true, false])
    await writeFile(join(folder, 'committed.json'), '{"readings": "?"}')
    const third = await start()
    expect(third.isCommitted('readings', 2)).toBe(false)
    expect(await offsetsIn(third)).toEqual([1, 2, 3, 4, 5])
  })

  test('of an earlier run free the segments of that run', async () => {
    fill(await start(), 5)
    const outbox = await start()
    commit(outbox, 'readings', [[1, 5]])
    await outbox.maintain()
    expect(await segments()).toEqual([])
    // One range stands for the records and for the hole behind them.
    expect(outbox.committed('readings')).toEqual([[1, 4096]])
  })
})

describe('limits', () => {
  test('by bytes drop the oldest segments; one gap per channel says how many are missing', async () => {
    const dropped = new Map<string, readonly Gap[]>()
    const { log, lines } = counting()
    const outbox = await start({
      log,
      limits: { conditions: roomy, blocks: roomy, readings: { ...roomy, maxBytes: 32 * 1024 } },
      onDropped: (_, gaps) => {
        for (const [device, all] of gaps) dropped.set(device, all)
      },
    })
    fill(outbox, 400)
    await outbox.maintain()
    const { disk_bytes, dropped: count } = outbox.stats('readings')
    expect(disk_bytes).toBeLessThanOrEqual(32 * 1024)
    const left = await offsetsIn(outbox)
    expect(count).toBe(left[0]! - 1)
    expect(dropped.get('dead-run')).toEqual([
      {
        channels: ['dead-run/stage'],
        from_ns: instantFromMs(1000),
        to_ns: instantFromMs(count * 1000),
        expected: count,
        missing: count,
        reason: 'outbox-limit',
      },
    ])
    expect(lines).toEqual(['error outbox: limit reached, the oldest records are dropped'])
  })

  test('by age drop what is too old, also from an earlier run; committed records are no loss', async () => {
    const limits = { conditions: roomy, blocks: roomy, readings: { ...roomy, maxAge_ns: 3600n * NS_PER_S } }
    const first = await start({ limits })
    fill(first, 10)
    commit(first, 'readings', [[1, 4]])
    await first.close()
    clock.stepWall(3601n * NS_PER_S)
    const gaps: Gap[] = []
    const outbox = await start({ limits, onDropped: (_, all) => gaps.push(...[...all.values()].flat()) })
    append(outbox, 50)
    await outbox.maintain()
    expect(await offsetsIn(outbox)).toEqual([4097])
    expect(gaps.map((g) => g.missing)).toEqual([6])
  })

  test('of blocks count samples per axis', async () => {
    const gaps: Gap[] = []
    const outbox = await start({
      limits: { conditions: roomy, readings: roomy, blocks: { ...roomy, maxAge_ns: NS_PER_S } },
      onDropped: (_, all) => gaps.push(...[...all.values()].flat()),
    })
    for (let n = 0; n < 3; n++) {
      const metrics = encodePayload({ metrics: bodyMetrics('roof', { ...emptyBody, blocks: [block(n)] }) })
      outbox.append('blocks', {
        kind: 'block',
        device: 'roof',
        metrics,
        mono_ns: clock.monotonic(),
        utc_ns: clock.now(),
      })
    }
    clock.stepWall(2n * NS_PER_S)
    await outbox.maintain()
    expect(gaps).toEqual([
      {
        channels: ['roof/acceleration/x', 'roof/acceleration/y', 'roof/acceleration/z'],
        from_ns: instantFromMs(0),
        to_ns: instantFromMs(3000),
        expected: 300,
        missing: 300,
        reason: 'outbox-limit',
      },
    ])
  })
})

describe('a disk that cannot be written', () => {
  test('stops nothing: told once, counted, and recording goes on when it can', async () => {
    const { log, lines } = counting()
    const outbox = await start({ log })
    await rename(join(folder, 'readings'), join(folder, 'away'))
    expect(append(outbox, 1)).toEqual({ offset: 1 })
    expect(append(outbox, 2)).toEqual({ offset: 2 })
    await rename(join(folder, 'away'), join(folder, 'readings'))
    expect(append(outbox, 3).place).toBeDefined()
    // It counts as writable when nothing has failed for a while: on a full disk a small record still fits now and then.
    expect(lines).toHaveLength(1)
    await clock.advance(60n * NS_PER_S)
    expect(append(outbox, 4).place).toBeDefined()
    expect(outbox.stats('readings')).toMatchObject({ unrecorded: 2, appended: 2 })
    expect(await offsetsIn(outbox)).toEqual([3, 4])
    expect(lines).toEqual([
      'error outbox: cannot be written; measuring and sending go on, but are not recorded',
      'info outbox: recording again',
    ])
  })

  const canMount = (() => {
    try {
      execFileSync('unshare', ['-m', 'true'], { stdio: 'ignore' })
      return process.platform === 'linux' && process.getuid?.() === 0
    } catch {
      return false
    }
  })()
  test.skipIf(!canMount)('that is full leaves no half record, and a segment without holes', async () => {
    const full = join(folder, 'full')
    await mkdir(full)
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=128k', 'tmpfs', full])
    try {
      const outbox = await start({ folder: full })
      const offsets = fill(outbox, 1500)
      expect(offsets).toHaveLength(1500)
      const { appended, unrecorded } = outbox.stats('readings')
      expect(unrecorded).toBeGreaterThan(0)
      const inBox = await offsetsIn(outbox)
      expect(inBox).toEqual(Array.from({ length: appended }, (_, i) => i + 1))
      commit(outbox, 'readings', [[1, appended]])
      await outbox.maintain()
      expect(append(outbox, 1).place).toBeDefined()
      expect(await offsetsIn(outbox)).toEqual([1501])
      await outbox.close()
    } finally {
      execFileSync('umount', ['-l', full])
    }
  })
})
