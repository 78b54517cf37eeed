/**
 * Everything Grafana needs for one site, as files: dashboards in each language and the provisioning around them. Pure: the
 * guide of this room is the list of what it gives.
 */
import type { Site } from '../../domain/channel.ts'
import type { RuleGroup } from './alerts.ts'
import { contextOf, dashboard } from './board.ts'
import { building } from './boards/building.ts'
import { flood } from './boards/flood.ts'
import { history } from './boards/history.ts'
import { journal } from './boards/journal.ts'
import { overview } from './boards/overview.ts'
import { pipeline } from './boards/pipeline.ts'
import { waveforms } from './boards/waveforms.ts'
import type { BoardId, Language } from './ids.ts'
import { LANGUAGES } from './ids.ts'
import type { Dashboard } from './json.ts'
import {
  contactPointsYaml,
  dashboardsYaml,
  dataSourcesYaml,
  type InfluxAccess,
  policiesYaml,
  rulesOf,
  rulesYaml,
} from './provisioning.ts'
import { type View, viewOf } from './view.ts'

export type BuildOptions = {
  /** Where people open the console; default `desk.public_url`, else the desk's own address. */
  readonly console?: string
  /** How Grafana reaches InfluxDB; default as the site file says. */
  readonly influxUrl?: string
  /** Folder of the dashboard files as Grafana sees it. */
  readonly path?: string
}
export type Bundle = {
  readonly view: View
  readonly influx: InfluxAccess
  readonly dashboards: ReadonlyArray<{ readonly board: BoardId; readonly language: Language; readonly json: Dashboard }>
  readonly rules: readonly RuleGroup[]
  /** Path below the folder of the build -> content. */
  readonly files: ReadonlyMap<string, string>
}

const DEFAULT = {
  influxUrl: 'http://127.0.0.1:8086',
  database: 'plumbline',
  path: '/var/lib/grafana/dashboards/plumbline',
}
const BOARD = [overview, flood, building, history, waveforms, pipeline, journal]

export function bundleOf(site: Site, options: BuildOptions = {}): Bundle {
  const view = viewOf(site, options.console ?? consoleOf(site))
  const influx = influxOf(site, options.influxUrl)
  const dashboards = LANGUAGES.flatMap((language) => {
    const context = contextOf(view, language)
    return BOARD.map((make) => {
      const board = make(context)
      return { board: board.id, language, json: dashboard(context, board) }
    })
  })
  const files = new Map<string, string>([
    ...dashboards.map(({ board, language, json }): [string, string] => [
      `dashboards/${language}/${board}.json`,
      `${JSON.stringify(json, null, 2)}\n`,
    ]),
    ['provisioning/datasources/plumbline.yaml', dataSourcesYaml(view, influx)],
    ['provisioning/dashboards/plumbline.yaml', dashboardsYaml(view, LANGUAGES, options.path ?? DEFAULT.path)],
    ['provisioning/alerting/plumbline-rules.yaml', rulesYaml(view)],
    ['provisioning/alerting/plumbline-contact-points.yaml', contactPointsYaml(view)],
    ['provisioning/alerting/plumbline-policies.yaml', policiesYaml(view)],
  ])
  return { view, influx, dashboards, rules: rulesOf(view), files }
}

/** As people reach it, where the site file says so. */
function consoleOf({ file }: Site): string {
  const { host, port, public_url, tls } = file.desk
  if (public_url !== undefined) return public_url
  const reached = host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host
  return `${tls === undefined ? 'http' : 'https'}://${reached}:${port}`
}

function influxOf(site: Site, url: string | undefined): InfluxAccess {
  const influx = site.file.store.influx
  return {
    url: url ?? influx?.url ?? DEFAULT.influxUrl,
    database: influx?.database ?? DEFAULT.database,
    auth: influx?.token_file !== undefined ? 'token' : influx?.user !== undefined ? 'password' : 'none',
    ...(influx?.user !== undefined && { user: influx.user }),
  }
}
