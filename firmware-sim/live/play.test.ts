import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { PlayRequest } from '../../domain/simulator-control.ts'
import { fileOf, LiveBench, liveSite, stageTable, stepMotion } from './live.fixture.ts'

/** One step of the accelerometer: 2 g over 32768. */
const STEP_GAL = (2 * 980.665) / 32_768
const raw = (gal: number) => Math.round(gal / STEP_GAL)

let bench: LiveBench
beforeEach(async () => {
  bench = new LiveBench()
  await bench.simulator.start()
  await bench.seconds(10)
})
afterEach(() => bench.simulator.stop())

/** x of the newest samples; at rest a sensor is at most one step away from 0. */
const x = async (unit: number, count = 50) => (await bench.samples(unit, count)).map(([value]) => value!)

describe('a ground motion into an accelerometer', () => {
  test('is what its ring holds from now on, and what it held stays', async () => {
    const status = await bench.control.play({ as: 'ground', files: [stepMotion('step.csv', 4, 100, 200, 300, 400)] })
    expect(status).toMatchObject({
      name: 'step.csv',
      devices: ['ground'],
      state: 'playing',
      position_s: 0,
      length_s: 4,
      speed: 1,
      loop: false,
    })
    await bench.seconds(2.5)
    const [before, ...samples] = await bench.samples(1, 350)
    expect(Math.abs(before![0]!)).toBeLessThanOrEqual(1)
    const played = samples.map(([value]) => value!)
    expect(played.slice(-40).every((value) => value === raw(300))).toBe(true)
    expect(played.filter((value) => value === raw(100)).length).toBeGreaterThanOrEqual(98)
    // Its neighbour is at rest.
    expect((await x(2)).every((value) => Math.abs(value) <= 1)).toBe(true)
    expect((await bench.control.status()).plays[0]!.position_s).toBeCloseTo(2.5, 6)
  })

  test('ends; stopped, the device shows what the site says', async () => {
    const { id } = await bench.control.play({ as: 'ground/pga', files: [stepMotion('step.csv', 2, 100, 100)] })
    await bench.seconds(3)
    expect((await bench.control.status()).plays).toMatchObject([{ id, state: 'ended', position_s: 2 }])
    expect(await bench.control.steer(id, { action: 'stop' })).toMatchObject({ id, state: 'ended' })
    expect((await bench.control.status()).plays).toEqual([])
    await expect(bench.control.steer(id, { action: 'pause' })).rejects.toThrow('PLAY_REFUSED: play: expected one that')
  })

  test('pauses, goes on, and is wound', async () => {
    const { id } = await bench.control.play({ as: 'ground', files: [stepMotion('s.csv', 4, 100, 200, 300, 400)] })
    await bench.seconds(1.5)
    expect(await bench.control.steer(id, { action: 'pause' })).toMatchObject({ state: 'paused' })
    await bench.seconds(10)
    const resumed = await bench.control.steer(id, { action: 'resume' })
    expect(resumed.position_s).toBeCloseTo(1.5, 6)
    await bench.control.steer(id, { action: 'seek', position_s: 3.2 })
    await bench.seconds(0.6)
    expect((await x(1, 40)).slice(-40).every((value) => value === raw(400))).toBe(true)
    await expect(bench.control.steer(id, { action: 'seek', position_s: 4.5 })).rejects.toThrow(
      'PLAY_REFUSED: position_s: expected 0 to 4 s, got 4.5',
    )
  })

  test('scale and PGA: the stronger horizontal axis peaks where it was told to', async () => {
    await bench.control.play({ as: 'ground', files: [stepMotion('s.csv', 4, 100, 100)], scale_pga_m_s2: 2.5 })
    await bench.seconds(1)
    expect((await x(1, 20)).every((value) => value === raw(250))).toBe(true)
    await bench.control.play({
      as: 'ground',
      files: [stepMotion('s.csv', 4, 100, 100)],
      scale: 0.5,
      start_s: 1,
      loop: true,
    })
    await bench.seconds(0.5)
    expect((await x(1, 20)).every((value) => value === raw(50))).toBe(true)
  })

  test('axes that are no compass axes are taken in their order, and it is said', async () => {
    const text = `time,H1 [gal],H2 [gal],Up [gal]\n${Array.from({ length: 300 }, (_, k) => `${(k / 100).toFixed(2)},10,20,30`).join('\n')}\n`
    const status = await bench.control.play({ as: 'roof', files: [fileOf('h.csv', text)] })
    expect(status.notes).toEqual(['h.csv: h1 is played as ns', 'h.csv: h2 is played as ew'])
    await bench.seconds(1)
    expect((await bench.samples(2, 10)).at(-1)).toEqual([raw(10), raw(20), raw(30)])
  })

  test('another one on the same device takes its place; one on another device does not', async () => {
    const first = await bench.control.play({ as: 'ground', files: [stepMotion('a.csv', 60, 100)] })
    const other = await bench.control.play({ as: 'roof', files: [stepMotion('b.csv', 60, 100)] })
    const second = await bench.control.play({ as: 'ground', recording: 'jma-yonago-2000', files: [] })
    expect((await bench.control.status()).plays.map((play) => play.id).sort()).toEqual([other.id, second.id].sort())
    await expect(bench.control.steer(first.id, { action: 'stop' })).rejects.toThrow('PLAY_REFUSED')
  })
})

