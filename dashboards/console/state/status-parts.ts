/**
 * Everything the status sentence says, as facts in order, worst first; `status-sentence.ts` puts them into words.
 * Nothing here is ever called safe or normal: a quiet part says that no threshold was exceeded in what was recorded.
 */
import type { SiteJson } from '../../../domain/api.ts'
import { isConditionTrue, isLatched, needsAnswer, sortAlarms } from './alarms.ts'
import { type HealthKind, isUsable, sensorHealth } from './health.ts'
import type { LiveState } from './live-state.ts'
import { isShaking, type StructureView, structureView } from './structure.ts'
import { isAbove, type WaterView, waterView } from './water.ts'

export type SilentSensor = { readonly name: string; readonly kind: HealthKind; readonly age_ms: number | null }

export type StatusPart =
  | { readonly kind: 'waters-above'; readonly above: readonly WaterView[]; readonly total: number }
  | { readonly kind: 'structure-exceeded'; readonly view: StructureView }
  | { readonly kind: 'other-alarms'; readonly names: readonly string[] }
  | { readonly kind: 'structure-held'; readonly view: StructureView }
  | { readonly kind: 'water-unknown'; readonly view: WaterView }
  | { readonly kind: 'structure-unknown'; readonly view: StructureView }
  | { readonly kind: 'unanswered'; readonly count: number; readonly late: number }
  | { readonly kind: 'sensors-silent'; readonly silent: readonly SilentSensor[]; readonly total: number }
  | { readonly kind: 'sensors-suspect'; readonly names: readonly string[]; readonly total: number }
  | { readonly kind: 'node-away'; readonly id: string; readonly reason: string | null }
  | { readonly kind: 'site-differs'; readonly id: string }
  | { readonly kind: 'store-away' }
  | { readonly kind: 'structure-shaking'; readonly view: StructureView }
  | { readonly kind: 'water-quiet'; readonly view: WaterView }
  | { readonly kind: 'structure-quiet'; readonly view: StructureView }
  | { readonly kind: 'sensors-fresh'; readonly total: number }
  | { readonly kind: 'nothing-watched' }

/** The order in which the parts are said. */
const ORDER: ReadonlyArray<StatusPart['kind']> = [
  'waters-above',
  'structure-exceeded',
  'other-alarms',
  'structure-held',
  'water-unknown',
  'structure-unknown',
  'unanswered',
  'sensors-silent',
  'sensors-suspect',
  'node-away',
  'site-differs',
  'store-away',
  'structure-shaking',
  'water-quiet',
  'structure-quiet',
  'sensors-fresh',
  'nothing-watched',
]

/** `exceeded` needs a person; `unknown` means that less is known than should be; `quiet` is the rest. */
export type Tone = 'exceeded' | 'unknown' | 'quiet'

export function toneOf(part: StatusPart): Tone {
  switch (part.kind) {
    case 'waters-above':
    case 'structure-exceeded':
    case 'other-alarms':
    case 'structure-held':
    case 'unanswered':
      return 'exceeded'
    case 'structure-shaking':
    case 'water-quiet':
    case 'structure-quiet':
    case 'sensors-fresh':
      return 'quiet'
    default:
      return 'unknown'
  }
}

export function statusParts(site: SiteJson, live: LiveState, now_ms: number): StatusPart[] {
  const waters = site.waters.map((water) => waterView(water, live, now_ms))
  const structures = site.structures.map((s) => structureView(s, site, live, now_ms))
  const parts = [
    ...waterParts(waters),
    ...structures.flatMap(structureParts),
    ...alarmParts(site, live, waters, structures),
    ...sensorParts(live, now_ms),
    ...nodeParts(live),
  ]
  return parts.sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind))
}

function waterParts(waters: readonly WaterView[]): StatusPart[] {
  const above = waters.filter((w) => w.top !== null)
  const rest = waters.filter((w) => w.top === null)
  return [
    ...(above.length > 0 ? [{ kind: 'waters-above' as const, above, total: waters.length }] : []),
    ...rest.map((view) => ({
      kind: view.stage_m === null ? ('water-unknown' as const) : ('water-quiet' as const),
      view,
    })),
  ]
}

function structureParts(view: StructureView): StatusPart[] {
  if (view.active.length > 0) return [{ kind: 'structure-exceeded', view }]
  if (view.held.length > 0) return [{ kind: 'structure-held', view }]
  if (view.usable < view.sensors.length || view.sensors.length === 0) return [{ kind: 'structure-unknown', view }]
  const shaking = view.sensors.some((s) => s.pga_m_s2 !== null && isShaking(s.pga_m_s2))
  return [{ kind: shaking ? 'structure-shaking' : 'structure-quiet', view }]
}

function alarmParts(
  site: SiteJson,
  live: LiveState,
  waters: readonly WaterView[],
  structures: readonly StructureView[],
): StatusPart[] {
  const alarms = sortAlarms(live.alarms.values())
  const told = new Set([
    ...waters.filter((w) => w.top !== null).flatMap((w) => w.active.filter((a) => isAbove(a, w.water.gauge))),
    ...structures.flatMap((s) => [...s.active, ...s.held]),
  ])
  const others = alarms.filter((a) => (isConditionTrue(a) || isLatched(a)) && !told.has(a))
  const unanswered = alarms.filter(needsAnswer)
  const watched = site.waters.length + site.structures.length + live.devices.size
  return [
    ...(others.length > 0 ? [{ kind: 'other-alarms' as const, names: others.map((a) => a.name) }] : []),
    ...(unanswered.length > 0
      ? [
          {
            kind: 'unanswered' as const,
            count: unanswered.length,
            late: unanswered.reduce((n, a) => n + a.late.length, 0),
          },
        ]
      : []),
    ...(watched === 0 ? [{ kind: 'nothing-watched' as const }] : []),
  ]
}

function sensorParts(live: LiveState, now_ms: number): StatusPart[] {
  const total = live.devices.size
  if (total === 0) return []
  const judged = [...live.devices.values()].map((device) => ({
    device,
    health: sensorHealth(device, live.readings, now_ms),
  }))
  const silent = judged
    .filter(({ health }) => !isUsable(health))
    .map(({ device, health }) => ({ name: device.name, kind: health.kind, age_ms: health.age_ms }))
  const names = judged.filter(({ health }) => health.kind === 'suspect').map(({ device }) => device.name)
  return [
    ...(silent.length > 0 ? [{ kind: 'sensors-silent' as const, silent, total }] : []),
    ...(names.length > 0 ? [{ kind: 'sensors-suspect' as const, names, total }] : []),
    ...(silent.length + names.length === 0 ? [{ kind: 'sensors-fresh' as const, total }] : []),
  ]
}

function nodeParts(live: LiveState): StatusPart[] {
  const nodes = [...live.nodes.values()]
  return [
    ...nodes
      .filter((n) => n.state !== 'online')
      .map((n) => ({ kind: 'node-away' as const, id: n.id, reason: n.reason })),
    ...nodes.filter((n) => n.site_hash_agrees === false).map((n) => ({ kind: 'site-differs' as const, id: n.id })),
    ...(live.store_available ? [] : [{ kind: 'store-away' as const }]),
  ]
}
