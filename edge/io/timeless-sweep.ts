/**
 * What becomes of records of a boot that ended without the time. Each boot is dated afterwards where a sensor proves it: one
 * whose sample counter ran through and whose samples are dated now tells when those of then were. What nothing proves is
 * given up: counted, told as a gap over the whole span in which it may have been, and let go. Conditions were sent, marked.
 */
import type { Log } from '../../domain/ports.ts'
import { rangesOf } from '../../domain/ranges.ts'
import type { Block, Gap } from '../../domain/reading.ts'
import type { Stream } from '../../domain/record.ts'
import type { Instant } from '../../domain/time.ts'
import { decodeBody, LossTally } from '../loss-tally.ts'
import type { Undated } from '../node-clock.ts'
import { type Outbox, START, type Stored } from '../outbox.ts'
import type { SampleTime } from '../part.ts'
import type { TrustedClock } from './trusted-clock.ts'

const READ_BYTES = 256 * 1024
const SWEPT: readonly Stream[] = ['blocks', 'readings']

export type SweepOptions = {
  readonly outbox: Outbox
  readonly clock: Pick<TrustedClock, 'undated' | 'prove' | 'settle' | 'hold'>
  readonly log: Log
  readonly sampleTime: (device: string, boot_id: number, counter: number) => SampleTime | undefined
  readonly told: (stream: Stream, gaps: ReadonlyMap<string, readonly Gap[]>) => void
}

/** @returns whether any boot was dated, so that its records can go */
export async function sweepUndated(options: SweepOptions): Promise<boolean> {
  const release = options.clock.hold()
  try {
    const proven = await prove(options)
    for (const undated of options.clock.undated) await giveUp(options, undated)
    return proven
  } finally {
    release()
  }
}

/** The sample that is dated best counts: the uncertainty grows with the time between. */
async function prove({ outbox, clock, log, sampleTime }: SweepOptions): Promise<boolean> {
  const best = new Map<string, { readonly block: Block; readonly time: SampleTime }>()
  const boots = new Set(clock.undated.map(({ boot }) => boot))
  await each(outbox, 'blocks', boots, ({ record }, boot) => {
    if (record.kind !== 'block') return
    for (const { blocks } of decodeBody(record.device, record.metrics))
      for (const block of blocks) {
        const time = sampleTime(record.device, block.boot_id, block.first_counter)
        const known = best.get(boot)
        if (time !== undefined && (known === undefined || time.half_width_ns < known.time.half_width_ns))
          best.set(boot, { block, time })
      }
  })
  for (const [boot, { block, time }] of best) {
    clock.prove(boot, block.t0_ns, time.t_ns, time.half_width_ns + block.half_width_ns)
    const within_s = Number(time.half_width_ns) / 1e9
    log.info('records from before the time was known are dated by a sensor', { boot, device: block.device, within_s })
  }
  return best.size > 0
}

async function giveUp({ outbox, clock, log, told }: SweepOptions, undated: Undated): Promise<void> {
  const boots = new Set([undated.boot])
  let all = 0
  for (const stream of SWEPT) {
    const tally = new LossTally()
    const offsets: number[] = []
    await each(outbox, stream, boots, ({ record }) => {
      if (outbox.isCommitted(stream, record.offset)) return
      tally.add(record.device, record.metrics)
      offsets.push(record.offset)
    })
    if (offsets.length === 0) continue
    told(stream, within(tally.gaps('clock-unknown'), undated.from_ns, undated.to_ns))
    // The gaps are on stable storage before the data go.
    await outbox.sync(stream)
    outbox.giveUp(stream, rangesOf(offsets), offsets.length)
    all += offsets.length
  }
  clock.settle(boots)
  if (all > 0)
    log.error('records of a boot in which the time was never known are given up', { boot: undated.boot, records: all })
}

/** Nobody knows when in the span they were; how many are missing is known. */
function within(
  gaps: ReadonlyMap<string, readonly Gap[]>,
  from_ns: Instant,
  to_ns: Instant,
): Map<string, readonly Gap[]> {
  return new Map(
    [...gaps].map(([device, list]) => [
      device,
      list.map((gap): Gap => ({ ...gap, from_ns, to_ns, reason: 'clock-unknown' })),
    ]),
  )
}

/** Records without a time, of these boots. */
async function each(
  outbox: Outbox,
  stream: Stream,
  boots: ReadonlySet<string>,
  visit: (stored: Stored, boot: string) => void,
): Promise<void> {
  if (boots.size === 0) return
  const end = outbox.end(stream)
  for (let from = START; ; ) {
    const { stored, next } = await outbox.read(stream, from, READ_BYTES)
    if (stored.length === 0) return
    for (const one of stored) {
      if (one.record.utc_ns !== null) continue
      const boot = Buffer.from(one.record.boot).toString('hex')
      if (boots.has(boot)) visit(one, boot)
    }
    if (next.segment > end.segment || (next.segment === end.segment && next.at >= end.at)) return
    from = next
  }
}
