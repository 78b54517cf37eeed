/** Asks the machine's time service (chrony, systemd-timesyncd) whether the clock is synchronised. */
import { execFile } from 'node:child_process'

const ANSWER_MS = 2000

/** Whether the machine's clock is synchronised; `undefined` where nothing here can say so. */
export type ClockProbe = () => Promise<boolean | undefined>

/** Asks chrony, then systemd: the first that answers counts. */
export const systemClockProbe: ClockProbe = async () => {
  const chrony = await output('chronyc', ['-n', 'tracking'])
  if (chrony !== undefined && /^Leap status/m.test(chrony)) return !/^Leap status\s*:\s*Not synchronised/m.test(chrony)
  const systemd = await output('timedatectl', ['show', '-p', 'NTPSynchronized', '--value'])
  return systemd === undefined || systemd.trim() === '' ? undefined : systemd.trim() === 'yes'
}

function output(command: string, args: readonly string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(command, [...args], { timeout: ANSWER_MS }, (error, stdout) =>
      resolve(error === null ? stdout : undefined),
    )
  })
}
