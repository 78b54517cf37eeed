/**
 * Row `measures`: what the edge computes of one three-axis 200 Hz device, per second of its data, on one core: PGA and PGV of
 * every sample with their vectors, the natural frequency, and the vertical through band-pass and STA/LTA. Row `analyze`: one record, the whole process.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { RunningCwa } from '../measures/ground-motion/running-cwa.ts'
import { RunningJma } from '../measures/ground-motion/running-jma.ts'
import { StaLtaTrigger } from '../measures/ground-motion/sta-lta-trigger.ts'
import { Pga } from '../measures/pga.ts'
import { Pgv } from '../measures/pgv.ts'
import { butterworth, StreamingFilter } from '../measures/signal/butterworth.ts'
import { NaturalFrequencyWatch } from '../measures/structure/natural-frequency.ts'
import { median, type Row } from './row.ts'

const RUNS = 5
const RATE_HZ = 200
const AXES = 3
/** Ten minutes of data a run. */
const SECONDS = 600
const SCALE = 0.00059855
const LIMIT_MS = 0.15
const CHAIN_LIMIT_PER_S = 5_000_000

export const measures: Row = {
  id: 'measures',
  what: `one device, ${AXES} axes x ${RATE_HZ} Hz: PGA and PGV of every sample and vector, natural frequency, vertical through 1-20 Hz band-pass and STA/LTA; per second of data. Chain: band-pass, peak, STA/LTA of one axis`,
  unit: 'ms',
  target: `<= ${LIMIT_MS} ms per second of data; chain >= ${CHAIN_LIMIT_PER_S.toLocaleString('en')} samples/s`,
  measure: async () => {
    const counts = madeCounts()
    const vertical = Float64Array.from({ length: RATE_HZ * SECONDS }, (_, k) => counts[AXES * k + 2]! * SCALE)
    const timed = (work: () => void) => {
      // The first run compiles.
      const runs = Array.from({ length: RUNS + 1 }, () => {
        const begun = performance.now()
        work()
        return performance.now() - begun
      })
      return runs.slice(1)
    }
    const runs = timed(() => device(counts)).map((ms) => ms / SECONDS)
    const chainRate = median(timed(() => chain(vertical)).map((ms) => (vertical.length / ms) * 1000))
    return {
      runs,
      holds: (ms) => ms <= LIMIT_MS && chainRate >= CHAIN_LIMIT_PER_S,
      beside: {
        'chain samples/s': chainRate,
        'running CWA ms': median(timed(() => runningCwa(counts))) / SECONDS,
        'running JMA ms': median(timed(() => runningJma(counts))) / JMA_SECONDS,
      },
    }
  },
}

/** Noise with an earthquake in it, as a register holds it: different in every sample. */
function madeCounts(): Int16Array {
  let seed = 1
  return Int16Array.from({ length: AXES * RATE_HZ * SECONDS }, (_, k) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31
    const t = k / AXES / RATE_HZ
    const motion = t < 300 ? 0 : 3000 * Math.exp((300 - t) / 10) * Math.sin(2 * Math.PI * 3 * t + (k % AXES))
    return Math.round(motion + (seed / 2 ** 31 - 0.5) * 20 + 1650)
  })
}

const bandPass = () =>
  new StreamingFilter(butterworth({ kind: 'bandpass', order: 4, corner_hz: [1, 20], sample_rate_hz: RATE_HZ }))
const trigger = () => new StaLtaTrigger({ sample_rate_hz: RATE_HZ, sta_s: 1, lta_s: 10, on: 4, off: 1.5 })

function device(counts: Int16Array): void {
  const [pga, filter, staLta] = [new Pga(AXES, SCALE, RATE_HZ), bandPass(), trigger()]
  const [pgv, frequency] = [new Pgv(AXES, SCALE, RATE_HZ), new NaturalFrequencyWatch([0, 1], SCALE, RATE_HZ)]
  let largest = 0
  for (let second = 0; second < SECONDS; second++) {
    for (let k = second * RATE_HZ; k < (second + 1) * RATE_HZ; k++) {
      largest = Math.max(largest, pga.push(counts, AXES * k, second, false) ?? 0)
      largest = Math.max(largest, pgv.push(counts, AXES * k, second) ?? 0)
      frequency.push(counts, AXES * k, second)
      staLta.push(filter.push(counts[AXES * k + 2]! * SCALE))
    }
    pga.take()
    pgv.take()
  }
  if (!(largest > 0) || staLta.take().length === 0) throw new Error('the earthquake was not seen')
}

function chain(vertical: Float64Array): void {
  const [filter, staLta] = [bandPass(), trigger()]
  let largest = 0
  for (let from = 0; from < vertical.length; from += RATE_HZ) {
    const block = filter.pushBlock(vertical.subarray(from, from + RATE_HZ))
    for (let k = 0; k < block.length; k++) largest = Math.max(largest, Math.abs(block[k]!))
    staLta.pushBlock(block)
  }
  if (!(largest > 0) || staLta.take().length === 0) throw new Error('the earthquake was not seen')
}

function runningCwa(counts: Int16Array): void {
  const cwa = new RunningCwa(RATE_HZ)
  for (let k = 0; k < counts.length; k += AXES)
    cwa.push(counts[k]! * SCALE, counts[k + 1]! * SCALE, counts[k + 2]! * SCALE)
}

/** Its window is computed anew every second: a minute and a half of them is enough. */
const JMA_SECONDS = 90
function runningJma(counts: Int16Array): void {
  const jma = new RunningJma(RATE_HZ)
  for (let k = 0; k < JMA_SECONDS * RATE_HZ * AXES; k += AXES)
    jma.push(counts[k]! * SCALE, counts[k + 1]! * SCALE, counts[k + 2]! * SCALE)
}

const ANALYZE_LIMIT_S = 0.5
const TOP = join(import.meta.dirname, '..')

export const analyze: Row = {
  id: 'analyze',
  what: '`./plumbline analyze` of a 300 s, three-component, 100 Hz record (JMA CSV), whole process; beside it with --plot',
  unit: 's',
  target: `<= ${ANALYZE_LIMIT_S} s`,
  measure: async () => {
    const record = join(TOP, 'recordings', 'jma-yonago-2000', 'AA06EA01.csv')
    const folder = mkdtempSync(join(tmpdir(), 'plumbline-bench-'))
    const once = (...args: string[]) => {
      const begun = performance.now()
      const out = execFileSync(join(TOP, 'plumbline'), ['analyze', record, '--json', ...args], { encoding: 'utf8' })
      const seconds = (performance.now() - begun) / 1000
      if (JSON.parse(out).combined.jma_intensity !== 5.1) throw new Error('expected intensity 5.1')
      return seconds
    }
    try {
      once()
      const runs = Array.from({ length: RUNS }, () => once())
      const plots = Array.from({ length: RUNS }, () => once('--plot', join(folder, 'out.svg')))
      return { runs, holds: (s) => s <= ANALYZE_LIMIT_S, beside: { 'with --plot s': median(plots) } }
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
}
