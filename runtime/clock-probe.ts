/** Asks the machine's time service (chrony, systemd-timesyncd) whether the clock is synchronised, and how far off it is. */
import { execFile } from 'node:child_process'

const ANSWER_MS = 2000

export type ClockAnswer = {
  readonly synchronised: boolean
  /** How far the machine's clock is ahead of the time service; `undefined` where the service gives no number. */
  readonly offset_s?: number | undefined
}

/** What the time service says; `undefined` where nothing here can say so. */
export type ClockProbe = () => Promise<ClockAnswer | undefined>

/** Runs a command: what it wrote, or `undefined` where it is not there, failed or took too long. */
export type Ask = (command: string, args: readonly string[]) => Promise<string | undefined>

/** Asks chrony, then systemd: the first that answers counts. */
export const clockProbe =
  (ask: Ask): ClockProbe =>
  async () => {
    const chrony = await ask('chronyc', ['-n', 'tracking'])
    if (chrony !== undefined && /^Leap status/m.test(chrony)) return chronyAnswer(chrony)
    const systemd = await ask('timedatectl', ['show', '-p', 'NTPSynchronized', '--value'])
    if (systemd === undefined || systemd.trim() === '') return undefined
    if (systemd.trim() !== 'yes') return { synchronised: false }
    const status = await ask('timedatectl', ['timesync-status'])
    return { synchronised: true, offset_s: status === undefined ? undefined : timesyncOffset_s(status) }
  }

/** "System time" is how far the clock is still to be slewed: `slow` is behind (chronyc(1), `tracking`). */
function chronyAnswer(text: string): ClockAnswer {
  if (/^Leap status\s*:\s*Not synchronised/m.test(text)) return { synchronised: false }
  const said = /^System time\s*:\s*([\d.]+) seconds (slow|fast) of NTP time/m.exec(text)
  if (said === null) return { synchronised: true }
  return { synchronised: true, offset_s: Number(said[1]) * (said[2] === 'fast' ? 1 : -1) }
}

const UNIT_S: Readonly<Record<string, number>> = { us: 1e-6, ms: 1e-3, s: 1, min: 60, h: 3600 }

/** The server's time less the machine's at the last reply (RFC 5905, 8): of the other sign than ours. Spans as in systemd.time(7). */
function timesyncOffset_s(text: string): number | undefined {
  const said = /^[ \t]*Offset:[ \t]*([+-])((?:[\d.]+(?:us|ms|s|min|h) ?)+)$/m.exec(text)
  if (said === null) return undefined
  const spans = [...said[2]!.matchAll(/(?<![\d.])([\d.]+)(us|ms|s|min|h)/g)]
  const server_s = spans.reduce((sum, [, count, unit]) => sum + Number(count) * UNIT_S[unit!]!, 0)
  return said[1] === '+' ? -server_s : server_s
}

export const systemClockProbe: ClockProbe = clockProbe(
  (command, args) =>
    new Promise((resolve) => {
      execFile(command, [...args], { timeout: ANSWER_MS }, (error, stdout) =>
        resolve(error === null ? stdout : undefined),
      )
    }),
)
