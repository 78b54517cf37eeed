/** Files under Grafana's provisioning folder: data sources, dashboard folders, alerting. Secrets are names of its environment. */
import { stringify } from 'yaml'
import { influxDatabase, type SeriesKind } from '../../domain/series.ts'
import {
  CONTACT_POINT,
  contactPoint,
  DESK_URL_VARIABLE,
  policy,
  type RuleGroup,
  ruleGroups,
  TOKEN_VARIABLE,
} from './alerts.ts'
import { dataSourceName, dataSourceUid, folderUid, type Language } from './ids.ts'
import type { View } from './view.ts'
import { WORDS } from './words/index.ts'

/** How Grafana reaches InfluxDB; the desk may reach it by another address. */
export type InfluxAccess = {
  readonly url: string
  readonly database: string
  /** 1.x: `user` and a password; 2.x and 3.x: a token. */
  readonly auth: 'none' | 'password' | 'token'
  readonly user?: string
}
export const PASSWORD_VARIABLE = 'PLUMBLINE_INFLUX_PASSWORD'
export const INFLUX_TOKEN_VARIABLE = 'PLUMBLINE_INFLUX_TOKEN'
export const KINDS: readonly SeriesKind[] = ['real', 'exercise']

export const folderTitle = (view: View, language: Language): string =>
  `${view.name}${language === 'en' ? '' : ` ${WORDS[language].language}`}`

export type Secrets = { readonly password: string; readonly token: string }
const FROM_ENVIRONMENT: Secrets = { password: `$${PASSWORD_VARIABLE}`, token: `$${INFLUX_TOKEN_VARIABLE}` }

/** A data source as files and API both take it. `database` is read by 9.4 to 10, `dbName` by newer ones. */
export function dataSource(view: View, influx: InfluxAccess, kind: SeriesKind, secrets: Secrets = FROM_ENVIRONMENT) {
  const database = influxDatabase(influx.database, kind)
  const { auth, user, url } = influx
  return {
    name: dataSourceName(view.site, kind),
    uid: dataSourceUid(view.site, kind),
    type: 'influxdb',
    access: 'proxy',
    url,
    isDefault: false,
    editable: false,
    database,
    ...(auth === 'password' && { user: user ?? '' }),
    jsonData: {
      version: 'InfluxQL',
      dbName: database,
      httpMode: 'POST',
      timeInterval: '1s',
      maxSeries: 1000,
      ...(auth === 'token' && { httpHeaderName1: 'Authorization' }),
    },
    ...(auth === 'password' && { secureJsonData: { password: secrets.password } }),
    ...(auth === 'token' && { secureJsonData: { httpHeaderValue1: `Token ${secrets.token}` } }),
  }
}

const HEAD = '# Made by ./plumbline dashboards build; changes are lost. docs/guides/grafana.md says where it goes.\n'
const yaml = (content: object): string =>
  HEAD + stringify({ apiVersion: 1, ...content }, { lineWidth: 0, aliasDuplicateObjects: false })

export const dataSourcesYaml = (view: View, influx: InfluxAccess): string =>
  yaml({ datasources: KINDS.map((kind) => ({ orgId: 1, ...dataSource(view, influx, kind) })) })

/** A folder for each language, each from its own folder of files. */
export const dashboardsYaml = (view: View, languages: readonly Language[], path: string): string =>
  yaml({
    providers: languages.map((language) => ({
      name: `plumbline ${view.site} ${language}`,
      orgId: 1,
      folder: folderTitle(view, language),
      folderUid: folderUid(view.site, language),
      type: 'file',
      disableDeletion: true,
      allowUiUpdates: false,
      updateIntervalSeconds: 30,
      options: { path: `${path}/${language}`, foldersFromFilesStructure: false },
    })),
  })

export const rulesOf = (view: View): RuleGroup[] => ruleGroups(view, folderTitle(view, 'en'))

export const rulesYaml = (view: View): string => yaml({ groups: rulesOf(view) })

export function contactPointsYaml(view: View): string {
  const { name, ...receiver } = contactPoint(view, `$${DESK_URL_VARIABLE}`, `$${TOKEN_VARIABLE}`)
  return yaml({ contactPoints: [{ orgId: 1, name, receivers: [receiver] }] })
}

/** Grafana replaces the whole tree of the organisation by this file: leave it out where others have a tree of their own. */
export const policiesYaml = (view: View): string =>
  yaml({
    policies: [
      {
        orgId: 1,
        receiver: CONTACT_POINT,
        group_by: ['grafana_folder', 'alertname'],
        routes: [policy(view)],
      },
    ],
  })
