/** What ingest's part of a site file must hold beyond its schema: foreign nodes are none of the site's own. */
import { blocksNodeId } from './ids.ts'
import type { SiteFile } from './site.ts'
import type { Checked, Mistake } from './yaml-check.ts'

export function ingestMistakes({ nodes, ingest }: SiteFile, say: Checked['mistakeAt']): Mistake[] {
  const own = new Set(nodes.flatMap(({ id }) => [id, blocksNodeId(id)]))
  return ingest.foreign.flatMap((node, i) =>
    own.has(node) ? [say(['ingest', 'foreign', i], 'a Sparkplug node that is none of `nodes`', node)] : [],
  )
}
