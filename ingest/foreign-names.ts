/**
 * What the channels of foreign Sparkplug nodes are called in the store. Their names are anybody's: none may ever be a channel
 * of the site itself, nor may two of them meet.
 */
import { channelId } from '../domain/ids.ts'

/** Ids of the site hold no dot, so that a foreign `dead-run` is not the gauge of that name. */
const PREFIX = 'foreign'

/** `foreign.<node>` for metrics of the node itself, `foreign.<node>.<device>` for those of a device. */
export const foreignDevice = (node: string, device?: string): string =>
  [PREFIX, part(node), ...(device === undefined ? [] : [part(device)])].join('.')

/** A channel has one slash; folders of a metric name (`Pump/Speed`) become dots. */
export const foreignChannel = (device: string, metric: string): string =>
  channelId(device, metric.split('/').map(part).join('.'))

/** Percent-encoded is what would be read otherwise: dots, and the percent sign itself. Control characters are in no good name. */
const part = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is looked for
  text.replace(/[%./\u0000-\u001f]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`)
