import { expect, test } from 'vitest'
import { SITE } from '../test/fake-world.ts'
import { alarm, quietSite, speech } from '../test/fixtures.ts'
import { ruleText } from './rules.ts'

const soon = { kind: 'reaching', limit: 1800, unit: 's', parameters: { target: 1.8288, window_s: 900 } }
const say = (more: Parameters<typeof alarm>[1]) => ruleText(alarm('run-2', more), SITE, quietSite(), speech())

test('a plain limit needs no rule, and of an unknown kind nothing is made up', () => {
  expect(say({})).toBeNull()
  expect(say({ kind: 'kind-of-tomorrow' })).toBeNull()
})

test('a level is named, also for the shadow of a drill', () => {
  expect(say(soon)).toBe('would reach Level 1 (red) within 30 min (not a forecast)')
  expect(say({ ...soon, channel: 'drill.dawn.dead-run/stage' })).toContain('Level 1 (red)')
})

test('what is no level is a value in the unit of its channel', () => {
  expect(say({ ...soon, parameters: { target: 1.5, window_s: 900 } })).toContain('reach 1.50 m within')
  const shaking = { ...soon, channel: 'tower-a-roof/pga', parameters: { target: 0.5, window_s: 60 } }
  expect(say(shaking)).toContain('reach 50.0 gal within')
})
