import { describe, expect, test } from 'vitest'
import { ringScale, type ScalarPoint } from '../domain/model.ts'
import { instant, monotonic } from '../domain/time.ts'
import { loadCases } from '../models/cases.ts'
import { loadModels, shippedModelIds } from '../models/load.ts'
import { decodePoint } from './decode.ts'
import { decodeInfo, infoRegisters } from './device-info.ts'
import { FifoReader } from './fifo-reader.ts'
import type { PartContext } from './part.ts'
import { decodeHeader, sampleRegister, samplesFrom } from './ring.ts'

const AT = monotonic(0n)

const stage: ScalarPoint = {
  metric: 'stage',
  table: 'input',
  address: 10,
  type: 'float32',
  unit: 'm',
  range: { low: 0, high: 20 },
}
/** Registers from address 10, whatever lies elsewhere is an error of the test. */
const at =
  (...words: number[]) =>
  (address: number) => {
    const word = words[address - 10]
    if (word === undefined) throw new Error(`register ${address} was not read`)
    return word
  }

describe('a point is decoded as its model says', () => {
  // 1.28 m = 0x3FA3D70A as IEEE 754 binary32
  test.each([
    ['ABCD', 0x3fa3, 0xd70a],
    ['CDAB', 0xd70a, 0x3fa3],
    ['BADC', 0xa33f, 0x0ad7],
    ['DCBA', 0x0ad7, 0xa33f],
  ] as const)('float32 in the order %s', (order, first, second) => {
    expect(decodePoint({ ...stage, order }, at(first, second))).toEqual({ value: Math.fround(1.28), flag: 1 })
  })

  test.each([
    ['int16', [0xffff], -1],
    ['uint16', [0xffff], 65_535],
    ['int32', [0xffff, 0xfffe], -2],
    ['uint32', [0xffff, 0xfffe], 4_294_967_294],
  ] as const)('%s', (type, words, value) => {
    const point: ScalarPoint = { ...stage, type, unit: '1', range: { low: -1e10, high: 1e10 } }
    expect(decodePoint(point, at(...words))).toEqual({ value, flag: 1 })
  })

  test('every float32 of an unscaled SI point comes through bit for bit', () => {
    const view = new DataView(new ArrayBuffer(4))
    const wide = { ...stage, range: { low: -3.5e38, high: 3.5e38 } }
    for (let bits = 0; bits < 2 ** 32; bits += 104_729) {
      view.setUint32(0, bits)
      const exact = view.getFloat32(0)
      if (!Number.isFinite(exact)) continue
      expect(decodePoint(wide, at(view.getUint16(0), view.getUint16(2))).value).toBe(exact + 0)
    }
  })

  test('scale and offset give the unit of the model, stored as SI', () => {
    const celsius: ScalarPoint = {
      ...stage,
      type: 'int16',
      unit: 'degC',
      scale: 0.01,
      offset: -40,
      range: { low: -40, high: 85 },
    }
    expect(decodePoint(celsius, at(6500)).value).toBeCloseTo(25 + 273.15, 10)
    const feet: ScalarPoint = { ...stage, type: 'uint16', unit: 'ft', scale: 0.01, range: { low: 0, high: 30 } }
    expect(decodePoint(feet, at(617)).value).toBeCloseTo(1.880616, 10)
  })

  test('a code for "no value" may be written as bit pattern or as number', () => {
    for (const code of [0x8000, -32_768]) {
      const point: ScalarPoint = {
        ...stage,
        type: 'int16',
        unit: 'cm',
        invalid_codes: [code],
        range: { low: -100, high: 400 },
      }
      expect(decodePoint(point, at(0x8000))).toEqual({
        value: null,
        flag: 9,
        reason: 'invalid-code',
        detail: 'raw -32768',
      })
    }
    const radar: ScalarPoint = { ...stage, invalid_codes: [999.9] }
    expect(decodePoint(radar, at(0x4479, 0xf99a))).toMatchObject({ value: null, reason: 'invalid-code' })
  })

  test('out of range keeps what the device said and says how far out it is', () => {
    expect(decodePoint(stage, at(0x4479, 0xf99a))).toEqual({
      value: Math.fround(999.9),
      flag: 4,
      reason: 'out-of-range',
      detail: '999.9 m is above 20 m',
    })
    // The bound is rounded with the value: float32(0.1) is a little more than 0.1.
    expect(decodePoint({ ...stage, range: { low: 0, high: 0.1 } }, at(0x3dcc, 0xcccd)).flag).toBe(1)
  })

  test('the status word speaks before the value', () => {
    const point: ScalarPoint = { ...stage, status: { address: 12, bit: 3 } }
    expect(decodePoint(point, at(0x3fa3, 0xd70a, 0x0008))).toMatchObject({ value: null, flag: 9, reason: 'status' })
    expect(decodePoint(point, at(0x3fa3, 0xd70a, 0xfff7))).toMatchObject({ value: Math.fround(1.28), flag: 1 })
  })
})

