/**
 * SIGHUP: reads the site file again and gives it to the running services that can take it over. A file with mistakes is
 * refused with all of them in the log, and the site goes on as it was.
 */
import { closeSync, openSync } from 'node:fs'
import type { Site } from '../domain/channel.ts'
import type { Log, Service } from '../domain/ports.ts'

export function reloadOnHangup(read: () => Promise<Site>, services: readonly Service[], log: Log): void {
  let reloading = Promise.resolve()
  process.on('SIGHUP', () => {
    // The terminal was closed: nobody meant the site file.
    if (process.stderr.isTTY === true && terminalGone()) {
      process.kill(process.pid, 'SIGTERM')
      return
    }
    reloading = reloading.then(() => reload(read, services, log))
  })
}

/** One round; never rejects. */
export async function reload(read: () => Promise<Site>, services: readonly Service[], log: Log): Promise<void> {
  let site: Site
  try {
    site = await read()
  } catch (error) {
    log.error('the new site file is refused; the site goes on as it was', { why: (error as Error).message })
    return
  }
  for (const service of services) {
    if (service.apply === undefined) {
      log.info('takes the site file over with its next start only', { service: service.name })
      continue
    }
    try {
      await service.apply(site)
    } catch (error) {
      log.error('the new site file is refused', { service: service.name, why: (error as Error).message })
    }
  }
}

function terminalGone(): boolean {
  try {
    closeSync(openSync('/dev/tty', 'r'))
    return false
  } catch {
    return true
  }
}
