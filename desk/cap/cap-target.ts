/** Which alarms make CAP messages, and about what: limits on named levels of waters, and limits of structures that `cap:` names. Pure. */
import type { AlarmJson } from '../../domain/alarm.ts'
import type { Site } from '../../domain/channel.ts'
import { splitShadow } from '../../domain/drill.ts'
import { SEVERITIES } from '../../domain/site.ts'
import type { SiteArea } from '../../domain/site-cap.ts'
import type { CapArea } from './cap-xml.ts'

export type Severity = (typeof SEVERITIES)[number]
export type CapTarget = {
  readonly kind: 'water' | 'structure'
  /** Id of the water or structure. */
  readonly place: string
  readonly placeName: string
  readonly levelName: string
  readonly meaning: string
  readonly severity: Severity
  /** Order among the levels of the place; higher is worse. */
  readonly rank: number
  readonly automatic: boolean
  /** How long after it went out a message about it is in effect [s]; null = without end. */
  readonly expires_s: number | null
  readonly area: CapArea
}

export function targetOf({ file }: Pick<Site, 'file'>, limit_id: string): CapTarget | undefined {
  const { cap } = file
  if (cap === undefined) return undefined
  const id = splitShadow(limit_id)?.id ?? limit_id
  const limit = file.limits.find((one) => one.id === id)
  if (limit?.level !== undefined) {
    const [waterId, levelId] = limit.level.split('/')
    const water = file.waters.find((one) => one.id === waterId)
    const level = water?.levels.find((one) => one.id === levelId)
    if (water === undefined || level === undefined) return undefined
    const own = cap.levels.find((one) => one.level === limit.level)
    return {
      ...{ kind: 'water', place: water.id, placeName: water.name, levelName: level.name, meaning: level.meaning },
      severity: level.severity as Severity,
      rank: water.levels.filter(({ stage }) => stage < level.stage).length,
      automatic: own?.release === 'automatic',
      expires_s: expires_s(own?.expires_min ?? cap.expires_min),
      area: areaOf(water.name, water.area),
    }
  }
  const named = cap.structures.find((one) => one.limit === id)
  const structure = file.structures.find((one) => one.id === named?.structure)
  if (limit === undefined || named === undefined || structure === undefined) return undefined
  return {
    ...{ kind: 'structure', place: structure.id, placeName: structure.name, levelName: limit.name },
    ...{ meaning: named.meaning, severity: named.severity as Severity, automatic: named.release === 'automatic' },
    rank: SEVERITIES.indexOf(named.severity as Severity),
    expires_s: expires_s(named.expires_min ?? cap.expires_min),
    area: areaOf(structure.name, structure.area),
  }
}

const expires_s = (min: number | undefined): number | null => (min === undefined ? null : min * 60)

/** A place has one chain of messages for what is real, one for its simulated devices and one for each drill. */
export const chainOf = (
  { kind, place }: CapTarget,
  { drill, exercise }: Pick<AlarmJson, 'drill' | 'exercise'>,
): string => `${kind}/${place}|${drill !== null ? `drill/${drill.id}` : exercise ? 'exercise' : 'real'}`

/** CAP 1.2, 3.2.4: the first and the last corner are the same. */
function areaOf(name: string, area: SiteArea | undefined): CapArea {
  const { description = name, polygon, circle, geocodes } = area ?? {}
  const corners = polygon?.map(({ latitude, longitude }) => [latitude, longitude] as const)
  const [first, last] = [corners?.[0], corners?.at(-1)]
  const closed = first !== undefined && first[0] === last?.[0] && first[1] === last[1] && corners!.length > 3
  return {
    areaDesc: description,
    ...(corners && first && { polygon: closed ? corners : [...corners, first] }),
    ...(circle && { circle: { at: [circle.latitude, circle.longitude] as const, radius_km: circle.radius_km } }),
    ...(geocodes && { geocode: geocodes.map(({ name: valueName, value }) => ({ valueName, value })) }),
  }
}
