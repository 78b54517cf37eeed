import { describe, expect, test } from 'vitest'
import type { EventFloorJson } from '../../../domain/api-desk.ts'
import { SITE } from '../test/fake-world.ts'
import { device, NOW_MS, quietSite, reading } from '../test/fixtures.ts'
import { eventFloors, floorsNow, sayFloors, shadeOf, topOf } from './floors.ts'
import { structureView } from './structure.ts'

const tower = SITE.structures[0]!
const { sensors } = structureView(tower, SITE, quietSite(), NOW_MS)
const measured = (floor: string, more: Partial<EventFloorJson>): EventFloorJson => ({
  floor,
  height_m: 0,
  device: `tower-a-${floor}`,
  pga_m_s2: null,
  pgv_m_s: null,
  intensity: null,
  drift_ratio: null,
  residual_drift_ratio: null,
  tilt_rad: null,
  complete: 1,
  ...more,
})

describe('the floors of an event', () => {
  test('stand from the top down, and what a sensor exceeded is exceeded', () => {
    // The scripted site limits the roof at 80 gal and the base at 25 gal.
    const rows = eventFloors(
      tower,
      sensors,
      [measured('base', { pga_m_s2: 0.24 }), measured('roof', { pga_m_s2: 0.8 })],
      'pga',
    )
    expect(rows.map((r) => [r.id, r.limit, r.exceeded])).toEqual([
      ['roof', 0.8, true],
      ['base', 0.25, false],
    ])
  })
  test('without a figure are unknown, never zero; with holes they say so', () => {
    const rows = eventFloors(tower, sensors, [measured('roof', { pga_m_s2: 0.1, complete: 0.97 })], 'pga')
    expect(rows.map((r) => [r.value, r.quality])).toEqual([
      [0.1, 'incomplete'],
      [null, 'unknown'],
    ])
    const said = sayFloors(rows)
    expect(said.most?.id).toBe('roof')
    expect([said.exceeded.length, said.unknown.length, said.incomplete.length, said.limits]).toEqual([0, 1, 1, 1])
  })
  test('intensity-equivalents are ranked by the scale: 5+ is more than 5-, and both more than 4', () => {
    const rank = (intensity: string) =>
      eventFloors(tower, sensors, [measured('roof', { intensity })], 'intensity')[0]!.value
    expect([rank('4')! < rank('5-')!, rank('5-')! < rank('5+')!, rank('no class')]).toEqual([true, true, null])
    expect(eventFloors(tower, sensors, [measured('roof', { intensity: '4' })], 'intensity')[0]!.limit).toBeNull()
  })
})

test('now only PGA is told; a silent sensor leaves its floor unknown', () => {
  const live = quietSite({ readings: [reading('tower-a-base/pga', null)], devices: [device('tower-a-roof')] })
  const { sensors: now } = structureView(tower, SITE, live, NOW_MS)
  expect(floorsNow(tower, now, 'pga').map((r) => [r.value, r.quality])).toEqual([
    [0.003, 'known'],
    [null, 'unknown'],
  ])
  expect(floorsNow(tower, now, 'drift').every((r) => r.quality === 'unknown')).toBe(true)
})

test('greys go in five steps up to the greatest shown, and nothing is not a step', () => {
  expect([0, 0.1, 0.5, 0.76, 1].map((v) => shadeOf(v, 1))).toEqual([0, 1, 2, 4, 4])
  expect(shadeOf(null, 1)).toBe(0)
  expect(shadeOf(1, 0)).toBe(0)
  expect(topOf([])).toBe(0)
  // 0.3 gal of a limit of 80 gal is the faintest step, though nothing else shakes more.
  const quiet = floorsNow(tower, sensors, 'pga')
  expect(shadeOf(quiet[0]!.value, topOf(quiet))).toBe(1)
})
