/**
 * Whether a command from outside may be carried out: the point may be written, the value is within what the model allows, the
 * command has not expired and was not carried out before. Pure; sending, carrying out and auditing are others' business.
 */
import { devicesOf, type PlacedDevice, type Site } from '../../domain/channel.ts'
import { isShadow } from '../../domain/drill.ts'
import type { ScalarPoint } from '../../domain/model.ts'
import type { SiteNode } from '../../domain/site.ts'
import type { Instant } from '../../domain/time.ts'
import { type WritePlan, writePlan } from './write-plan.ts'

/** A command as it comes; nothing of it is trusted. */
export type WriteCommand = {
  /** Made by the sender, unique for ever. */
  readonly id: string
  readonly device: string
  readonly metric: string
  /** In the unit of the point, as its model says. */
  readonly value: number
  /** UTC ns, decimal: carried out before it or not at all. */
  readonly expires_ns: string
  /** Who asked. */
  readonly by: string
}
export type Refusal =
  | 'malformed'
  | 'seen'
  | 'expired'
  | 'too-far-ahead'
  | 'no-device'
  | 'no-point'
  | 'not-writable'
  | 'driven-by-output'
  | 'out-of-range'
export type Verdict =
  | { readonly allowed: true; readonly command: WriteCommand; readonly placed: PlacedDevice; readonly plan: WritePlan }
  | { readonly allowed: false; readonly refusal: Refusal; readonly detail: string }

/** A command that would stay valid for longer could be held back and played when nobody expects it [ns]. */
const AHEAD_MAX_NS = 300_000_000_000n
const TEXT_MAX = 200

const refuse = (refusal: Refusal, detail: string): Verdict => ({ allowed: false, refusal, detail })

const isText = (value: unknown): value is string =>
  typeof value === 'string' && value.length > 0 && value.length <= TEXT_MAX

/** The command, or `undefined` where a part is missing or of the wrong kind. */
export function parseCommand(body: unknown): WriteCommand | undefined {
  if (typeof body !== 'object' || body === null) return undefined
  const { id, device, metric, value, expires_ns, by } = body as Record<string, unknown>
  if (![id, device, metric, by].every(isText)) return undefined
  if (typeof value !== 'number' || !Number.isFinite(value)) return undefined
  if (typeof expires_ns !== 'string' || !/^\d{1,20}$/.test(expires_ns)) return undefined
  return { id, device, metric, value, expires_ns, by } as WriteCommand
}

/**
 * @param seen whether a command of this id was carried out or refused before
 * @param trustedTime false while the node has no trusted time: then nothing can be said to be unexpired
 */
export function judgeCommand(
  site: Pick<Site, 'file' | 'models'>,
  node: SiteNode,
  body: unknown,
  now: Instant,
  seen: (id: string) => boolean,
  trustedTime = true,
): Verdict {
  const command = parseCommand(body)
  if (command === undefined)
    return refuse('malformed', 'expected id, device, metric, by (text), value (number), expires_ns (decimal text)')
  if (seen(command.id)) return refuse('seen', `command ${command.id} was there before`)
  const left_ns = BigInt(command.expires_ns) - now
  if (!trustedTime || left_ns <= 0n)
    return refuse('expired', trustedTime ? `expired ${-left_ns / 1_000_000n} ms ago` : 'the node has no trusted time')
  if (left_ns > AHEAD_MAX_NS) return refuse('too-far-ahead', 'valid for more than 300 s')
  return judgePoint(site, node, command)
}

function judgePoint(site: Pick<Site, 'file' | 'models'>, node: SiteNode, command: WriteCommand): Verdict {
  const { device, metric, value } = command
  const placed = devicesOf(site).find((p) => p.node.id === node.id && p.device.id === device)
  if (placed === undefined || isShadow(device)) return refuse('no-device', `${device} is no device of ${node.id}`)
  const point: ScalarPoint | undefined = placed.model.points?.find((p) => p.metric === metric)
  if (point === undefined) return refuse('no-point', `${device} has no point ${metric}`)
  const { writable, range, unit } = point
  if (writable !== true) return refuse('not-writable', `${device}/${metric} may not be written`)
  const output = (node.outputs ?? []).find(({ drives }) => drives.device === device && drivesPoint(drives, point))
  if (output !== undefined) return refuse('driven-by-output', `${device}/${metric} is driven by output ${output.id}`)
  if (value < range.low || value > range.high)
    return refuse('out-of-range', `${value} is not within ${range.low} to ${range.high} ${unit}`)
  const plan = writePlan(point, value)
  return plan === undefined
    ? refuse('out-of-range', `${value} ${unit} cannot be written as ${point.type}`)
    : { allowed: true, command, placed, plan }
}

const drivesPoint = ({ point, coil }: { readonly point?: string; readonly coil?: number }, at: ScalarPoint): boolean =>
  point === at.metric || (coil !== undefined && at.table === 'coil' && at.address === coil)
