/** Every text that is made from code and committed, by path from the top of the project. */
import { generatedFiles } from '../domain/generated.ts'
import { modelPages } from '../models/reference.ts'
import { samplePages } from './reference/metric-samples.ts'
import { metricsReference } from './reference/metrics.ts'

/** @throws PlumblineError MODEL_INVALID */
export async function everyGenerated(): Promise<ReadonlyMap<string, string>> {
  return new Map([
    ...generatedFiles(),
    ...(await modelPages()),
    ['docs/reference/metrics.md', metricsReference(samplePages())],
  ])
}
