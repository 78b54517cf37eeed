/**
 * The outbox of an edge node as an outage leaves it: records of two accelerometers and of ten loggers with ten values each,
 * one a second of each device, as the node itself writes them. Rows `backlog` and `alarm-latency` start nodes on it.
 */
import { join } from 'node:path'
import { edgeFolder } from '../domain/data-folder.ts'
import { type Model, ringScale } from '../domain/model.ts'
import { type Block, GOOD, type Reading } from '../domain/reading.ts'
import { encodePayload } from '../domain/sparkplug/codec.ts'
import { addNs, type Instant, instant, NS_PER_S } from '../domain/time.ts'
import { bodyMetrics, emptyBody } from '../domain/wire/record.ts'
import { OutboxFile } from '../edge/io/outbox-file.ts'
import { SystemClock } from '../runtime/clock.ts'
import { silentLog } from '../runtime/log.ts'

/** Another start of the sensors than the one that answers now. */
const BOOT = 7
const PER_TURN = 500

export type Backlog = {
  readonly data: string
  readonly site: string
  readonly node: string
  readonly seconds: number
  readonly loggers: readonly string[]
  readonly rings: readonly string[]
  readonly models: { readonly logger: Model; readonly ring: Model }
}

/** @returns where it begins; it ends a minute before now */
export async function fillBacklog(backlog: Backlog): Promise<Instant> {
  const { data, site, node, seconds, loggers, rings, models } = backlog
  const clock = new SystemClock()
  const roomy = { maxBytes: 64 * 2 ** 30, maxAge_ns: 1000n * 3600n * NS_PER_S }
  const limits = { conditions: roomy, readings: roomy, blocks: roomy }
  const folder = join(edgeFolder(data, site, node), 'outbox')
  const boot = new Uint8Array(16).fill(1)
  const box = await OutboxFile.open({ folder, limits, boot, clock, log: silentLog, onDropped: () => {} })
  const from = addNs(clock.now(), -BigInt(seconds + 60) * NS_PER_S)
  const mono_ns = clock.monotonic()
  try {
    for (let second = 0; second < seconds; second++) {
      const t_ns = instant(from + BigInt(second) * NS_PER_S)
      for (const device of loggers) {
        const readings = (models.logger.points ?? []).map(({ metric }, p): Reading => {
          const value = 1 + 0.001 * ((second * 7 + p * 13) % 1000)
          return { channel: `${device}/${metric}`, value, t_ns, half_width_ns: 500_000n, flag: GOOD }
        })
        const metrics = encodePayload({ metrics: bodyMetrics(device, { ...emptyBody, readings }) })
        box.append('readings', { kind: 'readings', device, metrics, mono_ns, utc_ns: t_ns })
      }
      for (const device of rings) {
        const blocks = [blockOf(device, models.ring, second, t_ns)]
        const metrics = encodePayload({ metrics: bodyMetrics(device, { ...emptyBody, blocks }) })
        box.append('blocks', { kind: 'block', device, metrics, mono_ns, utc_ns: t_ns })
      }
      if (second % PER_TURN === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    await box.sync()
    if (box.stats('readings').unrecorded + box.stats('blocks').unrecorded > 0)
      throw new Error('the backlog could not be written')
  } finally {
    await box.close()
  }
  return from
}

function blockOf(device: string, { ring }: Model, second: number, t0_ns: Instant): Block {
  const { group, axes, sample_rate_hz, unit: _ } = ring!
  const n = sample_rate_hz
  return {
    device,
    group,
    boot_id: BOOT,
    first_counter: second * n,
    t0_ns,
    half_width_ns: 500_000n,
    sample_rate_hz,
    scale: ringScale(ring!),
    unit: 'm/s²',
    axes: axes.map((axis, a) => ({
      axis,
      samples: Int16Array.from({ length: n }, (_, i) => ((second * n + i) * (a + 3)) % 400),
    })),
  }
}
