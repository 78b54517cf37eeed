/** Every register map that ships, as a simulated device serves it: no address of it is missing, no value is implausible. */
import { describe, expect, test } from 'vitest'
import { type Model, ringScale, sampledOf, TYPE_REGISTERS } from '../domain/model.ts'
import { addNs, instant } from '../domain/time.ts'
import { fromSi, quantityOf, toSi } from '../domain/units.ts'
import { loadShippedModels } from '../models/load.ts'
import { answerRead } from './answer.ts'
import { isException } from './device.ts'
import { headerOf, shortWaveform, simulatedDevice, stageSeries } from './fixture.ts'
import { makeDevice } from './make-device.ts'
import { rawOf } from './words.ts'

const BOOT = instant(1_700_000_000_000_000_000n)
const NOW = addNs(BOOT, 5_000_000_000n)

const serve = (model: Model, imperfections?: { noise_rms: number }) => {
  const recording = sampledOf(model) === undefined ? stageSeries([0, 1.28], [60, 1.5]) : shortWaveform(500, 0.001)
  const device = simulatedDevice('d', model.id, 1, { recording: recording.name, quiet_s: 0 })
  const simulated = { ...device.simulated!, ...(imperfections && { imperfections }) }
  return makeDevice({ device: { ...device, simulated }, model }, recording, { id: 42, at: BOOT }, 'd')
}
const models = [...(await loadShippedModels()).values()]
const ofPoints = models.flatMap((model) => (model.points ?? []).map((point) => ({ id: model.id, model, point })))

describe('every point of every model that ships', () => {
  test.each(ofPoints)('$id $point.metric', ({ model, point }) => {
    const device = serve(model)
    const { table, address, type, unit, range, status, unit_register } = point
    const read = (at: number, count: number): number[] => {
      const answer =
        table === 'coil' || table === 'discrete'
          ? device.readBits!(table, at, count, NOW)
          : answerRead(device, table, at, count, NOW)
      if (isException(answer)) throw new Error(`exception ${answer.exception} at ${table} ${at}`)
      return [...answer]
    }
    const code = unit_register && read(unit_register.address, 1)[0]!
    const shown = unit_register === undefined ? unit : unit_register.codes[code!]
    expect(shown, 'the unit code is one of the model').toBeDefined()
    const raw = rawOf(
      table === 'coil' || table === 'discrete' ? { type: 'bit' } : point,
      read(address, TYPE_REGISTERS[type]),
    )
    expect(point.invalid_codes ?? []).not.toContain(raw)
    const value = fromSi(toSi(raw * (point.scale ?? 1) + (point.offset ?? 0), shown!)!, unit)!
    expect(value).toBeGreaterThanOrEqual(range.low)
    expect(value).toBeLessThanOrEqual(range.high)
    const stage_m = toSi(value, unit)!
    const driven = quantityOf(unit) === 'stage' && toSi(range.low, unit)! <= 1.28 && toSi(range.high, unit)! >= 1.28
    if (driven && type !== 'bit' && type !== 'bits') expect(stage_m, 'the series drives it').toBeCloseTo(1.28, 2)
    if (status === undefined) return
    const word = read(status.address, 1)[0]!
    expect((word & (status.mask ?? 0)) | ((word >> (status.bit ?? 16)) & 1)).toBe(0)
    expect(status.codes ?? []).not.toContain(word)
  })
})

describe('every header and information register of every model that ships', () => {
  test.each(models.filter((model) => sampledOf(model)))('$id', (model) => {
    const sampled = sampledOf(model)!
    const { table, header_address } = model.ring ?? { table: 'holding' as const, ...model.fifo! }
    const header = headerOf(answerRead(serve(model), table, header_address, 18, NOW) as Uint16Array)
    const newest = Math.floor(5 * sampled.sample_rate_hz)
    expect(header).toMatchObject({ boot_id: 42, newest, rate_mhz: sampled.sample_rate_hz * 1000, depth: sampled.depth })
    expect(ringScale(sampled)).toBeGreaterThan(0)
  })

  test.each(models.flatMap((model) => (model.info ?? []).map((info) => ({ id: model.id, model, info }))))(
    '$id $info.name',
    ({ model, info }) => {
      const registers = info.type === 'string' ? (info.registers ?? 1) : info.type === 'uint16' ? 1 : 2
      const words = answerRead(serve(model), info.table, info.address, registers, NOW)
      expect(isException(words)).toBe(false)
      expect((words as Uint16Array).some((word) => word !== 0)).toBe(true)
    },
  )
})

test('a logger with a noisy sensor shows ten other values every second, all in their ranges', () => {
  const model = models.find((m) => m.id === 'sim-logger-10')!
  const device = serve(model, { noise_rms: 0.002 })
  const at = (s: number) => [
    ...(answerRead(device, 'input', 0, 20, addNs(BOOT, BigInt(s) * 1_000_000_000n)) as Uint16Array),
  ]
  for (let s = 1; s < 30; s++) {
    const [before, now] = [at(s - 1), at(s)]
    for (const [i, point] of model.points!.entries()) {
      expect(now.slice(2 * i, 2 * i + 2), point.metric).not.toEqual(before.slice(2 * i, 2 * i + 2))
      const value = rawOf(point, now.slice(2 * i, 2 * i + 2))
      expect(value >= point.range.low && value <= point.range.high).toBe(true)
    }
  }
})
