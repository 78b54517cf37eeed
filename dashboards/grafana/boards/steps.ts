/** Levels and limits of the site as steps of colour, and the channels that boards pick out. */
import { GREY, PRIORITY, SEVERITY } from '../colors.ts'
import type { Step } from '../json.ts'
import { onScreen, type Shown, type ViewChannel, type ViewLevel, type ViewLimit, type ViewStructure } from '../view.ts'

export const levelSteps = (levels: readonly ViewLevel[], base: string = GREY): Step[] => [
  { value: null, color: base },
  ...levels.map(({ stage_m, severity }) => ({ value: stage_m, color: SEVERITY[severity] })),
]

/** Limits that are raised from below; those of the other side would colour what is well. */
export function limitSteps(limits: readonly ViewLimit[], shown: Shown): Step[] {
  const above = limits
    .filter(({ limit }) => limit.direction === 'above')
    .map(({ limit }) => ({ value: onScreen(limit.limit, shown), color: PRIORITY[limit.priority] }))
    .sort((a, b) => a.value - b.value)
  return [{ value: null, color: GREY }, ...above.filter(({ value }, i) => value !== above[i + 1]?.value)]
}

/** Channels of one metric on a structure, each with the name of its floor. */
export const channelsNamed = ({ devices }: ViewStructure, metric: string): ViewChannel[] =>
  devices.flatMap(({ name, channels }) =>
    channels.filter(({ channel }) => channel.metric === metric).map((one) => ({ ...one, name })),
  )
export const pgaOf = (structure: ViewStructure): ViewChannel[] => channelsNamed(structure, 'pga')
