/**
 * The drill that a node takes part in: what it was told, whether it may be, and until when. Pure; the site with the shadows
 * is made by `domain/drill.ts`, carried out by `service.ts`.
 */
import type { Site } from '../domain/channel.ts'
import { DRILL_MAX_H, type EdgeDrill, withDrill } from '../domain/drill.ts'
import { PlumblineError } from '../domain/errors.ts'
import { isId } from '../domain/ids.ts'
import type { ShadowPlace } from '../domain/simulator-control.ts'
import { type Instant, instant, NS_PER_S } from '../domain/time.ts'

const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost'])
const SHADOWS_MAX = 200
const TEXT_MAX = 128 * 1024
/** The desk's clock may be ahead of this node's: a drill of the full length must still be taken. */
const CLOCK_SLACK_S = 60

/**
 * Body of NCMD `Node Control/Drill`; `null` ends the drill. Shadows answer on the machine of the simulator; a command must
 * not turn a node into a caller of foreign hosts, so only loopback is allowed.
 * @throws PlumblineError DRILL_REFUSED: what was expected and what came
 */
export function parseDrill(text: string, site: Site, nodeId: string, now: Instant): EdgeDrill | null {
  const body = text.length <= TEXT_MAX ? parse(text) : undefined
  if (body === undefined) throw refused('body', 'an EdgeDrill as JSON', text)
  if (body['id'] === null) return null
  const { id, until_ns, shadows } = body
  if (typeof id !== 'string' || !isId(id)) throw refused('id', 'an id', id)
  if (typeof until_ns !== 'string' || !/^\d{1,19}$/.test(until_ns))
    throw refused('until_ns', 'UTC ns, decimal', until_ns)
  const left_s = Number(BigInt(until_ns) - now) / 1e9
  if (left_s <= 0 || left_s > DRILL_MAX_H * 3600 + CLOCK_SLACK_S)
    throw refused('until_ns', `an instant in the next ${DRILL_MAX_H} h`, `${Math.round(left_s)} s from now`)
  if (!Array.isArray(shadows) || shadows.length > SHADOWS_MAX)
    throw refused('shadows', `a list of at most ${SHADOWS_MAX}`, typeof shadows)
  const known = new Set(site.file.nodes.flatMap((node) => node.links.flatMap((link) => link.devices.map((d) => d.id))))
  const places = shadows.map((place, i) => shadowOf(place, `shadows[${i}]`, known))
  const twice = places.find(({ device }, i) => places.findIndex((other) => other.device === device) !== i)
  if (twice !== undefined) throw refused('shadows', 'each device once', twice.device)
  const mine = devicesOfNode(site, nodeId)
  return { id, until_ns, shadows: places.filter(({ device }) => mine.has(device)) }
}

function shadowOf(given: unknown, where: string, known: ReadonlySet<string>): ShadowPlace {
  const place = (typeof given === 'object' && given !== null ? given : {}) as Record<string, unknown>
  const { device, host, port, unit_id, time_scale } = place
  if (typeof device !== 'string' || !known.has(device)) throw refused(`${where}.device`, 'a device of the site', device)
  if (typeof host !== 'string' || !LOOPBACK.has(host)) throw refused(`${where}.host`, 'a loopback address', host)
  if (!within(port, 1, 65_535)) throw refused(`${where}.port`, 'a port from 1 to 65535', port)
  if (!within(unit_id, 0, 255)) throw refused(`${where}.unit_id`, 'a unit id from 0 to 255', unit_id)
  if (typeof time_scale !== 'number' || !Number.isFinite(time_scale) || time_scale <= 0)
    throw refused(`${where}.time_scale`, 'a number above 0', time_scale)
  return { device, host, port, unit_id, time_scale }
}

const within = (value: unknown, low: number, high: number): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= low && value <= high

const devicesOfNode = (site: Site, nodeId: string): Set<string> =>
  new Set(
    site.file.nodes
      .filter(({ id }) => id === nodeId)
      .flatMap((node) => node.links.flatMap((link) => link.devices.map((device) => device.id))),
  )

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

const refused = (where: string, expected: string, got: unknown): PlumblineError =>
  new PlumblineError('DRILL_REFUSED', `${where}: expected ${expected}, got ${String(JSON.stringify(got)).slice(0, 80)}`)

/** A drill kept over a restart; `undefined` where there is none, or it is over. */
export function keptDrill(saved: unknown, now: Instant): EdgeDrill | undefined {
  const drill = saved as EdgeDrill | null | undefined
  return drill !== null && drill !== undefined && untilOf(drill) > now ? drill : undefined
}

export const untilOf = ({ until_ns }: EdgeDrill): Instant => instant(BigInt(until_ns))

/** The site as the node runs it now. */
export const siteWith = (base: Site, drill: EdgeDrill | undefined): Site =>
  drill === undefined ? base : withDrill(base, drill)

/** A clock that is set must not make a drill last: it is looked at again after this long at the latest. */
export const LOOK_NS = 60n * NS_PER_S
