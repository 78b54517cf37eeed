/** Every text that is made from code and committed, by path from the top of the project. */
import { bundleOf } from '../dashboards/grafana/build.ts'
import { PlumblineError } from '../domain/errors.ts'
import { generatedFiles } from '../domain/generated.ts'
import { loadSite } from '../domain/site-load.ts'
import { loadShippedModels } from '../models/load.ts'
import { modelPages } from '../models/reference.ts'
import { composeSites } from './reference/compose-sites.ts'
import { samplePages } from './reference/metric-samples.ts'
import { metricsReference } from './reference/metrics.ts'

/** @throws PlumblineError MODEL_INVALID */
export async function everyGenerated(): Promise<ReadonlyMap<string, string>> {
  return new Map([
    ...generatedFiles(),
    ...(await modelPages()),
    ...composeSites(),
    ['docs/reference/metrics.md', metricsReference(samplePages())],
    ...(await exampleDashboards()),
  ])
}

/** Where the Grafana side of the example site lies; nothing else may lie there. */
export const DASHBOARDS_FOLDER = 'dashboards/grafana/generated'

async function exampleDashboards(): Promise<Array<[string, string]>> {
  const text = generatedFiles().get('site.example.yaml')!
  const known = { models: await loadShippedModels(), recordings: new Set(['jma-yonago-2000', 'usgs-dead-run-2018']) }
  // Its ports as they are without an environment: the same on every machine.
  const loaded = loadSite(text, 'site.example.yaml', known, () => undefined)
  if ('mistakes' in loaded) throw new PlumblineError('BUG', 'the example site is not right')
  return [...bundleOf(loaded.site).files].map(([path, content]) => [`${DASHBOARDS_FOLDER}/${path}`, content])
}
