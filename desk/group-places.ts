/**
 * With what an alarm may share its cause, by where its channel is: shaking is one event of its structure, stages are one
 * rise of their water, and what a dead node hides is one fault. Pure.
 */
import { channelsOf, type Site } from '../domain/channel.ts'
import { isShadow, splitShadow } from '../domain/drill.ts'
import { channelId, OWN_NODE, splitChannel } from '../domain/ids.ts'
import { isAboutTheSystem } from '../domain/limit-words.ts'
import type { AlarmDefinition } from './alarm-json.ts'
import type { GroupPlace } from './groups.ts'

/** It shakes, or what shaking does to a structure; the latter alone is no earthquake. */
const SHAKES = 'acceleration'
const SHAKEN: ReadonlySet<string> = new Set([
  'tilt',
  'velocity',
  'displacement',
  'drift_ratio',
  'intensity',
  'frequency',
])
const WATER: ReadonlySet<string> = new Set(['stage', 'rate_of_rise'])

/** Shadows of a drill rise and shake apart from their real devices. */
export function groupPlaces(site: Site): (definition: AlarmDefinition | undefined) => GroupPlace | undefined {
  const channels = new Map(channelsOf(site).map((channel) => [channel.id, channel]))
  const structureOf = new Map(
    site.file.nodes.flatMap(({ links }) =>
      links.flatMap(({ devices }) =>
        devices.flatMap(({ id, floor }) => (floor === undefined ? [] : [[id, floor.split('/')[0]!]])),
      ),
    ) as Array<[string, string]>,
  )
  const waterOf = new Map(site.file.waters.map(({ id, gauge }) => [splitChannel(gauge).device, id]))
  return (definition) => {
    if (definition === undefined) return undefined
    const { node, limit } = definition
    if (node === OWN_NODE && limit.kind === 'edge_offline')
      return { kind: 'node-offline', about: limit.id.replace(/^edge-offline-/, '') }
    if (node === OWN_NODE || isAboutTheSystem(limit.kind ?? '')) return undefined
    const { device, metric } = splitChannel(limit.channel)
    const shadow = isShadow(device) ? splitShadow(device) : undefined
    const real = shadow?.id ?? device
    const prefix = shadow === undefined ? '' : `drill.${shadow.drill}.`
    const quantity = channels.get(channelId(real, metric))?.quantity ?? ''
    const about = prefix + (structureOf.get(real) ?? real)
    if (quantity === SHAKES) return { kind: 'ground-motion', about }
    if (SHAKEN.has(quantity)) return { kind: 'ground-motion', about, joins: true }
    const water = waterOf.get(real)
    return water === undefined || !WATER.has(quantity) ? undefined : { kind: 'water-rise', about: prefix + water }
  }
}
