/**
 * Records for the tests of ground motion: what ships, and what lies beside the project where the larger data folder is there.
 * Tests only; the readers that people's files meet are in `recordings/`, and these few lines deliberately do not use them.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const SHARED = join(import.meta.dirname, '..', '..', '..', '..', 'shared', 'data')

/** Whether a file of the data folder beside the project is there. */
export const haveShared = (path: string): boolean => existsSync(join(SHARED, path))
const shared = (path: string) => readFileSync(join(SHARED, path), 'latin1')

const GAL = 0.01

/** MIT, eng-tools/eqsig: m/s², 100 Hz. */
export function eqsigMotion(): Float64Array {
  const text = readFileSync(join(import.meta.dirname, 'fixtures', 'eqsig-test-motion.txt'), 'utf8')
  return Float64Array.from(text.trim().split('\n').slice(2).map(Number))
}

/** m/s², 50 Hz, components U N E. */
export function hualien(station: 'ECU' | 'EDH'): Float64Array[] {
  const rows = shared(`cwb-2018-hualien/2-${station}.dat`)
    .split('\n')
    .filter((line) => /^\s*\d/.test(line))
    .map((line) => line.trim().split(/\s+/).map(Number))
  return [1, 2, 3].map((column) => Float64Array.from(rows, (row) => row[column]! * GAL))
}

/** m/s² with its raw offset, 100 Hz. */
export const aomori = (component: 'NS' | 'EW' | 'UD'): Float64Array =>
  knet(`knet-2018-aomori/AOM0051801241951.${component}`)

/** AKT013 E-W, 1996-08-11, as obspy tests it; m/s², 100 Hz. */
export const akita = (): Float64Array => knet('knet-2018-aomori/obspy_test.knet')

function knet(path: string): Float64Array {
  const lines = shared(path).split('\n')
  const [numerator, denominator] = /([\d.]+)\(gal\)\/([\d.]+)/.exec(lines[13]!)!.slice(1).map(Number)
  const counts = lines.slice(17).join(' ').trim().split(/\s+/).map(Number)
  return Float64Array.from(counts, (c) => ((c * numerator!) / denominator!) * GAL)
}

/** Columns of the 42-storey building by name; m/s², 100 Hz. */
export function market575(): Record<string, Float64Array> {
  const [header, ...rows] = shared('building-575market-1989/sf_575market_lomaprieta_1989_100hz.csv').trim().split('\n')
  const cells = rows.map((row) => row.split(',').map(Number))
  return Object.fromEntries(
    header!
      .trim()
      .split(',')
      .map((name, column) => [name.trim(), Float64Array.from(cells, (row) => row[column]! * GAL)]),
  )
}

/** m/s², 50 Hz, one component. */
export function elCentro(): Float64Array {
  const lines = shared('elcentro-1940/elcentro_chopra.csv').trim().split('\n').slice(1)
  return Float64Array.from(lines, (line) => Number(line.split(',')[1]) * 9.80665)
}

export type CsmipTrace = { a: Float64Array; v: Float64Array; d: Float64Array; v0: number; d0: number }

/** Three channels with the velocity and displacement of the file itself; SI, 100 Hz. */
export function napaConcord(): CsmipTrace[] {
  const lines = shared('csmip-2014-napa-concord/CE58667.V2').split('\n')
  const blocks = lines.flatMap((line, at) =>
    /^\s*\d+ points of (accel|veloc|displ) data/.test(line) ? [{ at, n: Number.parseInt(line, 10) }] : [],
  )
  const series = blocks.map(({ at, n }) => {
    const text = lines.slice(at + 1, at + 1 + Math.ceil(n / 8)).map((line) => line.replace(/\r$/, '').padEnd(80))
    const values = text.join('').match(/.{10}/g)!.slice(0, n).map(Number)
    return Float64Array.from(values, (value) => value * GAL)
  })
  const starts = lines.flatMap((line) => {
    const match = /Initial velocity\s*=\s*([-.\d]+).*Initial displacement\s*=\s*([-.\d]+)/.exec(line)
    return match === null ? [] : [{ v0: Number(match[1]) * GAL, d0: Number(match[2]) * GAL }]
  })
  return starts.map((start, k) => ({ a: series[3 * k]!, v: series[3 * k + 1]!, d: series[3 * k + 2]!, ...start }))
}
