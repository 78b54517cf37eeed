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

describe('a scenario with mistakes', () => {
  test('of shape names every one with its line and path', () => {
    const says = saysOf(
      'seed: -1\ntimeline:\n  - { at_s: soon, device: dead-run, restart: {} }\n  - { at_s: 1, tsunami: {} }\n',
    )
    expect(says).toMatch(/^USAGE: 3 mistakes in scenario mine.yaml/)
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
    expect(says).toMatch(/^USAGE: 4 mistakes/)
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
    ['{ at_s: 1, device: dead-run, spike: { acceleration_m_s2: 1 } }', 'expected stage_m and no acceleration_m_s2'],
    ['{ at_s: 1, earthquake: { magnitude: 6 } }', 'earthquake.distance_km: expected a value'],
    ['{ at_s: 1, earthquake: { magnitude: 9.5, distance_km: 10 } }', 'expected a number <= 8'],
    ['{ at_s: 1, earthquake: {} }', 'expected magnitude and distance_km, or recording'],
    ['{ at_s: 1, device: dead-run, earthquake: { magnitude: 6, distance_km: 9 } }', 'no such key beside earthquake'],
    ['{ at_s: 1, device: dead-run, fault: { kind: hang, for_s: 1, code: 2 } }', 'no such key beside any kind but'],
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
    expect(says).toMatch(/^USAGE: 4 mistakes/)
    expect(says).toContain('timeline[1].fault: expected one fault of dead-run at a time (timeline[0]), got "close"')
    expect(says).toContain('timeline[2].fault: expected one fault of dead-run at a time (timeline[1]), got "nan"')
    expect(says).toContain('timeline[4].flood: expected one flood or play of dead-run in a round (timeline[3])')
    expect(says).toContain('timeline[5].restart: expected a device that plays nothing else in the round')
  })

  test('an unknown name lists the scenarios that ship', async () => {
    await expect(loadScenario('tsunami', site)).rejects.toThrow(
      'USAGE: scenario: expected aftershocks, earthquake, failing-sensors, flash-flood, quiet, typhoon-flood or the path of a file, got "tsunami"',
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
    ['{ at_s: 1, device: tower-a-ground, fault: { kind: nan, for_s: 5 } }', 'a fault that a ring of int16 can show'],
  ])('%s', async (step, expected) => {
    const says = await applyingSays(`timeline:\n  - ${step}\n`)
    expect(says).toMatch(/^USAGE: 1 mistake in scenario mine\n {2}mine\.yaml:5: timeline\[0\]/)
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
