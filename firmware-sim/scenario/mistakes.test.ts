import { describe, expect, test } from 'vitest'
import { loadRecording } from '../../recordings/load.ts'
import { applyScenario } from './apply.ts'
import { loadScenario } from './load.ts'
import { appliedText, realGaugeSite, scenarioOf, testSite } from './scenario.fixture.ts'

const site = testSite()
const head = 'name: mine\ndescription: Mine.\nduration_s: 100\n'
const saysOf = (text: string, on = site): string => {
  try {
    scenarioOf(head + text, on)
  } catch (error) {
    return (error as Error).message
  }
  return 'nothing'
}
const applyingSays = (text: string, on = site): Promise<string> =>
  appliedText(head + text, on).then(
    () => 'nothing',
    (error: Error) => error.message,
  )

const TIDE = '{ mean_level_m: 1, constituents: [{ name: M2, amplitude_m: 1 }] }'

describe('a scenario with mistakes', () => {
  test('of shape names every one with its line and path', () => {
    const says = saysOf(
      'seed: -1\ntimeline:\n  - { at_s: soon, device: dead-run, restart: {} }\n  - { at_s: 1, tsunami: {} }\n',
    )
    expect(says).toMatch(/^SCENARIO_INVALID: 3 mistakes in scenario mine.yaml/)
    expect(says).toContain('mine.yaml:4: seed: expected a number >= 0, got -1')
    expect(says).toContain('mine.yaml:6: timeline[0].at_s: expected a number, got "soon"')
    expect(says).toContain('mine.yaml:7: timeline[1].tsunami: expected no such key')
  })

  test('names devices, structures, gauges and records that are not there, all at once', () => {
    const says = saysOf(`timeline:
  - { at_s: 1, device: roof, restart: {} }
  - { at_s: 1, structure: tower-b, earthquake: { magnitude: 5, distance_km: 10 } }
  - { at_s: 1, flood: { gauges: [tower-a-ground], rain: [{ total_mm: 50, duration_h: 1 }] } }
  - { at_s: 1, device: dead-run, play: { recording: nile-1938 } }
`)
    expect(says).toMatch(/^SCENARIO_INVALID: 4 mistakes/)
    expect(says).toContain(
      'mine.yaml:5: timeline[0].device: expected a simulated device of the site (tower-a-ground, tower-a-roof, dead-run, mill), got "roof"',
    )
    expect(says).toContain('timeline[1].structure: expected a structure of the site (tower-a), got "tower-b"')
    expect(says).toContain('timeline[2].flood.gauges[0]: expected a simulated gauge of the site (dead-run, mill)')
    expect(says).toContain('timeline[3].play.recording: expected a record in recordings/ (jma-yonago-2000, usgs')
  })

  test('refuses a real device: it is never masked', () => {
    const real = realGaugeSite()
    expect(saysOf('timeline:\n  - { at_s: 1, device: dead-run, restart: {} }\n', real)).toContain(
      'timeline[0].device: expected a simulated device of the site (tower-a-ground, tower-a-roof), got "dead-run"',
    )
  })

  test.each([
    ['{ at_s: 1, device: dead-run }', 'expected exactly one of play, earthquake'],
    ['{ at_s: 1, device: dead-run, restart: {}, stuck: { for_s: 1 } }', 'got "stuck, restart"'],
    ['{ at_s: 1, restart: {} }', 'expected exactly one of device, first, every'],
    ['{ at_s: 100, device: dead-run, restart: {} }', 'at_s: expected a time before the end of the round (100 s)'],
    ['{ at_s: 90, device: dead-run, stuck: { for_s: 20 } }', 'stuck.for_s: expected an end within the round (100 s)'],
    [
      '{ at_s: 1, device: dead-run, spike: { acceleration_m_s2: 1 } }',
      'expected stage_m for dead-run, got {"acceleration_m_s2":1}',
    ],
    ['{ at_s: 1, earthquake: { magnitude: 6 } }', 'earthquake.distance_km: expected a value'],
    ['{ at_s: 1, earthquake: { magnitude: 9.5, distance_km: 10 } }', 'expected a number <= 8'],
    ['{ at_s: 1, earthquake: {} }', 'expected magnitude and distance_km, or recording'],
    ['{ at_s: 1, device: dead-run, earthquake: { magnitude: 6, distance_km: 9 } }', 'no such key beside earthquake'],
    ['{ at_s: 1, device: dead-run, fault: { kind: hang, for_s: 1, code: 2 } }', 'no such key beside any kind but'],
    [
      '{ at_s: 1, first: link, restart: {} }',
      'first: expected gauge, accelerometer, tilt, temperature, pressure, voltage, ratio; link stands beside wire',
    ],
    ['{ at_s: 1, link: edge-1/tower-bus, restart: {} }', 'link: expected no such key beside restart'],
    [
      '{ at_s: 1, link: tower-bus, wire: { drop: 0.1, for_s: 5 } }',
      'simulated (edge-1/tower-bus, edge-1/river-station)',
    ],
    ['{ at_s: 1, every: link, wire: { for_s: 5, way: replies } }', 'wire: expected at least one of delay, drop'],
    ['{ at_s: 1, every: link, wire: { drop: 2, for_s: 5 } }', 'wire.drop: expected a number <= 1, got 2'],
    ['{ at_s: 99, every: link, wire: { drop: 0.1, for_s: 5 } }', 'wire.for_s: expected an end within the round'],
    ['{ at_s: 1, node: edge-9, uplink: { cut: true, for_s: 5 } }', 'node: expected a node of the site (edge-1)'],
    ['{ at_s: 1, device: mill, uplink: { cut: true, for_s: 5 } }', 'device: expected no such key beside uplink'],
    ['{ at_s: 1, uplink: { for_s: 5, cut: false } }', 'uplink: expected at least one of cut, half_open'],
    ['{ at_s: 1, uplink: { for_s: 5, cut: true, half_open: true } }', 'cut or half_open, not both'],
    ['{ at_s: 1, structure: tower-z, damage: { storey: 1, share: 0.5 } }', 'a structure of the site (tower-a)'],
    ['{ at_s: 1, damage: { storey: 1, share: 1.5 } }', 'damage.share: expected a number <= 0.999'],
    [
      `{ at_s: 1, device: tower-a-roof, tide: ${TIDE} }`,
      'device: expected a simulated gauge of the site (dead-run, mill)',
    ],
    [`{ at_s: 1, every: accelerometer, tide: ${TIDE} }`, 'every: expected gauge beside tide'],
  ])('%s is refused', (step, expected) => {
    expect(saysOf(`timeline:\n  - ${step}\n`)).toContain(expected)
  })

  test('lets a device have one fault and one water at a time, and restarts only what plays nothing else', () => {
    const says = saysOf(`timeline:
  - { at_s: 1, device: dead-run, fault: { kind: hang, for_s: 10 } }
  - { at_s: 10, every: gauge, fault: { kind: close, for_s: 10 } }
  - { at_s: 11, device: dead-run, fault: { kind: nan, for_s: 10 } }
  - { at_s: 1, flood: { rain: [{ total_mm: 50, duration_h: 1 }] } }
  - { at_s: 9, flood: { gauges: [dead-run], rain: [{ total_mm: 50, duration_h: 1 }] } }
  - { at_s: 50, device: dead-run, restart: {} }
`)
    expect(says).toMatch(/^SCENARIO_INVALID: 4 mistakes/)
    expect(says).toContain('timeline[1].fault: expected one fault of dead-run at a time (timeline[0]), got "close"')
    expect(says).toContain('timeline[2].fault: expected one fault of dead-run at a time (timeline[1]), got "nan"')
    expect(says).toContain(
      'timeline[4].flood: expected one flood, play, tide or pond of dead-run in a round (timeline[3])',
    )
    expect(says).toContain('timeline[5].restart: expected a device that plays nothing else in the round')
  })

  test('lets a wire and an uplink have one fault at a time, however they are named', () => {
    const says = saysOf(`timeline:
  - { at_s: 1, every: link, wire: { drop: 0.1, for_s: 10 } }
  - { at_s: 5, device: mill, wire: { corrupt: 0.1, for_s: 10 } }
  - { at_s: 11, first: link, wire: { reorder: 0.1, for_s: 10 } }
  - { at_s: 1, uplink: { cut: true, for_s: 10 } }
  - { at_s: 10, node: edge-1, uplink: { delay_ms: 5, for_s: 10 } }
`)
    expect(says).toMatch(/^SCENARIO_INVALID: 2 mistakes/)
    expect(says).toContain('timeline[1].wire: expected one wire fault of edge-1/river-station at a time (timeline[0])')
    expect(says).toContain('timeline[4].uplink: expected one uplink fault of edge-1 at a time (timeline[3])')
  })

  test('never touches the wire of a real device', () => {
    const says = saysOf(
      'timeline:\n  - { at_s: 1, link: edge-1/river-station, wire: { drop: 1, for_s: 9 } }\n',
      realGaugeSite(),
    )
    expect(says).toContain('a link all of whose devices are simulated (edge-1/tower-bus), got "edge-1/river-station"')
  })

  test('an unknown name lists the scenarios that ship', async () => {
    await expect(loadScenario('tsunami', site)).rejects.toThrow(
      'SCENARIO_INVALID: scenario: expected aftershocks, bad-network, demo, earthquake, failing-sensors, flash-flood, long-outage, quiet, typhoon-flood or the path of a file, got "tsunami"',
    )
    await expect(loadScenario('./nowhere.yaml', site)).rejects.toThrow('expected a readable file, got ENOENT')
  })
})

