/**
 * Limits that nobody writes and every site has: a channel that quality control fails is a sensor fault, an output that
 * cannot be driven is an alarm, and a silencing at the panel is told through the same durable stream as any condition.
 */
import { devicesOf } from './channel.ts'
import type { Limit } from './condition.ts'
import { channelId } from './ids.ts'
import { type Model, sampledOf } from './model.ts'
import { type QualityTestsSi, qualityToSi } from './quality-tests.ts'
import type { SiteDevice, SiteFile } from './site.ts'
import type { SiteOutput } from './site-limit.ts'

/** A channel that has failed for this long without a break is a sensor fault [s]. */
const FAULT_S = 10

const dashed = (text: string): string => text.replaceAll(/[/_]/g, '-')
export const faultLimitId = (device: string, metric: string): string => `fault-${device}-${dashed(metric)}`
export const outputLimitId = (output: string): string => `output-${output}`
export const outboxLimitId = (node: string): string => `outbox-${node}`
export const silencedLimitId = (output: string): string => `panel-${output}`
/** Beginnings that ids of limits in a site file must not have. */
export const AUTOMATIC_PREFIXES = ['fault-', 'output-', 'panel-', 'outbox-'] as const

/** Quality tests in SI by metric: the model's, and over them those of the site. */
export function qualityOfDevice(device: SiteDevice, model: Model): Map<string, QualityTestsSi> {
  const out = new Map<string, QualityTestsSi>()
  for (const { metric, unit, quality } of model.points ?? [])
    if (quality !== undefined) out.set(metric, qualityToSi(quality, unit))
  const sampled = sampledOf(model)
  for (const axis of sampled?.quality === undefined ? [] : sampled.axes)
    out.set(`${sampled!.group}/${axis}`, qualityToSi(sampled!.quality!, sampled!.unit))
  for (const { metric, unit, defaults, tests } of device.quality ?? [])
    out.set(metric, { ...(defaults && out.get(metric)), ...qualityToSi(tests, unit) })
  return new Map([...out].filter(([, tests]) => Object.keys(tests).length > 0))
}

/** Whether a test among them can fail a sample, and not only doubt it; a point may fail by its range, too. */
const canFail = ({ possible, spike, rate_of_change, flat_line }: QualityTestsSi): boolean =>
  (possible ?? spike?.fail ?? rate_of_change?.fail ?? flat_line?.fail_s) !== undefined

/** Channel by which an output is known: its point, or `<device>/coil-<address>`. */
export const outputChannel = ({ drives }: Pick<SiteOutput, 'drives'>): string =>
  channelId(drives.device, drives.point ?? `coil-${drives.coil}`)

const STATE = {
  direction: 'above',
  limit: 1,
  deadband: 0,
  on_delay_s: 0,
  off_delay_s: 0,
  unit: '1',
  latch: false,
} as const

/** Of the node itself, on no channel: the site file has no place for it, births tell it. */
export const outboxLimit = (node: string): Limit => ({
  ...STATE,
  id: outboxLimitId(node),
  name: `Edge node ${node} loses records: its disk or outbox is full`,
  channel: '',
  kind: 'records_lost',
  priority: 'high',
})

export function automaticLimits(file: SiteFile, models: ReadonlyMap<string, Model>): Limit[] {
  const faults = devicesOf({ file, models }).flatMap(({ device, model }) => {
    const sampled = sampledOf(model)
    const axes = new Set(sampled?.axes.map((axis) => `${sampled.group}/${axis}`))
    return [...qualityOfDevice(device, model)].flatMap(([metric, tests]): Limit[] => {
      if (axes.has(metric) && !canFail(tests)) return []
      return [
        {
          ...STATE,
          id: faultLimitId(device.id, metric),
          name: `${device.name}: ${metric} fails its quality tests`,
          channel: channelId(device.id, metric),
          kind: 'failed_s',
          limit: FAULT_S,
          unit: 's',
          priority: 'medium',
        },
      ]
    })
  })
  const outputs = file.nodes.flatMap((node) =>
    (node.outputs ?? []).flatMap((output): Limit[] => {
      const common = { ...STATE, channel: outputChannel(output), parameters: { output: output.id } }
      return [
        {
          ...common,
          id: outputLimitId(output.id),
          name: `${output.name}: cannot be driven`,
          kind: 'output_failed',
          priority: output.priority,
        },
        {
          ...common,
          id: silencedLimitId(output.id),
          name: `${output.name}: silenced at the panel`,
          kind: 'silenced',
          priority: 'low',
        },
      ]
    }),
  )
  return [...faults, ...outputs]
}
