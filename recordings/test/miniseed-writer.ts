/**
 * Writes miniSEED records (SEED 2.4) for tests: every encoding that the reader knows, both byte orders, any record length.
 * The Steim encoders are greedy and were written from Appendix B, not from the reader; golden bytes stand in the tests.
 */
export type Encoding = 'int16' | 'int24' | 'int32' | 'float32' | 'float64' | 'steim1' | 'steim2'
const CODE: Readonly<Record<Encoding, number>> = {
  int16: 1,
  int24: 2,
  int32: 3,
  float32: 4,
  float64: 5,
  steim1: 10,
  steim2: 11,
}

export type SeedOptions = {
  readonly id?: readonly [network: string, station: string, location: string, channel: string]
  /** Milliseconds since 1970, UTC. */
  readonly start_ms?: number
  readonly rate?: readonly [factor: number, multiplier: number]
  /** Blockette 100. */
  readonly exactRate?: number
  /** Blockette 1001. */
  readonly microseconds?: number
  /** Field 16 in 0.0001 s, and whether it is already in the start. */
  readonly correction?: readonly [ticks: number, applied: boolean]
  readonly encoding?: Encoding
  readonly little?: boolean
  readonly exponent?: number
}

/** One channel as consecutive records. */
export function writeMiniSeed(samples: readonly number[], options: SeedOptions = {}): Uint8Array {
  const { start_ms = Date.UTC(2024, 3, 2, 23, 58, 9), rate = [100, 1] } = options
  const rate_hz = options.exactRate ?? (rate[0] > 0 ? rate[0] : -1 / rate[0]) * (rate[1] > 0 ? rate[1] : -1 / rate[1])
  const out: Uint8Array[] = []
  for (let k = 0, n = 1; k < samples.length; n++) {
    const { record, count } = writeRecord(samples, k, n, start_ms + (1000 * k) / rate_hz, options)
    out.push(record)
    k += count
  }
  return concatenated(out)
}

export function concatenated(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, p) => sum + p.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

function writeRecord(
  samples: readonly number[],
  from: number,
  sequence: number,
  start_ms: number,
  options: SeedOptions,
) {
  const {
    id = ['XX', 'PLMB', '00', 'HNZ'],
    rate = [100, 1],
    encoding = 'steim2',
    little = false,
    exponent = 9,
  } = options
  const record = new Uint8Array(2 ** exponent)
  const view = new DataView(record.buffer)
  const ascii = (at: number, text: string, width: number) =>
    [...text.padEnd(width)].forEach((c, k) => {
      record[at + k] = c.charCodeAt(0)
    })
  ascii(0, `${String(sequence).padStart(6, '0')}D`, 8)
  ascii(8, id[1], 5)
  ascii(13, id[2], 2)
  ascii(15, id[3], 3)
  ascii(18, id[0], 2)
  const ticks = Math.floor(start_ms * 10 + 1e-6)
  const date = new Date(Math.floor(ticks / 10))
  const newYear = Date.UTC(date.getUTCFullYear(), 0, 1)
  view.setUint16(20, date.getUTCFullYear(), little)
  view.setUint16(22, Math.floor((date.getTime() - newYear) / 86_400_000) + 1, little)
  view.setUint8(24, date.getUTCHours())
  view.setUint8(25, date.getUTCMinutes())
  view.setUint8(26, date.getUTCSeconds())
  view.setUint16(28, ((ticks % 10_000) + 10_000) % 10_000, little)
  view.setInt16(32, rate[0], little)
  view.setInt16(34, rate[1], little)
  if (options.correction?.[1]) view.setUint8(36, 2)
  view.setInt32(40, options.correction?.[0] ?? 0, little)
  const blockettes: Array<[type: number, length: number, fill: (at: number) => void]> = [
    [1000, 8, (at) => record.set([CODE[encoding], little ? 0 : 1, exponent, 0], at + 4)],
  ]
  if (options.exactRate !== undefined)
    blockettes.push([100, 12, (at) => view.setFloat32(at + 4, options.exactRate!, little)])
  if (options.microseconds !== undefined)
    blockettes.push([1001, 8, (at) => view.setInt8(at + 5, options.microseconds!)])
  view.setUint8(39, blockettes.length)
  view.setUint16(46, 48, little)
  let at = 48
  blockettes.forEach(([type, length, fill], k) => {
    view.setUint16(at, type, little)
    view.setUint16(at + 2, k === blockettes.length - 1 ? 0 : at + length, little)
    fill(at)
    at += length
  })
  const offset = Math.ceil(at / 64) * 64
  view.setUint16(44, offset, little)
  const count = writeData(new DataView(record.buffer, offset), samples, from, encoding, little)
  view.setUint16(30, count, little)
  return { record, count }
}

