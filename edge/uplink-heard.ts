/**
 * What is said to a Sparkplug edge node: states of hosts, and the metrics of its NCMD. Told on to whom it concerns; what is
 * not understood is counted and changes nothing.
 */
import type { Log, MqttMessage } from '../domain/ports.ts'
import type { Committed } from '../domain/record.ts'
import { decodePayload } from '../domain/sparkplug/codec.ts'
import type { Metric } from '../domain/sparkplug/payload.ts'
import { decodeState, nodeTopic, parseStateTopic } from '../domain/sparkplug/topics.ts'
import { parseCommitted } from '../domain/wire/committed.ts'
import { COMMITTED, REBIRTH } from '../domain/wire/names.ts'

export type HeardBy = {
  /** An acknowledgement; false where it fits nothing here. */
  readonly onCommitted: (committed: Committed) => boolean
  /** Another control metric with a text; false where it is none that is understood. */
  readonly onCommand?: (name: string, value: string) => boolean
  readonly onHostState: (host: string, online: boolean, timestamp_ms: number) => void
}

type HeardOptions = HeardBy & {
  readonly group: string
  readonly node: string
  readonly log: Log
  readonly stats: { refused_acks: number; bad_commands: number }
  readonly onRebirth: () => void
}

export class UplinkHeard {
  readonly #options: HeardOptions
  readonly #commands: string
  #refusalTold = false

  constructor(options: HeardOptions) {
    this.#options = options
    this.#commands = nodeTopic(options.group, 'NCMD', options.node)
  }

  take({ topic, payload }: MqttMessage): void {
    const { onHostState, stats } = this.#options
    const host = parseStateTopic(topic)
    if (host !== undefined) {
      const state = decodeState(payload)
      if (state !== undefined) onHostState(host, state.online, state.timestamp)
      return
    }
    if (topic !== this.#commands) return
    let metrics: readonly Metric[]
    try {
      metrics = decodePayload(payload).metrics
    } catch {
      stats.bad_commands++
      return
    }
    for (const metric of metrics) this.#command(metric)
  }

  #command({ name, value }: Metric): void {
    const { onRebirth, onCommand, stats } = this.#options
    if (name === REBIRTH && value === true) onRebirth()
    else if (name === COMMITTED && typeof value === 'string') this.#committed(value)
    else if (typeof value !== 'string' || !onCommand?.(name ?? '', value)) stats.bad_commands++
  }

  #committed(text: string): void {
    const { onCommitted, stats, log } = this.#options
    const committed = parseCommitted(text)
    if (committed !== undefined && onCommitted(committed)) return
    stats.refused_acks++
    if (!this.#refusalTold)
      log.warn('an acknowledgement that is not for us trims nothing (told once, then counted)', {
        got: text.slice(0, 120),
      })
    this.#refusalTold = true
  }
}
