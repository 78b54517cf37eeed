/** `wire proxy`: a bad wire between a master and a real device, until Ctrl-C; then what it did, counted. */
import type { WireFaults } from '../domain/wire-faults.ts'
import { TcpWireProxy } from '../firmware-sim/io/tcp-wire-proxy.ts'
import { SystemClock } from '../runtime/clock.ts'
import { createLog } from '../runtime/log.ts'
import { untilSignal } from '../runtime/signals.ts'

export type ProxyOptions = {
  readonly listen: { readonly host: string; readonly port: number }
  readonly to: { readonly host: string; readonly port: number }
  readonly framing: 'mbap' | 'rtu'
  readonly seed: number
  readonly faults: WireFaults
}

/** @throws PlumblineError USAGE (faults that cannot be), PORT_IN_USE */
export async function proxyUntilSignal({ listen, to, framing, seed, faults }: ProxyOptions): Promise<number> {
  const signal = untilSignal()
  const link = `${to.host}:${to.port}`
  const proxy = new TcpWireProxy({
    ...listen,
    path: '--listen',
    link,
    upstream: to,
    framing,
    seed,
    clock: new SystemClock(),
    log: createLog(),
  })
  proxy.setFaults(faults)
  await proxy.listen()
  process.stdout.write(
    `${listen.host}:${proxy.port} is a bad wire to ${link}: ${JSON.stringify(faults)}  (Ctrl-C stops)\n`,
  )
  await signal
  const { requests, replies } = proxy.counts
  await proxy.close()
  process.stdout.write(`requests: ${countsText(requests)}\nreplies: ${countsText(replies)}\n`)
  return 0
}

/** Frames, and what was done to them where anything was. */
export function countsText(counts: Readonly<Record<string, number>>): string {
  const { frames = 0, ...done } = counts
  const some = Object.entries(done).filter(([, n]) => n > 0)
  return [`${frames} frames`, ...some.map(([kind, n]) => `${n} ${kind}`)].join(', ')
}