function writeData(
  data: DataView,
  samples: readonly number[],
  from: number,
  encoding: Encoding,
  little: boolean,
): number {
  if (encoding === 'steim1' || encoding === 'steim2')
    return writeSteim(data, samples, from, encoding === 'steim1' ? 1 : 2, little)
  const width = { int16: 2, int24: 3, int32: 4, float32: 4, float64: 8 }[encoding]
  const count = Math.min(samples.length - from, Math.floor(data.byteLength / width))
  for (let k = 0; k < count; k++) {
    const [at, v] = [k * width, samples[from + k]!]
    if (encoding === 'int16') data.setInt16(at, v, little)
    if (encoding === 'int24') for (const b of [0, 1, 2]) data.setUint8(at + (little ? b : 2 - b), (v >> (8 * b)) & 255)
    if (encoding === 'int32') data.setInt32(at, v, little)
    if (encoding === 'float32') data.setFloat32(at, v, little)
    if (encoding === 'float64') data.setFloat64(at, v, little)
  }
  return count
}

/** Differences per word, most first: [how many, bits, code, dnib]. */
const PACKINGS: Readonly<Record<1 | 2, ReadonlyArray<readonly [number, number, number, number]>>> = {
  1: [
    [4, 8, 1, 0],
    [2, 16, 2, 0],
    [1, 32, 3, 0],
  ],
  2: [
    [7, 4, 3, 2],
    [6, 5, 3, 1],
    [5, 6, 3, 0],
    [4, 8, 1, 0],
    [3, 10, 2, 3],
    [2, 15, 2, 2],
    [1, 30, 2, 1],
  ],
}

function writeSteim(data: DataView, samples: readonly number[], from: number, version: 1 | 2, little: boolean): number {
  const frames = Math.floor(data.byteLength / 64)
  const difference = (k: number) => samples[k]! - (samples[k - 1] ?? samples[k]!)
  let k = from
  for (let frame = 0; frame < frames; frame++) {
    let codes = 0
    for (let word = frame === 0 ? 3 : 1; word < 16 && k < samples.length; word++) {
      const fits = PACKINGS[version].find(([n, bits]) => {
        const group = Array.from({ length: n }, (_, i) => k + i)
        return group.every((i) => i < samples.length && Math.abs(difference(i) + 0.5) <= 2 ** (bits - 1))
      })
      if (fits === undefined) throw new Error(`difference ${difference(k)} does not fit Steim-${version}`)
      const [n, bits, code, dnib] = fits
      codes |= code << (30 - 2 * word)
      pack(
        data,
        frame * 64 + word * 4,
        Array.from({ length: n }, (_, i) => difference(k + i)),
        bits,
        dnib,
        little,
      )
      k += n
    }
    data.setUint32(frame * 64, codes >>> 0, little)
  }
  data.setInt32(4, samples[from]!, little)
  data.setInt32(8, samples[k - 1]!, little)
  return k - from
}

function pack(
  data: DataView,
  at: number,
  values: readonly number[],
  bits: number,
  dnib: number,
  little: boolean,
): void {
  if (bits === 8) for (const [i, v] of values.entries()) data.setInt8(at + i, v)
  else if (bits === 16) for (const [i, v] of values.entries()) data.setInt16(at + 2 * i, v, little)
  else if (bits === 32) data.setInt32(at, values[0]!, little)
  else {
    const word = values.reduce((w, v, i) => w | ((v & (2 ** bits - 1)) << (bits * (values.length - 1 - i))), 0)
    data.setUint32(at, (word | (dnib << 30)) >>> 0, little)
  }
}
