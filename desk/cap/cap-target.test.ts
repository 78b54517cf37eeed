import { expect, test } from 'vitest'
import { loadSite } from '../../domain/site-load.ts'
import { siteText, testModels } from '../testing-site.ts'
import { chainOf, targetOf } from './cap-target.ts'

const TOWER = `structures:
  - { id: tower, name: Tower, kind: tower, floors: [{ id: top, name: Top, height_m: 40 }], area: { circle: { latitude: 25, longitude: 121.5, radius_km: 0.2 } } }
`
function site(cap: string) {
  const text = siteText(false).replace('unit_id: 2', 'unit_id: 2, floor: tower/top')
  const loaded = loadSite(TOWER + text + cap, 'a.yaml', { models: testModels, recordings: new Set() }, () => undefined)
  if ('mistakes' in loaded) throw new Error(JSON.stringify(loaded.mistakes))
  return loaded.site
}
const NAMED =
  'cap: { sender: a@b.org, structures: [{ structure: tower, limit: roof-shaking, severity: moderate, meaning: Look. }] }\n'

test('without cap: nothing makes messages; with it the levels of waters do, and structures only where it names them', () => {
  expect(targetOf(site(''), 'creek-red')).toBeUndefined()
  const plain = site('cap: { sender: a@b.org }\n')
  expect(targetOf(plain, 'creek-red')).toMatchObject({ kind: 'water', place: 'creek', automatic: false })
  expect(targetOf(plain, 'roof-shaking')).toBeUndefined()
  expect(targetOf(site(NAMED), 'roof-shaking')).toMatchObject({
    ...{ kind: 'structure', place: 'tower', severity: 'moderate', meaning: 'Look.', automatic: false },
    area: { areaDesc: 'Tower', circle: { at: [25, 121.5], radius_km: 0.2 } },
  })
})

test('the shadow of a drill is about the same place, in a chain of its own', () => {
  const target = targetOf(site(NAMED), 'drill.flood-1.creek-red')!
  expect(target.place).toBe('creek')
  const chains = [
    chainOf(target, { drill: null, exercise: false }),
    chainOf(target, { drill: null, exercise: true }),
    chainOf(target, { drill: { id: 'flood-1', name: 'Flood' }, exercise: true }),
  ]
  expect(new Set(chains).size).toBe(3)
})
