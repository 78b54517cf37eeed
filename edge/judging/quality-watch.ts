/**
 * Quality control of the channels of a node, reading by reading: what fails is flagged 4, what is doubtful 3, each with the
 * test that says so. Nothing is taken away. The tests are `measures/quality/`; their state survives restarts, so that the
 * first value after one is judged by those before.
 */
import { qualityOfDevice } from '../../domain/automatic-limits.ts'
import { channelsOfDevice, devicesOf, type Site, timeScaleOf } from '../../domain/channel.ts'
import { channelId } from '../../domain/ids.ts'
import type { QualityTestsSi } from '../../domain/quality-tests.ts'
import { FAIL, type Flag, GOOD, type Reading, type Reason, SUSPECT } from '../../domain/reading.ts'
import type { SiteNode } from '../../domain/site.ts'
import { type Instant, instant } from '../../domain/time.ts'
import {
  ChannelQuality,
  type ChannelQualityState,
  type ChannelTests,
  type TestName,
} from '../../measures/quality/channel-quality.ts'
import { channelPeriod_ms } from '../part.ts'
import type { EdgeState } from '../ports.ts'
import { LoneJump, type LoneJumpState } from './lone-jump.ts'

type Watched = {
  readonly key: string
  readonly scale: number
  readonly tests: ChannelQuality
  readonly jump: LoneJump | undefined
}
type Saved = { readonly tests: ChannelQualityState; readonly jump?: LoneJumpState }

const REASON: Readonly<Partial<Record<TestName, Reason>>> = {
  grossRange: 'gross-range',
  rateOfChange: 'rate-of-change',
  flatLine: 'flat-line',
}
/** Told for each second, however often the device is polled. */
const EACH_SECOND: readonly string[] = ['pga', 'pgv']
export const DETAIL: Readonly<Partial<Record<Reason, string>>> = {
  'gross-range': 'outside the span of this place',
  'rate-of-change': 'changes faster than it can',
  'flat-line': 'stands still for too long',
  spike: 'a jump that no other value bears out yet',
}

/** Spikes are left to `lone-jump.ts`: the QARTOD form needs the next value, and an alarm does not wait for it. */
export const channelTests = ({ possible, usual, rate_of_change, flat_line }: QualityTestsSi): ChannelTests => ({
  ...((possible || usual) && {
    grossRange: {
      fail: possible ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
      ...(usual && { suspect: usual }),
    },
  }),
  ...(rate_of_change && { rateOfChange: rate_of_change }),
  ...(flat_line && { flatLine: flat_line }),
})

export class QualityWatch {
  readonly #state: EdgeState
  readonly #watched = new Map<string, Watched>()

  constructor(site: Pick<Site, 'file' | 'models'>, node: SiteNode, state: EdgeState) {
    this.#state = state
    for (const place of devicesOf(site)) {
      if (place.node.id !== node.id) continue
      const scale = timeScaleOf(place.device)
      const kinds = new Map(channelsOfDevice(place.device, place.model).map(({ metric, kind }) => [metric, kind]))
      for (const [metric, tests] of qualityOfDevice(place.device, place.model)) {
        // Samples are judged one by one where they are read: `axis-quality.ts`.
        if (kinds.get(metric) === 'axis') continue
        const every_ms = Math.max(EACH_SECOND.includes(metric) ? 1000 : 0, channelPeriod_ms(place, metric))
        const period_s = (every_ms / 1000) * scale
        const channel = channelId(place.device.id, metric)
        const key = `quality/${channel}`
        const saved = state.get(key) as Saved | undefined
        this.#watched.set(channel, {
          key,
          scale,
          tests: new ChannelQuality(channelTests(tests), saved?.tests),
          jump: tests.spike && new LoneJump(tests.spike, period_s, saved?.jump),
        })
      }
    }
  }

  /** The readings of a poll with their flags; one that is bad already keeps its own reason. */
  judge(readings: readonly Reading[]): Reading[] {
    return readings.map((reading) => {
      const watched = this.#watched.get(reading.channel)
      return watched === undefined ? reading : this.#judge(reading, watched)
    })
  }

  #judge(reading: Reading, { key, scale, tests, jump }: Watched): Reading {
    const heard = reading.flag === GOOD || reading.flag === SUSPECT
    const value = heard ? reading.value : null
    const t_ns = deviceInstant(reading.t_ns, scale)
    const { now } = tests.push({ t_ns, value })
    const failed = now.flag === FAIL
    // A value that cannot be is no neighbour of the others.
    const jumped = jump?.push(Number(t_ns) / 1e9, failed ? null : value) ?? GOOD
    this.#state.set(key, { tests: tests.state(), ...(jump && { jump: jump.state() }) } satisfies Saved)
    if (value === null) return reading
    if (jumped === FAIL && !failed) return flagged(reading, FAIL, 'spike')
    if (failed || now.flag === SUSPECT) return flagged(reading, now.flag, REASON[now.test!] ?? 'gross-range')
    return jumped === SUSPECT ? flagged(reading, SUSPECT, 'spike') : reading
  }
}

const flagged = (reading: Reading, flag: Flag, reason: Reason): Reading => ({
  ...reading,
  flag,
  reason,
  detail: DETAIL[reason] ?? reason,
})

/** Device time as an instant; it runs `scale` times as fast and means nothing else. */
const deviceInstant = (t_ns: Instant, scale: number): Instant =>
  scale === 1 ? t_ns : instant(BigInt(Math.round(Number(t_ns) * scale)))
