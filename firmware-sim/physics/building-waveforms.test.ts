import { describe, expect, test } from 'vitest'
import type { Model, Ring } from '../../domain/model.ts'
import { instant } from '../../domain/time.ts'
import type { Waveform } from '../../recordings/recording.ts'
import { Accelerometer, quantise } from '../accelerometer.ts'
import { simulatedDevice } from '../fixture.ts'
import { makeDevice } from '../make-device.ts'
import { BandNoise } from './band-noise.ts'
import { type Building, uniformStoreys } from './building.ts'
import { buildingWaveforms, stillGround } from './building-waveforms.ts'
import { elCentro_g } from './elcentro.fixture.ts'
import { streamSeed } from './hash-noise.ts'
import { peakOf } from './whole-record.ts'

const start = instant(1_577_836_800_000_000_000n)
const elCentro: Waveform = {
  kind: 'waveform',
  name: 'el-centro',
  start,
  sample_rate_hz: 50,
  unit: 'm/s²',
  axes: [{ axis: 'ns', samples: elCentro_g.map((a) => a * 9.80665) }],
  source: 'test',
}
const building: Building = {
  storeys: uniformStoreys({ storeys: 4, mass_kg: 3e5, height_m: 3.2, frequency_hz: 2.2 }),
  damping: { ratio: 0.04 },
}
const options = {
  name: 'hall',
  ground: elCentro,
  buildings: { ns: building, ew: building },
  axes: ['ns', 'ew', 'ud'],
  sample_rate_hz: 100,
  pga_m_s2: 2,
  ambient: { seed: 9, rms_m_s2: 5e-4 },
  lead_s: 20,
  tail_s: 10,
}

describe('El Centro, scaled to 200 gal, in a four-storey building', () => {
  const { waveforms, responses, run_in_samples } = buildingWaveforms(options)
  const samples = (floor: number, axis: string) => waveforms[floor]!.axes.find((a) => a.axis === axis)!.samples
  const rms = (x: Float64Array) => Math.sqrt(x.reduce((sum, v) => sum + v * v, 0) / x.length)

  test('one recording per floor and the ground: rate, start and length as asked', () => {
    expect(waveforms.map((w) => w.name)).toEqual([0, 1, 2, 3, 4].map((i) => `hall-floor-${i}`))
    for (const wave of waveforms) {
      expect(wave.sample_rate_hz).toBe(100)
      expect(wave.start).toBe(start - 20_000_000_000n)
      for (const axis of wave.axes) expect(axis.samples.length).toBe(2000 + 3119 + 1000)
    }
  })

  test('the ground peaks at the PGA asked for, the roof higher, each floor above the one below at the peak of mode 1', () => {
    // Ambient motion of 0.0005 m/s² RMS rides on it.
    expect(Math.abs(peakOf(samples(0, 'ns')) - 2)).toBeLessThan(0.003)
    expect(peakOf(samples(4, 'ns'))).toBeGreaterThan(3)
  })

  test('before the earthquake the floors sway in ambient motion, the roof more than the ground', () => {
    const quiet = (floor: number) => rms(samples(floor, 'ns').subarray(0, 1900))
    expect(quiet(0)).toBeGreaterThan(3e-4)
    expect(quiet(0)).toBeLessThan(7e-4)
    expect(quiet(4)).toBeGreaterThan(1.5 * quiet(0))
  })

  test('an axis without a record carries ambient motion alone; upwards all floors move alike', () => {
    expect(peakOf(samples(4, 'ew'))).toBeLessThan(0.02)
    expect(samples(4, 'ud')).toEqual(samples(0, 'ud'))
  })

  test('the same options give the same samples; another seed does not', () => {
    expect(buildingWaveforms(options).waveforms).toEqual(waveforms)
    const other = buildingWaveforms({ ...options, ambient: { ...options.ambient, seed: 10 } })
    expect(other.waveforms[0]!.axes[0]!.samples).not.toEqual(samples(0, 'ns'))
  })

  test('sample k of a recording carries sample k of the ambient noise, whatever ran in before it', () => {
    const noise = new BandNoise({ seed: streamSeed(9, 'ambient ud'), sample_rate_hz: 100, rms: 5e-4 })
    expect([0, 1, 6118].map((k) => samples(2, 'ud')[k])).toEqual([0, 1, 6118].map((k) => noise.at(k)))
  })

  test('drifts of the storeys are there too, by axis, after a run-in', () => {
    expect(responses['ns']!.tilt_rad[0]!.length).toBe(run_in_samples + 6119)
    expect(peakOf(responses['ns']!.tilt_rad[0]!)).toBeGreaterThan(1e-4)
  })

  test('a simulated accelerometer plays a floor from its ring', () => {
    const ring: Ring = {
      group: 'acceleration',
      table: 'holding',
      header_address: 0,
      samples_address: 32,
      axes: ['x', 'y', 'z'],
      sample_rate_hz: 100,
      depth: 6000,
      block_samples: 100,
      unit: 'g',
      full_scale: 2,
    }
    const model: Model = { id: 'ring', name: 'ring', source: 'test', ring, poll_ms: 1000 }
    const device = simulatedDevice('roof', 'ring', 1, { recording: waveforms[4]!.name })
    const made = makeDevice({ device, model }, waveforms[4]!, { id: 1, at: instant(0n) }, 'devices[0]')
    if (!(made instanceof Accelerometer)) throw new Error('expected an accelerometer')
    for (const k of [0, 1999, 2204, 6118]) {
      const counter = made.counterOfRecord(k)
      expect(made.rawSample(counter, 0)).toBe(quantise(samples(4, 'ns')[k]!, ring))
      expect(made.rawSample(counter, 2)).toBe(quantise(samples(4, 'ud')[k]!, ring))
    }
  })
})

