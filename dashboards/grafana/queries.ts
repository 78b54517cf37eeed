/** Every query text of a build, with where it stands and what asks it: what the checks and the tests on a real InfluxDB run. */
import { EXPRESSION } from './alerts.ts'
import type { Bundle } from './build.ts'
import type { Dashboard, Panel } from './json.ts'

export type QueryText = {
  readonly where: string
  readonly by: 'panel' | 'variable' | 'annotation' | 'alert'
  readonly query: string
  readonly format: 'time_series' | 'table'
  /** Variables of the dashboard; an alert has none. */
  readonly variables: readonly string[]
  /** Of an alert: the data source it asks. */
  readonly source?: string
}

export const panelsOf = ({ panels }: Pick<Dashboard, 'panels'>): Panel[] =>
  panels.flatMap((panel) => [panel, ...(panel.panels ?? [])])

export const queriesOf = (bundle: Bundle): QueryText[] => [
  ...bundle.dashboards.flatMap(({ json }) => dashboardQueries(json)),
  ...bundle.rules.flatMap((group) =>
    group.rules.flatMap((rule) =>
      rule.data
        .filter(({ datasourceUid }) => datasourceUid !== EXPRESSION)
        .map(
          ({ refId, datasourceUid, model }): QueryText => ({
            where: `rule ${rule.uid} ${refId}`,
            by: 'alert',
            query: String(model['query']),
            format: 'time_series',
            variables: [],
            source: datasourceUid,
          }),
        ),
    ),
  ),
]

function dashboardQueries(board: Dashboard): QueryText[] {
  const variables = board.templating.list.map(({ name }) => name)
  const common = (where: string) => ({ where: `${board.uid} ${where}`, variables })
  return [
    ...panelsOf(board).flatMap((panel) =>
      (panel.targets ?? []).map(
        ({ refId, query, resultFormat }): QueryText => ({
          ...common(`panel ${panel.id} "${panel.title}" ${refId}`),
          by: 'panel',
          query,
          format: resultFormat,
        }),
      ),
    ),
    ...board.templating.list
      .filter(({ type }) => type === 'query')
      .map(({ name, query }): QueryText => ({ ...common(`variable ${name}`), by: 'variable', query, format: 'table' })),
    ...board.annotations.list.map(
      ({ name, query }): QueryText => ({
        ...common(`annotation "${name}"`),
        by: 'annotation',
        query,
        format: 'table',
      }),
    ),
  ]
}