describe('what a device could not show is refused before anything starts', () => {
  test('a motion beyond full scale, on the floor where it is', async () => {
    const says = await applyingSays(
      'timeline:\n  - { at_s: 1, earthquake: { magnitude: 6, distance_km: 10, pga_m_s2: 15 } }\n',
    )
    expect(says).toMatch(
      /tower-a-roof: scale\): expected at most 19\.61 m\/s², its full scale, on every axis, got \d+\.\d+/,
    )
    expect(says).not.toContain('tower-a-ground: scale')
  })

  test.each([
    [
      '{ at_s: 1, device: dead-run, play: { recording: jma-yonago-2000 } }',
      'a series of stages, got "jma-yonago-2000"',
    ],
    ['{ at_s: 1, device: tower-a-ground, play: { recording: usgs-dead-run-2018 } }', 'expected a waveform'],
    ['{ at_s: 1, device: dead-run, play: { recording: usgs-dead-run-2018 } }', 'what is left of the round'],
    [
      '{ at_s: 90, earthquake: { magnitude: 7.5, distance_km: 10 } }',
      'expected at most 10 s, what is left of the round',
    ],
    ['{ at_s: 1, flood: { rain: [{ total_mm: 1, duration_h: 1 }] } }', 'rain of which enough runs off'],
    ['{ at_s: 1, device: tower-a-ground, fault: { kind: nan, for_s: 5 } }', 'integers can show'],
  ])('%s', async (step, expected) => {
    const says = await applyingSays(`timeline:\n  - ${step}\n`)
    expect(says).toMatch(/^SCENARIO_INVALID: 1 mistake in scenario mine\n {2}mine\.yaml:5: timeline\[0\]/)
    expect(says).toContain(expected)
  })

  test.each([
    [
      '{ at_s: 1, damage: { storey: 11, share: 0.5 } }',
      'damage.storey: expected a storey of tower-a (1 to 10), got 11',
    ],
    [
      '{ at_s: 1, device: mill, pond: { area_m2: 9, bottom_m: 0, start_m: 1, pumps: [{ capacity_m3_s: 1, on_m: 1, off_m: 2 }] } }',
      'timeline[0].pond (pumps[0].on_m): expected above off_m (2), got 1',
    ],
    [
      '{ at_s: 1, device: mill, pond: { area_m2: 9, bottom_m: 0, start_m: 1, failures: [{ gate: true, from_h: 1, to_h: 2 }] } }',
      'timeline[0].pond (failures[0].gate): expected a pond with a gate',
    ],
    [
      '{ at_s: 1, flood: { rain: [{ total_mm: 90, duration_h: 1 }], rating: [{ from_m: 1, C: 5, h0_m: 2, b: 1.7 }] } }',
      'expected what can be computed',
    ],
  ])('%s', async (step, expected) => {
    const says = await applyingSays(`water_time_scale: 180\ntimeline:\n  - ${step}\n`)
    expect(says).toMatch(/^SCENARIO_INVALID: [12] mistake/)
    expect(says).toContain(expected)
  })

  test('a flood that would crest after the end of the round', async () => {
    const step = '{ at_s: 1, flood: { rain: [{ total_mm: 300, duration_h: 3 }] } }'
    expect(await applyingSays(`water_time_scale: 60\ntimeline:\n  - ${step}\n`)).toContain(
      'timeline[0].flood (rain): expected a crest at dead-run before the end of the round, got "one that comes later"',
    )
  })

  test('a seed that is none, and a scenario of which nothing fits the site', async () => {
    const rain = '{ total_mm: 50, duration_h: 1 }'
    const dry = realGaugeSite()
    const says = await applyingSays(`timeline:\n  - { at_s: 1, flood: { rain: [${rain}] } }\n`, dry)
    expect(says).toContain('expected a step for which this site has a device, got "timeline[0]: no simulated gauge"')
    const other = applyScenario(scenarioOf(head, site), site, { loadRecording, seed: 1.5 })
    await expect(other).rejects.toThrow('seed: expected a whole number from 0 to 4294967295, got 1.5')
  })
})