test('a quiet day: a still ground and ambient motion, no transient at its beginning', () => {
  const ground = stillGround({ name: 'quiet', start, sample_rate_hz: 100, axes: ['ns', 'ud'], duration_s: 120 })
  const { waveforms } = buildingWaveforms({ name: 'q', ground, buildings: { ns: building }, ambient: options.ambient })
  const roof = waveforms[4]!.axes[0]!.samples
  const rms = (from: number, to: number) =>
    Math.sqrt(roof.subarray(from, to).reduce((s, v) => s + v * v, 0) / (to - from))
  expect(roof.length).toBe(12_000)
  expect(rms(0, 2000) / rms(0, 12_000)).toBeGreaterThan(0.6)
  expect(rms(0, 2000) / rms(0, 12_000)).toBeLessThan(1.6)
})

test('damage along one axis leaves the other as it was', () => {
  const damage = [{ at_s: 5, storey: 1, share: 0.5, axis: 'ns' }]
  const [sound, hurt] = [buildingWaveforms(options), buildingWaveforms({ ...options, damage })]
  expect(hurt.waveforms[4]!.axes[0]).not.toEqual(sound.waveforms[4]!.axes[0])
  expect(hurt.waveforms[4]!.axes[1]).toEqual(sound.waveforms[4]!.axes[1])
  // 20 s lead and 5 s of the record pass first.
  expect(hurt.waveforms[4]!.axes[0]!.samples.subarray(0, 2500)).toEqual(
    sound.waveforms[4]!.axes[0]!.samples.subarray(0, 2500),
  )
  expect(hurt.responses['ns']!.modes_after[0]!.omega).toBeLessThan(hurt.responses['ns']!.modes_before[0]!.omega)
})

test.each([
  ['pga_m_s2', { pga_m_s2: 0 }],
  ['pga_m_s2', { ground: stillGround({ name: 's', start, sample_rate_hz: 100, axes: ['ns'], duration_s: 2 }) }],
  ['sample_rate_hz', { sample_rate_hz: 20 }],
  ['buildings.x', { buildings: { x: building } }],
  [
    'buildings.ew.storeys.length',
    { buildings: { ns: building, ew: { ...building, storeys: building.storeys.slice(1) } } },
  ],
  ['damage[0].axis', { damage: [{ at_s: 1, storey: 0, share: 0.5, axis: 'ud' }] }],
])('%s that cannot be is named', (where, change) => {
  expect(() => buildingWaveforms({ ...options, ...change })).toThrow(`USAGE: ${where}`)
})
