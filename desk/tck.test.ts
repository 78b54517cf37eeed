/** What the desk shows when an edge node or a device dies, by the assertion ids of the Sparkplug 3.0 specification. */
import { expect, test } from 'vitest'
import { LiveModel } from './live-model.ts'
import { at, testSite } from './testing-site.ts'

function alive(): LiveModel {
  const site = testSite()
  const model = new LiveModel(site)
  model.nodeBirth('north', site.hash, at(0))
  for (const { id } of model.devices()) model.deviceBirth(id, at(0))
  return model
}
const creek = (model: LiveModel) => model.devices().find(({ id }) => id === 'creek')

test('tck-id-operational-behavior-edge-node-termination-host-action-ndeath-node-offline: since when we heard of it', () => {
  const model = alive()
  model.nodeDeath('north', at(10))
  expect(model.node('north')).toMatchObject({ state: 'offline', since_ns: String(at(10)) })
})

test.each([
  'tck-id-operational-behavior-edge-node-termination-host-action-ndeath-devices-offline',
  'tck-id-operational-behavior-edge-node-termination-host-action-ndeath-devices-tags-stale',
])('%s: its devices are unknown since then, and why', () => {
  const model = alive()
  model.nodeDeath('north', at(10))
  const state = { state: 'unknown', since_ns: String(at(10)), reason: 'the edge node is away' }
  const ofNorth = model.devices().filter(({ node }) => node === 'north')
  expect(ofNorth.length).toBeGreaterThan(0)
  for (const device of ofNorth) expect(device).toMatchObject(state)
})

test.each([
  'tck-id-operational-behavior-edge-node-termination-host-action-ddeath-devices-offline',
  'tck-id-operational-behavior-edge-node-termination-host-action-ddeath-devices-tags-stale',
])('%s: the device is offline, the node is not', () => {
  const model = alive()
  model.deviceDeath('creek', at(10))
  expect(creek(model)).toMatchObject({ state: 'offline', since_ns: String(at(10)) })
  expect(model.node('north')).toMatchObject({ state: 'online' })
})
