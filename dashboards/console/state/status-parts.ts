/**
 * Everything the status sentence says, as facts in order; `status-sentence.ts` puts them into words. A water is called
 * normal only while its stage is known and below every named level; nothing is ever called safe.
 */
import type { SiteJson } from '../../../domain/api.ts'
import { isAside, isConditionTrue, isLatched, needsAnswer, sortAlarms } from './alarms.ts'
import { type HealthKind, isUsable, sensorHealth } from './health.ts'
import { msOrNull } from './instants.ts'
import type { LiveState } from './live-state.ts'
import type { Outlook } from './outlook.ts'
import { isShaking, type StructureView, structureView } from './structure.ts'
import { isAbove, type WaterView, waterView } from './water.ts'

export type SilentSensor = { readonly name: string; readonly kind: HealthKind; readonly age_ms: number | null }

export type StatusPart =
  | { readonly kind: 'waters-normal'; readonly normal: readonly WaterView[]; readonly total: number }
  | {
      readonly kind: 'water-above'
      readonly view: WaterView
      /** Since when the alarm of its highest level stands; null = it has none. */
      readonly since_ms: number | null
      readonly outlook: Outlook | null
    }
  /** Below every level, and would reach one. */
  | { readonly kind: 'water-rising'; readonly view: WaterView; readonly outlook: Outlook }
  | { readonly kind: 'water-levelless'; readonly view: WaterView }
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
  | { readonly kind: 'structure-quiet'; readonly view: StructureView }
  | { readonly kind: 'sensors-fresh'; readonly total: number }
  | { readonly kind: 'nothing-watched' }

/** The order in which the parts are said. */
const ORDER: ReadonlyArray<StatusPart['kind']> = [
  'waters-normal',
  'water-above',
  'water-rising',
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
  'water-levelless',
  'structure-quiet',
  'sensors-fresh',
  'nothing-watched',
]

/** `exceeded` needs a person; `unknown` means that less is known than should be; `quiet` is the rest. */
export type Tone = 'exceeded' | 'unknown' | 'quiet'

export function toneOf(part: StatusPart): Tone {
  switch (part.kind) {
    case 'water-above':
    case 'structure-exceeded':
    case 'other-alarms':
    case 'structure-held':
    case 'unanswered':
      return 'exceeded'
    case 'structure-shaking':
    case 'waters-normal':
    case 'water-rising':
    case 'water-levelless':
    case 'structure-quiet':
    case 'sensors-fresh':
      return 'quiet'
    default:
      return 'unknown'
  }
}

/** @param outlookOf what each water would reach next; without it nothing is said of that */
export function statusParts(
  site: SiteJson,
  live: LiveState,
  now_ms: number,
  outlookOf: (view: WaterView) => Outlook | null = () => null,
): StatusPart[] {
  const waters = site.waters.map((water) => waterView(water, live, now_ms))
  const structures = site.structures.map((s) => structureView(s, site, live, now_ms))
  const parts = [
    ...waterParts(waters, outlookOf),
    ...structures.flatMap(structureParts),
    ...alarmParts(site, live, waters, structures),
    ...sensorParts(live, now_ms),
    ...nodeParts(live),
  ]
  return parts.sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind))
}

function waterParts(waters: readonly WaterView[], outlookOf: (view: WaterView) => Outlook | null): StatusPart[] {
  const normal = waters.filter((w) => w.top === null && w.stage_m !== null && w.levels.length > 0)
  const parts = waters.flatMap((view): StatusPart[] => {
    if (view.top !== null)
      return [{ kind: 'water-above', view, since_ms: aboveSince_ms(view), outlook: outlookOf(view) }]
    if (view.stage_m === null) return [{ kind: 'water-unknown', view }]
    if (view.levels.length === 0) return [{ kind: 'water-levelless', view }]
    const outlook = outlookOf(view)
    return outlook === null ? [] : [{ kind: 'water-rising', view, outlook }]
  })
  // Of a single water its own part says it all.
  const counted = normal.length > 0 || waters.length > 1
  return [...(counted ? [{ kind: 'waters-normal' as const, normal, total: waters.length }] : []), ...parts]
}

function aboveSince_ms({ top, active, water }: WaterView): number | null {
  const alarm = active.find(
    (a) => isAbove(a, water.gauge) && Math.fround(a.limit) === Math.fround(top?.level.stage_m ?? Number.NaN),
  )
  return alarm === undefined ? null : msOrNull(alarm.onset_ns)
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
  const others = alarms.filter((a) => !isAside(a) && (isConditionTrue(a) || isLatched(a)) && !told.has(a))
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