describe('every case beside a model', async () => {
  const models = await loadModels(await shippedModelIds())
  for (const [id, model] of models) {
    const { points, rings, queues, infos } = await loadCases(id)
    test(`${id} has cases`, () => expect(points.length + rings.length + queues.length).toBeGreaterThan(0))
    test.each(points)(`${id}: $name`, ({ registers, readings }) => {
      for (const [metric, expected] of readings) {
        const point = model.points!.find((p) => p.metric === metric)!
        const got = decodePoint(point, (address) => registers.get(address) ?? 0)
        expect([got.flag, got.reason]).toEqual([expected.flag, expected.reason])
        if (expected.value !== undefined) expect(Math.fround(got.value!)).toBe(Math.fround(expected.value))
        else if (expected.flag !== 4) expect(got.value).toBeNull()
      }
    })
    test.each(rings)(`${id}: $name`, ({ registers, header, samples }) => {
      const ring = model.ring!
      const words = Uint16Array.from({ length: 18 }, (_, i) => registers.get(ring.header_address + i) ?? 0)
      const { newest, newest_us, now_us, ...rest } = decodeHeader(words)
      expect({ ...rest, newest_counter: newest, newest_us: Number(newest_us), now_us: Number(now_us) }).toEqual(header)
      for (const sample of samples) {
        const each = ring.bits === undefined ? 1 : 2
        const at = sampleRegister(ring, sample.counter) + ring.axes.indexOf(sample.axis) * each
        const words = Uint16Array.from({ length: each }, (_, i) => registers.get(at + i)!)
        expect(samplesFrom(words, ring)[0]! * ringScale(ring)).toBeCloseTo(sample.value, 12)
      }
    })
    test.each(queues)(`${id}: $name`, async ({ registers, fifo: words, header, samples }) => {
      const fifo = model.fifo!
      const reply = (values: readonly number[]) => ({ registers: Uint16Array.from(values), sent: AT, received: AT })
      const link = {
        readRegisters: async (_: number, __: string, address: number, quantity: number) =>
          reply(Array.from({ length: quantity }, (_, i) => registers.get(address + i)!)),
        readFifo: async (_: number, address: number) => reply(address === fifo.pointer_address ? words : []),
      }
      const context = {
        link,
        placed: { device: { unit_id: 1 }, model },
        clock: { monotonic: () => AT, now: () => instant(0n) },
      }
      const reader = new FifoReader(context as unknown as PartContext, fifo)
      const read = await reader.header(true)
      const { newest, newest_us, now_us, ...rest } = read.header
      expect({ ...rest, newest_counter: newest, newest_us: Number(newest_us), now_us: Number(now_us) }).toEqual(header)
      const run = await reader.samples(read, 0)
      for (const { counter, axis, value } of samples) {
        const raw = run.data[(counter - run.first) * fifo.axes.length + fifo.axes.indexOf(axis)]!
        expect(raw * ringScale(fifo), `counter ${counter} axis ${axis}`).toBeCloseTo(value, 12)
      }
    })
    test.each(infos)(`${id}: $name`, ({ registers, info }) => {
      for (const [name, text] of info) {
        const entry = model.info!.find((i) => i.name === name)!
        const words = Array.from({ length: infoRegisters(entry) }, (_, i) => registers.get(entry.address + i)!)
        expect(decodeInfo(entry, Uint16Array.from(words)), name).toBe(text)
      }
    })
  }
})