describe('an array', () => {
  test('goes by file name, keeps its proportions, and is steered as one', async () => {
    const files = [
      stepMotion('base.csv', 5, 100, 100),
      stepMotion('top.csv', 8, 200, 200),
      stepMotion('rest.csv', 5, 1),
    ]
    const status = await bench.control.play({ as: { base: 'ground', 'top.csv': 'roof' }, files, scale_pga_m_s2: 4 })
    expect(status).toMatchObject({ devices: ['ground', 'roof'], length_s: 8, left_out: ['rest.csv'] })
    await bench.seconds(1)
    expect([(await x(1, 5)).at(-1), (await x(2, 5)).at(-1)]).toEqual([raw(200), raw(400)])
    await bench.control.steer(status.id, { action: 'seek', position_s: 7 })
    expect((await bench.control.status()).plays[0]).toMatchObject({ position_s: 7, state: 'playing' })
    // A play on one of its devices ends it on all.
    await bench.control.play({ as: 'ground', files: [stepMotion('a.csv', 60, 100)] })
    await bench.seconds(2)
    expect((await x(2, 5)).every((value) => Math.abs(value) <= 1)).toBe(true)
  })

  test.each([
    [
      { nowhere: 'ground' },
      'as: expected nowhere to be one of the files (base.csv, top.csv) or a station in them, got none',
    ],
    [{ base: 'ground', top: 'ground' }, 'as: expected one recording for ground, got two'],
    [{ base: 'ground', 'base.csv': 'roof' }, 'as: expected one device for base.csv, got base and base.csv'],
    [{}, 'as: expected at least one file or station, got none'],
  ])('%j is refused', async (as, message) => {
    const files = [stepMotion('base.csv', 5, 100), stepMotion('top.csv', 5, 200)]
    await expect(bench.control.play({ as: as as Record<string, string>, files })).rejects.toThrow(
      `PLAY_REFUSED: ${message}`,
    )
    expect((await bench.control.status()).plays).toEqual([])
  })
})

describe('a stage into a gauge', () => {
  test('row by row, as its registers say it', async () => {
    const { length_s } = await bench.control.play({ as: 'river/stage', files: [stageTable(1, 1.5, 2)] })
    expect(length_s).toBe(180)
    expect(await bench.stage_m()).toBe(1)
    await bench.seconds(61)
    expect(await bench.stage_m()).toBe(1.5)
    await bench.seconds(300)
    expect(await bench.stage_m()).toBe(2)
  })

  test('a gauge that lives 180 times as fast shows it 180 times as fast, in the recording’s time', async () => {
    const fast = new LiveBench({ site: liveSite(180) })
    await fast.simulator.start()
    const { id, length_s } = await fast.control.play({ as: 'river', files: [stageTable(1, 1.5, 2)], speed: 0.1 })
    expect(length_s).toBe(180)
    await fast.seconds(5)
    // 5 s x 180 x 0.1
    expect((await fast.control.status()).plays[0]!.position_s).toBeCloseTo(90, 5)
    expect(await fast.stage_m()).toBe(1.5)
    await fast.control.steer(id, { action: 'seek', position_s: 125 })
    expect(await fast.stage_m()).toBe(2)
    await fast.simulator.stop()
  })
})

const motion = stepMotion('step.csv', 4, 100)
test.each<[string, Partial<PlayRequest>, string]>([
  [
    'a real device',
    { as: 'creek/stage' },
    'PLAY_REFUSED: as: creek is a real device; expected a simulated one (ground, roof, river): a real sensor is never masked',
  ],
  [
    'an unknown device',
    { as: 'moat' },
    'PLAY_REFUSED: as: expected a simulated device of the site (ground, roof, river), got "moat"',
  ],
  [
    'an unknown channel',
    { as: 'ground/stage' },
    'PLAY_REFUSED: as: expected a channel of ground (ground/acceleration/x',
  ],
  ['a motion into a gauge', { as: 'river' }, 'PLAY_REFUSED: as river: expected a recording of what'],
  [
    'a stage into an accelerometer',
    { files: [stageTable(1, 2)] },
    'PLAY_REFUSED: as ground: expected a ground motion for',
  ],
  [
    'more than full scale',
    { scale: 100 },
    'PLAY_REFUSED: scale: expected at most 19.61 m/s², the full scale of ground, got 100',
  ],
  ['a stage out of range', { as: 'river', files: [stageTable(1, 99)] }, 'PLAY_REFUSED: scale: expected stage from'],
  ['a scale that is none', { scale: 0 }, 'PLAY_REFUSED: scale: expected a number above 0 and up to 1000000, got 0'],
  ['two scales', { scale: 1, scale_pga_m_s2: 1 }, 'PLAY_REFUSED: scale: expected scale or scale_pga_m_s2, not both'],
  ['a speed beyond reason', { speed: 101 }, 'PLAY_REFUSED: speed: expected 0.1 to 100, got 101'],
  ['a start after the end', { start_s: 4 }, 'PLAY_REFUSED: start_s'],
  ['no file', { files: [] }, 'PLAY_REFUSED: files: expected files, or the name of a record that ships'],
  [
    'a file that nobody can read',
    { files: [fileOf('LICENSE', 'MIT')] },
    'RECORDING_INVALID: LICENSE:1: expected a unit',
  ],
  ['a record that does not ship', { files: [], recording: 'nope' }, 'RECORDING_INVALID: recordings/: expected one of'],
  ['an unknown unit', { unit: 'furlong' }, 'PLAY_REFUSED: unit: expected a unit that is known, got "furlong"'],
])('%s is refused, and nothing has changed', async (_, change, message) => {
  const running = await bench.control.play({ as: { step: 'ground' }, files: [motion] })
  await expect(bench.control.play({ as: 'ground', files: [motion], ...change })).rejects.toThrow(message)
  expect((await bench.control.status()).plays).toMatchObject([{ id: running.id, state: 'playing' }])
})
