/** Which policy an alarm goes by, and the structure or water that it is about. */
import { splitChannel } from './ids.ts'
import type { SiteFile } from './site.ts'
import type { SiteNotices, SitePolicy } from './site-notices.ts'

export type AboutAlarm = {
  readonly limit_id: string
  readonly priority: string
  readonly structure?: string
  readonly water?: string
}

/** The structure or water that a channel is about. */
export function subjectOf(
  file: Pick<SiteFile, 'nodes' | 'waters'>,
  channel: string,
): Pick<AboutAlarm, 'structure' | 'water'> {
  const { device } = splitChannel(channel)
  const water = file.waters.find(({ gauge }) => splitChannel(gauge).device === device)
  if (water !== undefined) return { water: water.id }
  for (const node of file.nodes)
    for (const link of node.links)
      for (const placed of link.devices)
        if (placed.id === device && placed.floor !== undefined) return { structure: placed.floor.split('/')[0]! }
  return {}
}

/** The first policy that fits an alarm. */
export const policyFor = ({ policies }: Pick<SiteNotices, 'policies'>, alarm: AboutAlarm): SitePolicy | undefined =>
  policies.find(
    ({ priorities, limits, structures, waters }) =>
      (priorities === undefined || priorities.includes(alarm.priority as never)) &&
      (limits === undefined || limits.includes(alarm.limit_id)) &&
      ((structures === undefined && waters === undefined) ||
        structures?.includes(alarm.structure ?? '') === true ||
        waters?.includes(alarm.water ?? '') === true),
  )
