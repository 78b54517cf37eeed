/** What `recording.ts` is told and what it puts together from its parts: options, limits, counts, conditions read back. */
import type { Site } from '../../domain/channel.ts'
import type { Clock, ConnectMqtt, Log } from '../../domain/ports.ts'
import type { Stream } from '../../domain/record.ts'
import type { SiteNode } from '../../domain/site.ts'
import { decodePayload } from '../../domain/sparkplug/codec.ts'
import { NS_PER_S } from '../../domain/time.ts'
import { decodeCondition } from '../../domain/wire/condition.ts'
import type { ClockProbe } from '../../runtime/clock-probe.ts'
import type { EdgeStats } from '../edge-stats.ts'
import type { Offsets } from '../editions.ts'
import { type Outbox, START, type StreamLimits } from '../outbox.ts'
import type { OutboxWatch } from '../outbox-watch.ts'
import type { SampleTime } from '../part.ts'
import type { Present } from '../present.ts'
import type { EdgeRecorder } from '../recorder.ts'
import type { Resend } from '../resend.ts'
import type { Resender } from '../resender.ts'
import type { Uplink } from '../uplink.ts'
import type { OutboxFile } from './outbox-file.ts'
import type { StateFile } from './state-file.ts'

export type RecordingOptions = {
  readonly site: Site
  readonly node: SiteNode
  /** Root of `--data`. */
  readonly dataDir: string
  readonly brokerUrl: string
  readonly clock: Clock
  readonly log: Log
  readonly connectMqtt: ConnectMqtt
  readonly password: () => Promise<string>
  readonly software?: string
  /** Whether the machine's clock is synchronised; default chrony or systemd. */
  readonly clockProbe?: ClockProbe
  /** 16 bytes that last as long as the monotonic clock goes on; default the machine's boot. */
  readonly boot?: Uint8Array
  /** The time becomes known: `timeKnown()` is to be called as soon as nothing measures. Default: at once. */
  readonly onTrustable?: () => void
  /** A metric of an NCMD to `<node>`; false where it is none that is understood. */
  readonly onCommand?: (name: string, value: string) => boolean
  /** When a sample of a device was, by its counter: dates what was recorded without time. */
  readonly sampleTime?: (device: string, boot_id: number, counter: number) => SampleTime | undefined
  /** The desk came, or went. */
  readonly onDesk?: () => void
}

/** Which uplink carries a stream, and how it is sent again. */
export type Lanes = Readonly<Record<Stream, { readonly uplink: Uplink; readonly policy: Resend }>>

type Counted = {
  readonly outbox: OutboxFile
  readonly recorder: EdgeRecorder
  readonly lanes: Lanes
  readonly resenders: readonly Resender[]
  readonly watch: OutboxWatch
  readonly clock: EdgeStats['clock']
}

export function statsOf({ outbox, recorder, lanes, resenders, watch, clock }: Counted): EdgeStats {
  const sum = (of: (resender: Resender) => number) => resenders.reduce((total, r) => total + of(r), 0)
  const stream = (name: Stream) => ({ ...outbox.stats(name), resend: lanes[name].policy.stats })
  const uplink = ({ stats, born, away }: Uplink) => ({ ...stats, up: born, away })
  return {
    outbox: outbox.id,
    sent_live: recorder.sentLive,
    resent: sum((r) => r.resent),
    lost: recorder.lost,
    losing: watch.losing,
    timeless: sum((r) => r.timeless),
    streams: { conditions: stream('conditions'), readings: stream('readings'), blocks: stream('blocks') },
    uplinks: { node: uplink(lanes.conditions.uplink), blocks: uplink(lanes.blocks.uplink) },
    clock,
  }
}

export const highestOf = (outbox: Outbox): Offsets => ({
  conditions: outbox.highest('conditions'),
  readings: outbox.highest('readings'),
  blocks: outbox.highest('blocks'),
})

export function limitsOf({ outbox }: SiteNode): Record<Stream, StreamLimits> {
  const limit = ({ max_mib, max_age_h }: { max_mib: number; max_age_h: number }): StreamLimits => ({
    maxBytes: max_mib * 1024 * 1024,
    maxAge_ns: BigInt(Math.round(max_age_h * 3600)) * NS_PER_S,
  })
  return { conditions: limit(outbox.conditions), readings: limit(outbox.readings), blocks: limit(outbox.blocks) }
}

/** Conditions that were recorded after the state was last saved. */
export async function conditionsBeyond(outbox: OutboxFile, state: StateFile, present: Present): Promise<void> {
  let from = START
  for (;;) {
    const { stored, next } = await outbox.read('conditions', from, 256 * 1024)
    if (stored.length === 0) return
    for (const { record } of stored) {
      if (record.offset <= state.conditionsOffset) continue
      for (const metric of decodePayload(record.metrics).metrics) {
        const condition = decodeCondition(metric)
        if (condition === undefined) continue
        present.condition(condition)
        state.condition(condition, record.offset)
      }
    }
    from = next
  }
}
