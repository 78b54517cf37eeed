/** Every text that is made from code and committed, by path from the top of the project. */
import { bundleOf } from '../dashboards/grafana/build.ts'
import { alarmPages } from '../desk/alarm-reference.ts'
import type { Site } from '../domain/channel.ts'
import { PlumblineError } from '../domain/errors.ts'
import { generatedFiles } from '../domain/generated.ts'
import { loadSite } from '../domain/site-load.ts'
import { loadShippedModels } from '../models/load.ts'
import { modelPages } from '../models/reference.ts'
import type { Command } from './command.ts'
import { cliReference } from './reference/cli.ts'
import { composeSites } from './reference/compose-sites.ts'
import { samplePages } from './reference/metric-samples.ts'
import { metricsReference } from './reference/metrics.ts'

/** @throws PlumblineError MODEL_INVALID */
export async function everyGenerated(): Promise<ReadonlyMap<string, string>> {
  return new Map([
    ...generatedFiles(),
    ...(await modelPages()),
    ...alarmPages(),
    ...composeSites(),
    ['docs/reference/cli.md', cliReference(await everyCommand())],
    ['docs/reference/metrics.md', metricsReference(samplePages())],
    ...(await exampleDashboards()),
    ...(await composeProvisioning()),
  ])
}

/** Where the Grafana side of the example site lies; nothing else may lie there. */
export const DASHBOARDS_FOLDER = 'dashboards/grafana/generated'

async function exampleDashboards(): Promise<Array<[string, string]>> {
  const site = await loaded('site.example.yaml', generatedFiles().get('site.example.yaml')!)
  return [...bundleOf(site).files].map(([path, content]) => [`${DASHBOARDS_FOLDER}/${path}`, content])
}

/** The provisioning of the compose file's Grafana: its data source and its secrets are where containers have them. */
async function composeProvisioning(): Promise<Array<[string, string]>> {
  const path = 'deploy/compose/site.yaml'
  const site = await loaded(path, composeSites().get(path)!)
  return [...bundleOf(site).files].flatMap(([name, content]) =>
    name.startsWith('provisioning/')
      ? [[name.replace('provisioning', 'deploy/compose/grafana'), inContainers(content)]]
      : [],
  )
}

const inContainers = (content: string): string =>
  content
    .replaceAll('http://127.0.0.1:8086', '$PLUMBLINE_INFLUX_URL')
    .replaceAll('$PLUMBLINE_DESK_URL', 'http://desk:8080')
    .replaceAll('$PLUMBLINE_INFLUX_TOKEN', '$__file{/run/secrets/influxdb-token}')
    .replaceAll('$PLUMBLINE_GRAFANA_TOKEN', '$__file{/run/secrets/grafana-desk-token}')

/** Ports as they are without an environment: the same on every machine. */
async function loaded(path: string, text: string): Promise<Site> {
  const known = { models: await loadShippedModels(), recordings: new Set(['jma-yonago-2000', 'usgs-dead-run-2018']) }
  const read = loadSite(text, path, known, () => undefined)
  if ('mistakes' in read) throw new PlumblineError('BUG', `${path} is not right`)
  return read.site
}

/** Loaded here, for the list of commands names the one that calls this. */
async function everyCommand(): Promise<Command[]> {
  const { commands } = await import('./index.ts')
  return Promise.all([...commands.values()].map((load) => load()))
}
