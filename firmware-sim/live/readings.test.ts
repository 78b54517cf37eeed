/** Records of other quantities than motion and stage, played into devices that run, and scenarios and shadows of such. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { link, simulatedDevice, siteOf } from '../fixture.ts'
import { fileOf, LiveBench, models, stepMotion } from './live.fixture.ts'

const play = { recording: 'usgs-dead-run-2018' }
const site = siteOf(
  models,
  link('wall', 5020, [simulatedDevice('pier', 'jingyan-tll90s', 1, play)]),
  link('well', 5021, [simulatedDevice('probe', 'aquaread-leveline', 1, play)]),
  link('field', 502, [{ ...simulatedDevice('real-pier', 'jingyan-tll90s', 4, play), simulated: undefined }]),
)

let bench: LiveBench
beforeEach(async () => {
  bench = new LiveBench({ site })
  await bench.simulator.start()
  await bench.seconds(1)
})
afterEach(() => bench.simulator.stop())

/** Thousandths of a degree along x and y. */
async function tilt(): Promise<number[]> {
  const { registers: r } = await bench.simulator.link('wall').readRegisters(1, 'holding', 102, 4)
  return [(r[0]! << 16) | r[1]!, (r[2]! << 16) | r[3]!]
}
const csv = (header: string, ...rows: string[]) => fileOf('a.csv', `${header}\n${rows.join('\n')}\n`)

describe('replay', () => {
  test('of tilt goes axis by axis, and gives the device back', async () => {
    const files = [csv('time,tilt_ew_deg,tilt_ns_deg', '0,-1.5,2.25', '10,0.001,0')]
    const { id } = await bench.control.play({ as: 'pier', files })
    await bench.seconds(5)
    expect(await tilt()).toEqual([2250, -1500])
    await bench.seconds(6)
    expect(await tilt()).toEqual([0, 1])
    await bench.control.steer(id, { action: 'stop' })
    expect(await tilt()).toEqual([0, 0])
  })

  test('takes the unit from the call; one column named for a channel moves that axis alone', async () => {
    await bench.control.play({ as: 'pier/tilt_y', files: [csv('time,lean', '0,3', '10,3')], unit: 'deg' })
    await bench.seconds(1)
    expect(await tilt()).toEqual([0, 3000])
    await bench.control.play({ as: 'pier', files: [csv('time,lean', '0,3', '10,3')], unit: 'deg' })
    await bench.seconds(1)
    expect(await tilt()).toEqual([3000, 3000])
  })

  test('of temperature in °C, with pressure beside it; what the device has not is named', async () => {
    const files = [csv('time,water (°C),well (hPa),box [mV]', '0,12.5,800,1', '10,13,800,1')]
    const { notes } = await bench.control.play({ as: 'probe', files })
    expect(notes).toEqual(['a.csv: not played: box'])
    const { registers: r } = await bench.simulator.link('well').readRegisters(1, 'input', 0, 3)
    expect([r[0], (r[1]! << 16) | r[2]!]).toEqual([1250, 8000])
  })

  test.each([
    ['probe', csv('time,tilt_x_deg', '0,1', '1,1'), {}, 'expected a recording of what aquaread-leveline measures'],
    ['pier', csv('time,tilt_x_deg', '0,91', '1,1'), {}, 'scale: expected tilt_x from -1.57'],
    [
      'pier',
      stepMotion('m.csv', 2, 100),
      {},
      'expected a recording of what jingyan-tll90s measures, not a ground motion',
    ],
    ['pier', csv('time,tilt_x_deg', '0,1', '1,1'), { unit: 'degC' }, 'expected --unit deg, as the column'],
    ['pier', csv('time,tilt_x', '0,1', '1,1'), { unit: 'rod' }, 'unit: expected a unit that is known, got "rod"'],
  ])('into %s of what does not fit is refused', async (as, file, more, message) => {
    await expect(bench.control.play({ as, files: [file], ...more })).rejects.toThrow(message)
  })
})

test('a scenario and a drill take them in: the shadow of a real tilt meter drifts as its scenario says', async () => {
  const text = `name: lean
description: The pier leans.
duration_s: 60
timeline:
  - { at_s: 10, every: tilt, drift: { for_s: 20, tilt_rad: 0.01745329252 } }
`
  await bench.control.startScenario({ text })
  await bench.seconds(20.05)
  const [x] = await tilt()
  expect(Math.abs(x! - 500)).toBeLessThanOrEqual(10)
  await bench.control.stopScenario()
  const [place] = await bench.control.startDrill({ drill: 'd1', scenario: { text }, shadows: ['real-pier'] })
  expect(place).toMatchObject({ device: 'real-pier', unit_id: 4, time_scale: 1 })
  await bench.control.stopDrill('d1')
})
