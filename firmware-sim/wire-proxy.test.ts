import { describe, expect, test } from 'vitest'
import { encodeFrame } from './modbus-frame.ts'
import { decodeRtu, encodeRtu } from './rtu-frame.ts'
import { type Delivery, LinkFaults, WIRE_FAULTS, type WireFaults } from './wire-proxy.ts'

const pdu = Uint8Array.of(3, 0, 0, 0, 2)
const mbap = (transaction: number, unit = 1) => encodeFrame({ transaction, unit, pdu })
const rtu = (unit: number) => encodeRtu({ unit, pdu })
const link = (faults: WireFaults = {}, framing: 'mbap' | 'rtu' = 'mbap', seed = 1) => {
  const made = new LinkFaults('river', framing, seed)
  made.setFaults(faults)
  return made
}
/** Fates of frames 0 to n - 1 on one way. */
const fates = (made: LinkFaults, n: number, way: 'requests' | 'replies' = 'requests'): Delivery[][] => {
  const lane = made.lane(way)
  return Array.from({ length: n }, (_, i) => lane.judge(mbap(i)))
}
const ids = (deliveries: Delivery[]) => deliveries.map(({ bytes }) => (bytes[0]! << 8) | bytes[1]!)

describe('a sound wire', () => {
  test('carries every frame as it came, at once, and counts it', () => {
    const made = link()
    expect(fates(made, 100)).toEqual(Array.from({ length: 100 }, (_, i) => [{ bytes: mbap(i), delay_ms: 0 }]))
    expect(made.counts.requests).toMatchObject({ frames: 100, drop: 0, corrupt: 0 })
    expect(made.counts.replies.frames).toBe(0)
  })
})

