/** The example site and another with what it lacks, for tests of this room. */
import { stringify } from 'yaml'
import type { Site } from '../../domain/channel.ts'
import { siteExample } from '../../domain/site-example.ts'
import { loadSite } from '../../domain/site-load.ts'
import { loadShippedModels } from '../../models/load.ts'

const RECORDINGS = new Set(['jma-yonago-2000', 'usgs-dead-run-2018'])

export async function siteFrom(file: object): Promise<Site> {
  const known = { models: await loadShippedModels(), recordings: RECORDINGS }
  const loaded = loadSite(stringify(file, { aliasDuplicateObjects: false }), 'test.yaml', known, () => undefined)
  if ('mistakes' in loaded) throw new Error(JSON.stringify(loaded.mistakes))
  return loaded.site
}
export const exampleSite = (): Promise<Site> => siteFrom(siteExample)

/** Real devices; two waters, one without levels; a tilt meter on a tower; a site id as long as may be. */
export const realSite = (): Promise<Site> =>
  siteFrom({
    site: `harbour-${'x'.repeat(56)}`,
    name: 'Harbour, "north" $basin',
    time_zone: 'Asia/Taipei',
    structures: [{ id: 'mast', name: 'Mast', kind: 'tower', floors: [{ id: 'top', name: 'Top', height_m: 30 }] }],
    waters: [
      {
        ...{ id: 'bay', name: 'Bay', kind: 'sea', datum: 'TWVD2001', unit: 'cm', gauge: 'bay-gauge/stage' },
        levels: [
          { id: 'red', name: 'Level 1 | red', stage: 250, severity: 'major', meaning: 'Leave' },
          { id: 'yellow', name: 'Level 3', stage: 180, severity: 'action', meaning: 'Watch' },
        ],
      },
      {
        id: 'creek',
        name: 'Creek',
        kind: 'river',
        datum: 'gauge zero',
        unit: 'm',
        gauge: 'creek-gauge/stage',
        levels: [],
      },
    ],
    nodes: [
      {
        id: 'quay',
        name: 'Quay',
        links: [
          {
            id: 'bus',
            tcp: { host: '10.0.0.7', port: 502 },
            devices: [
              { id: 'bay-gauge', name: 'Bay gauge', model: 'sim-stage-gauge', unit_id: 1 },
              { id: 'creek-gauge', name: 'Creek gauge', model: 'sim-stage-gauge', unit_id: 2, poll_ms: 60_000 },
              { id: 'mast-tilt', name: 'Tilt', model: 'jingyan-tll90s', unit_id: 3, floor: 'mast/top' },
            ],
          },
        ],
      },
    ],
    limits: [
      {
        id: 'bay-red',
        name: 'Bay red',
        channel: 'bay-gauge/stage',
        level: 'bay/red',
        priority: 'critical',
        on_delay_s: 25,
      },
      { id: 'creek-dry', name: 'Creek dry', channel: 'creek-gauge/stage', below: 0.2, unit: 'm', priority: 'low' },
      { id: 'bay-stale', name: 'Bay silent', channel: 'bay-gauge/stage', stale_s: 60, priority: 'high' },
    ],
    store: { influx: { url: 'https://influx.example:8086', database: 'harbour', token_file: '/etc/plumbline/token' } },
    desk: { host: '0.0.0.0', port: 8443 },
  })
