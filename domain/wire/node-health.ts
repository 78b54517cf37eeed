/**
 * How an edge node does, in numbers: node metric `health`, a String of JSON in NDATA now and then. No record: nobody
 * acknowledges it and nothing is sent again. Counts only grow while the node runs.
 */
import { STREAMS, type Stream } from '../record.ts'

export type OutboxHealth = {
  readonly records: number
  readonly bytes: number
  /** Age of the oldest record that its owner has not committed [s]. */
  readonly oldest_s: number
  readonly dropped: number
  /** Time that acknowledgements took lately [s]. */
  readonly acknowledged_s: number
}
export type NodeHealth = {
  readonly polls: number
  readonly polls_good: number
  readonly polls_missed: number
  /** Failed polls and refused points by reason. */
  readonly errors: Readonly<Record<string, number>>
  readonly links: number
  readonly links_up: number
  readonly not_sent: number
  readonly clock_trusted: boolean
  readonly clock_steps: number
  readonly streams: Readonly<Record<Stream, OutboxHealth>>
}

/** Reasons are a handful of words; more of them come only from a node that makes them up. */
const REASONS_MAX = 40

/** `undefined` where the text is not the health of a node, in whole. */
export function parseNodeHealth(text: string): NodeHealth | undefined {
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    return undefined
  }
  if (!isObject(body)) return undefined
  const { errors, streams, clock_trusted } = body
  const counts = ['polls', 'polls_good', 'polls_missed', 'links', 'links_up', 'not_sent', 'clock_steps'] as const
  if (!counts.every((key) => isCount(body[key])) || typeof clock_trusted !== 'boolean') return undefined
  if (!isObject(errors) || Object.keys(errors).length > REASONS_MAX || !Object.values(errors).every(isCount))
    return undefined
  if (!isObject(streams) || !STREAMS.every((stream) => isOutbox(streams[stream]))) return undefined
  return body as unknown as NodeHealth
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0
const isSeconds = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value)
const isOutbox = (value: unknown): boolean =>
  isObject(value) &&
  ['records', 'bytes', 'dropped'].every((key) => isCount(value[key])) &&
  ['oldest_s', 'acknowledged_s'].every((key) => isSeconds(value[key]))