describe('a bad wire', () => {
  test.each(WIRE_FAULTS.filter((k) => k !== 'delay'))('%s happens as often as told, and is counted', (kind) => {
    const made = link({ [kind]: 0.25 })
    const touched = fates(made, 4000).filter(
      (out, i) => out.length !== 1 || !Buffer.from(mbap(i)).equals(out[0]!.bytes),
    )
    const counted = made.counts.requests[kind]
    // 4,000 chances of 1 in 4: standard deviation 27. A frame that is held keeps the next from being held.
    if (kind === 'reorder') expect(counted).toBeGreaterThan(700)
    else expect(Math.abs(counted - 1000)).toBeLessThan(5 * 27.4)
    expect(touched.length).toBe(kind === 'reorder' ? counted * 2 : counted)
    for (const other of WIRE_FAULTS) if (other !== kind) expect(made.counts.requests[other]).toBe(0)
  })

  test('drop loses the frame, duplicate doubles it', () => {
    expect(fates(link({ drop: 1 }), 3)).toEqual([[], [], []])
    expect(fates(link({ duplicate: 1 }), 2).map(ids)).toEqual([
      [0, 0],
      [1, 1],
    ])
  })

  test('delay is late by ms and up to jitter_ms more', () => {
    const late = fates(link({ delay: { ms: 100, jitter_ms: 50 } }), 200).map(([d]) => d!.delay_ms)
    expect(Math.min(...late)).toBeGreaterThanOrEqual(100)
    expect(Math.max(...late)).toBeLessThan(150)
    expect(new Set(late).size).toBeGreaterThan(150)
  })

  test('truncate leaves at least one byte and loses at least one', () => {
    for (const [out] of fates(link({ truncate: 1 }), 500)) {
      expect(out!.bytes.length).toBeGreaterThanOrEqual(1)
      expect(out!.bytes.length).toBeLessThan(12)
    }
  })

  test('corrupt flips exactly one bit, anywhere', () => {
    const places = new Set<number>()
    for (const [i, [out]] of fates(link({ corrupt: 1 }), 2000).entries()) {
      const flips = [...mbap(i)].flatMap((byte, at) =>
        Array.from({ length: 8 }, (_, bit) => ((byte ^ out!.bytes[at]!) >> bit) & 1).flatMap((f, bit) =>
          f ? [at * 8 + bit] : [],
        ),
      )
      expect(flips.length).toBe(1)
      places.add(flips[0]!)
    }
    expect(places.size).toBe(96)
  })

  test('misnumber gives another transaction or unit on TCP', () => {
    const seen = new Set<string>()
    for (const [i, [out]] of fates(link({ misnumber: 1 }), 100).entries()) {
      const wrongId = ids([out!])[0] !== i
      const wrongUnit = out!.bytes[6] !== 1
      expect([wrongId, wrongUnit].filter(Boolean).length).toBe(1)
      seen.add(wrongId ? 'transaction' : 'unit')
    }
    expect(seen.size).toBe(2)
  })

  test('misnumber gives another unit under a right CRC on a serial line', () => {
    const [out] = link({ misnumber: 1 }, 'rtu').lane('replies').judge(rtu(5))
    expect(decodeRtu(out!.bytes)).toEqual({ unit: 6, pdu })
    const [last] = link({ misnumber: 1 }, 'rtu').lane('replies').judge(rtu(247))
    expect(decodeRtu(last!.bytes)?.unit).toBe(1)
  })

  test('reorder holds a frame until the next has passed, and loses none', () => {
    const made = link({ reorder: 1 })
    expect(fates(made, 5).map(ids)).toEqual([[], [1, 0], [], [3, 2], []])
    expect(made.counts.requests.reorder).toBe(3)
  })

  test('a held frame stays on its own connection', () => {
    const made = link({ reorder: 1 })
    const [a, b] = [made.lane('replies'), made.lane('replies')]
    expect(a.judge(mbap(1))).toEqual([])
    made.setFaults({})
    expect(ids(b.judge(mbap(2)))).toEqual([2])
    expect(ids(a.judge(mbap(3)))).toEqual([3, 1])
  })

  test('only the way and the units that are told', () => {
    const made = link({ drop: 1, way: 'replies', units: [2] })
    expect(made.lane('requests').judge(mbap(1, 2)).length).toBe(1)
    expect(made.lane('replies').judge(mbap(1, 3)).length).toBe(1)
    expect(made.lane('replies').judge(mbap(1, 2)).length).toBe(0)
    expect(made.counts.replies.drop).toBe(1)
  })

  test('the same seed does the same to the same frames, another seed another thing', () => {
    const all: WireFaults = { drop: 0.1, truncate: 0.1, duplicate: 0.1, misnumber: 0.1, corrupt: 0.1, reorder: 0.1 }
    const run = (seed: number) => fates(link(all, 'mbap', seed), 500)
    expect(run(3)).toEqual(run(3))
    expect(run(3)).not.toEqual(run(4))
  })
})

test.each([
  [{ drop: 1.5 }, 'drop: expected a number from 0 to 1, got 1.5'],
  [{ drop: Number.NaN }, 'drop: expected a number from 0 to 1, got NaN'],
  [{ delay: 5 }, 'delay: expected { ms: … }, got 5'],
  [{ delay: { ms: -1 } }, 'delay.ms: expected a number from 0 to 600000, got -1'],
  [{ delay: { ms: 1, s: 1 } }, 'delay.s: expected chance, ms or jitter_ms, got 1'],
  [
    { lose: 1 },
    'lose: expected one of delay, drop, truncate, duplicate, misnumber, corrupt, reorder, way, units, got 1',
  ],
  [{ way: 'up' }, 'way: expected requests or replies, got "up"'],
  [7, 'faults: expected an object, got 7'],
  [{ units: [256] }, 'units: expected unit ids from 0 to 255, got [256]'],
])('faults that cannot be are refused and change nothing: %j', (faults, message) => {
  const made = link({ drop: 0.5 })
  expect(() => made.setFaults(faults as unknown as WireFaults)).toThrow(`USAGE: wire faults of river: ${message}`)
  expect(made.faults).toEqual({ drop: 0.5 })
})
