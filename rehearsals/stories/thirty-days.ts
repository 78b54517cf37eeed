/**
 * Thirty days of the whole line in one process: a tide that goes through its level at every flood, each alarm answered within
 * hours, series kept for two days. Every six hours the process is looked at: what it holds in memory after collecting garbage,
 * its open files, what lies on disk. Afterwards the ledger is compared with the journal. Nothing of it may grow with the days.
 */
import { readdirSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { deskFolder, ingestFolder } from '../../domain/data-folder.ts'
import { bytesIn } from '../bytes-in.ts'
import { courseInWords, courseOf, isFlat } from '../flat.ts'
import { SMALL_OUTBOX, SMALL_OUTBOX_KB_MAX } from '../small-outbox.ts'
import { delays_s, inWords, isExact, reckon, spansAbove } from './ledger.ts'
import type { Row } from './row.ts'
import { SimulatedLine } from './simulated-line.ts'
import { gaugeOf, riverSite } from './waters.ts'

const BEGUN = new Date('2026-07-01T00:00:00Z')
const LIMIT = { limit: 2, deadband: 0.1 } as const
const POLL_S = 60
const DAY_S = 86_400
/** Four a day, and twelve at least. */
const looksIn = (days: number): number => Math.max(12, 4 * days)
/** Series are kept for so much of the whole [days of 30], so that the disk is full of them soon. */
const KEPT = 2 / 30
/** 32 MiB of pages and one transaction for each of the two files. */
const LOG_KB_MAX = 2 * 36_000
/** What is noise of a garbage-collected process and of files that grow by pages. */
const NOISE = { memory: 0.05, memory_MB: 2, handles: 2, store: 0.1, store_kB: 500, journal_kB: 50 }

/** Tides of 12.42 h (M2), one higher than the next by the sun's share (S2, 12 h): a rise each flood, of every length. */
export const tides = (at_s: number): number =>
  1.6 + 0.8 * Math.sin((2 * Math.PI * at_s) / 44_712) + 0.3 * Math.sin((2 * Math.PI * at_s) / 43_200)

type Look = {
  /** Of the whole line, after collecting garbage [MB]. */
  readonly held_MB: number
  readonly handles: number
  readonly outbox_kB: number
  readonly store_kB: number
  /** Write-ahead logs of the store, which grow up to what the writer lets them. */
  readonly log_kB: number
  readonly journal_kB: number
}

export async function thirtyDays({ days = 30 } = {}): Promise<Row> {
  const kept_d = days * KEPT
  const river = riverSite([
    { id: 'quay', node: 'n1', limit_m: LIMIT.limit, deadband_m: LIMIT.deadband, poll_s: POLL_S },
  ])
  const line = await SimulatedLine.of({
    begun: BEGUN,
    store: true,
    file: {
      ...river,
      nodes: river.nodes.map((node) => ({ ...node, outbox: SMALL_OUTBOX })),
      store: { retention: { blocks_d: kept_d, readings_d: kept_d, rollups_d: kept_d } },
    },
    devices: { quay: gaugeOf(BEGUN, tides) },
  })
  const until_s = days * DAY_S
  const looks: Look[] = []
  try {
    while (line.now_s < until_s) {
      await line.seconds(until_s / looksIn(days))
      await line.acknowledge('n1:quay-high')
      looks.push(look(line))
    }
    const spans = spansAbove({ value: tides, ...LIMIT, every_s: POLL_S, until_s })
    const journal = await line.journal()
    const asked = { alarm: 'n1:quay-high', begun_ns: line.begun, spans, tolerance_s: POLL_S }
    const told = reckon(journal, asked)
    const of = (key: keyof Look) => courseOf(looks.map((one) => one[key]))
    const [held, handles, outbox] = [of('held_MB'), of('handles'), of('outbox_kB')]
    const [store, log] = [of('store_kB'), of('log_kB')]
    // The journal is kept for ever: what it grows by in a look may not grow.
    const journal_kB = courseOf(looks.map((one, i) => one.journal_kB - (looks[i - 1]?.journal_kB ?? 0)))
    const delay_s = Math.max(...delays_s(journal, asked))
    return {
      promised: `${days} days of the whole line, an alarm at every flood: each told once; memory, handles and disk flat, no alarm later than one poll of ${POLL_S} s`,
      counted: `${inWords(told)}; second quarter > last: held MB ${courseInWords(held, 1)}, handles ${courseInWords(handles)}, outbox kB ${courseInWords(outbox)} of ${SMALL_OUTBOX_KB_MAX.toFixed(0)}, store kB ${courseInWords(store)} (series kept ${(kept_d * 24).toFixed(1)} h), its log kB ${courseInWords(log)} of ${LOG_KB_MAX}, journal kB a look ${courseInWords(journal_kB)}, told at most ${delay_s.toFixed(1)} s after the truth`,
      holds:
        isExact(told) &&
        told.expected >= days &&
        isFlat(held, NOISE.memory, NOISE.memory_MB) &&
        isFlat(handles, 0, NOISE.handles) &&
        outbox.most <= SMALL_OUTBOX_KB_MAX &&
        isFlat(store, NOISE.store, NOISE.store_kB) &&
        log.most <= LOG_KB_MAX &&
        isFlat(journal_kB, 0, NOISE.journal_kB) &&
        delay_s <= POLL_S,
    }
  } finally {
    await line.end()
  }
}

const isLog = (name: string): boolean => name.endsWith('-wal')

function look(line: SimulatedLine): Look {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  const { heapUsed, external } = process.memoryUsage()
  const store = ingestFolder(line.data, line.site.file.site)
  return {
    held_MB: (heapUsed + external) / 1e6,
    handles: readdirSync('/proc/self/fd').length,
    outbox_kB: bytesIn(line.edgeFolder('n1')) / 1e3,
    store_kB: bytesIn(store, (name) => !isLog(name)) / 1e3,
    log_kB: bytesIn(store, isLog) / 1e3,
    journal_kB: bytesIn(deskFolder(line.data, line.site.file.site)) / 1e3,
  }
}
