/** Sites for rehearsals: the example site's parts on free ports, loaded through the very loader that operators use. */
import { stringify } from 'yaml'
import type { Site } from '../domain/channel.ts'
import type { SiteText } from '../domain/ports.ts'
import { loadSite } from '../domain/site-load.ts'
import { siteReport } from '../domain/site-report.ts'
import { showMistake } from '../domain/yaml-check.ts'
import { loadModels } from '../models/load.ts'

const FILE = 'rehearsal.yaml'
export const RECORDINGS = new Set(['jma-yonago-2000', 'usgs-dead-run-2018'])

/** As it is written to disk: every entry written out, for a site file knows no anchors, however often two of its parts are one object. */
export const siteFileText = (file: object): string => stringify(file, { aliasDuplicateObjects: false })

/** Throws with every mistake: a rehearsal's site is as strict as a real one. */
export const siteOf = async (file: object): Promise<Site> => (await siteAndText(file)).site

/** The same with its file, for a desk that shows it. */
export async function siteAndText(file: object): Promise<{ site: Site; siteText: SiteText }> {
  const models = await loadModels(['sim-accelerometer-3axis', 'sim-stage-gauge', 'sim-relay-8'])
  const known = { models, recordings: RECORDINGS }
  const text = siteFileText(file)
  const loaded = loadSite(text, FILE, known, () => undefined)
  if (!('site' in loaded)) throw new Error(loaded.mistakes.map(showMistake).join('\n'))
  const read = async () => siteReport(text, FILE, known, () => undefined)
  return { site: loaded.site, siteText: { text, read } }
}

export type LinkPorts = { accelerometer: number; gauge: number; mqtt: number; desk: number }

export const yonago = (settings: object = {}) => ({
  id: 'yonago',
  name: 'Accelerometer',
  model: 'sim-accelerometer-3axis',
  unit_id: 1,
  simulated: { play: { recording: 'jma-yonago-2000', lead_s: 2, quiet_s: 30, ...settings } },
})

export const deadRun = (time_scale: number, play: object = {}) => ({
  id: 'dead-run',
  name: 'River gauge',
  model: 'sim-stage-gauge',
  unit_id: 1,
  simulated: {
    time_scale,
    play: {
      recording: 'usgs-dead-run-2018',
      from: '2018-06-03T18:00:00Z',
      to: '2018-06-04T03:00:00Z',
      quiet_s: 3600,
      ...play,
    },
  },
})

export const LIMITS = [
  { id: 'stage-2ft', name: 'Stage 2 ft', channel: 'dead-run/stage', above: 2, unit: 'ft', deadband: 0.2 },
  { id: 'stage-4ft', name: 'Stage 4 ft', channel: 'dead-run/stage', above: 4, unit: 'ft', deadband: 0.2 },
  {
    id: 'shaking',
    name: 'Shaking',
    channel: 'yonago/pga',
    above: 25,
    unit: 'gal',
    deadband: 5,
    off_delay_s: 10,
    priority: 'critical',
  },
]

/** Both devices on their own links of one node, `n1`. */
export const bothDevices = (
  ports: LinkPorts,
  options: { timeScale?: number; yonago?: object; play?: object } = {},
) => ({
  site: 'rehearsal',
  name: 'Rehearsal site',
  nodes: [
    {
      id: 'n1',
      name: 'Node 1',
      links: [
        { id: 'tower', tcp: { host: '127.0.0.1', port: ports.accelerometer }, devices: [yonago(options.yonago)] },
        {
          id: 'river',
          tcp: { host: '127.0.0.1', port: ports.gauge },
          devices: [deadRun(options.timeScale ?? 180, options.play)],
        },
      ],
    },
  ],
  limits: LIMITS,
  broker: { host: '127.0.0.1', port: ports.mqtt },
  desk: { host: '127.0.0.1', port: ports.desk },
})
