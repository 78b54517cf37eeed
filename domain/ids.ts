/** Names that travel: ids are written by hand in the site file, never derived and never reused. */

export const ID_PATTERN = '^[a-z0-9-]{1,64}$'
const ID = new RegExp(ID_PATTERN)
export const isId = (text: string): boolean => ID.test(text)

export const channelId = (device: string, metric: string): string => `${device}/${metric}`

/** Splits `<device>/<metric>`; the metric may itself hold slashes (`acceleration/x`). */
export function splitChannel(channel: string): { device: string; metric: string } {
  const slash = channel.indexOf('/')
  return { device: channel.slice(0, slash), metric: channel.slice(slash + 1) }
}

export const ingestHostId = (site: string): string => `${site}-ingest`
export const deskHostId = (site: string): string => `${site}-desk`
/** Second MQTT client of the desk, of the plain mirror. */
export const deskMirrorId = (site: string): string => `${deskHostId(site)}-mirror`
export const blocksNodeId = (node: string): string => `${node}-blocks`

/** In place of a node's id: alarms that the desk raises by itself. */
export const OWN_NODE = 'desk'

/** An alarm is one node and one limit. */
export const alarmId = (node: string, limit: string): string => `${node}:${limit}`
