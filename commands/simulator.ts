/** The simulator of a site that runs, as a command on the same machine finds it: by site and data folder. */
import { join } from 'node:path'
import type { SimulatorControl } from '../domain/simulator-control.ts'
import { connectSimulator } from '../firmware-sim/io/control-client.ts'
import { readSite, TOP } from './load-site.ts'

/** Without `--site` the demo site, without `--data` `./data`: as `start` has them. @throws PlumblineError SITE_INVALID */
export async function simulatorOf(flags: {
  site?: string | undefined
  data?: string | undefined
}): Promise<SimulatorControl> {
  const site = await readSite(flags.site ?? join(TOP, 'site.example.yaml'))
  return connectSimulator(flags.data ?? './data', site.file.site)
}
