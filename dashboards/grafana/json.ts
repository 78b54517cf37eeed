/**
 * Classic dashboard JSON, schemaVersion 37, as far as Plumbline writes it: the one form that Grafana 9.4 to 13 all load,
 * newer ones by migrating it forward. Nothing here knows what is shown.
 */

export const SCHEMA_VERSION = 37
/** Of the panels: what wrote them, so that Grafana migrates from there. */
export const PLUGIN_VERSION = '9.4.0'
export const COLUMNS = 24

export type DataSourceRef = { readonly type: string; readonly uid: string }
export type Target = {
  readonly refId: string
  readonly datasource: DataSourceRef
  readonly rawQuery: true
  readonly query: string
  readonly resultFormat: 'time_series' | 'table'
  /** Name of each series, e.g. `$tag_device`. */
  readonly alias?: string
}
export type Step = { readonly value: number | null; readonly color: string }
export type ValueMap = { readonly text: string; readonly color?: string; readonly index: number }
export type Mapping =
  | { readonly type: 'value'; readonly options: Readonly<Record<string, ValueMap>> }
  | {
      readonly type: 'range'
      readonly options: { readonly from: number | null; readonly to: number | null; readonly result: ValueMap }
    }
  | { readonly type: 'special'; readonly options: { readonly match: 'null' | 'nan'; readonly result: ValueMap } }
export type Link = { readonly title: string; readonly url: string; readonly targetBlank: boolean }
export type FieldConfig = {
  readonly unit?: string
  readonly decimals?: number
  readonly displayName?: string
  readonly min?: number
  readonly max?: number
  readonly noValue?: string
  readonly color?: { readonly mode: string; readonly fixedColor?: string }
  readonly thresholds?: { readonly mode: 'absolute'; readonly steps: readonly Step[] }
  readonly mappings?: readonly Mapping[]
  readonly links?: readonly Link[]
  readonly custom?: Readonly<Record<string, unknown>>
}
export type Override = {
  readonly matcher: { readonly id: 'byName' | 'byRegexp'; readonly options: string }
  readonly properties: ReadonlyArray<{ readonly id: string; readonly value: unknown }>
}
export type GridPos = { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
export type Panel = {
  readonly id: number
  readonly type: string
  readonly title: string
  readonly description?: string
  readonly gridPos: GridPos
  readonly datasource?: DataSourceRef
  readonly targets?: readonly Target[]
  readonly fieldConfig?: { readonly defaults: FieldConfig; readonly overrides: readonly Override[] }
  readonly options?: Readonly<Record<string, unknown>>
  readonly links?: readonly Link[]
  readonly transformations?: ReadonlyArray<{ readonly id: string; readonly options: Readonly<Record<string, unknown>> }>
  /** Least width of a column of the chart, e.g. `10s`. */
  readonly interval?: string
  readonly pluginVersion?: string
  /** Rows only. */
  readonly collapsed?: boolean
  readonly panels?: readonly Panel[]
}
/** A panel before it has its place and number. */
export type NewPanel = Omit<Panel, 'id' | 'gridPos'> & { readonly w: number; readonly h: number }

export type VariableOption = { readonly text: string; readonly value: string; readonly selected: boolean }
export type Variable = {
  readonly name: string
  readonly label: string
  readonly type: 'datasource' | 'query' | 'custom'
  readonly query: string
  readonly regex?: string
  readonly datasource?: DataSourceRef
  readonly definition?: string
  readonly current: {
    readonly selected: boolean
    readonly text: string | readonly string[]
    readonly value: string | readonly string[]
  }
  readonly options: readonly VariableOption[]
  readonly multi: boolean
  readonly includeAll: boolean
  readonly allValue?: string
  readonly hide: 0 | 1 | 2
  /** 1 = when the dashboard is loaded, 2 = when its time changes. */
  readonly refresh: 0 | 1 | 2
  readonly sort: 0 | 1
  readonly skipUrlSync: false
}
export type Annotation = {
  readonly name: string
  readonly datasource: DataSourceRef
  readonly enable: boolean
  readonly hide: boolean
  readonly iconColor: string
  readonly query: string
  readonly textColumn: string
  readonly tagsColumn: string
  /** Newer versions read what stands above from here. */
  readonly target: Readonly<Record<string, unknown>>
}
export type DashboardLink =
  | {
      readonly type: 'dashboards'
      readonly title: string
      readonly tags: readonly string[]
      readonly asDropdown: boolean
      readonly keepTime: true
      readonly includeVars: true
      readonly icon: string
      readonly targetBlank: false
      readonly tooltip: string
      readonly url: ''
    }
  | {
      readonly type: 'link'
      readonly title: string
      readonly url: string
      readonly icon: string
      readonly keepTime: false
      readonly includeVars: false
      readonly targetBlank: true
      readonly tooltip: string
      readonly tags: readonly []
      readonly asDropdown: false
    }

export type Dashboard = {
  readonly id: null
  readonly uid: string
  readonly title: string
  readonly description: string
  readonly tags: readonly string[]
  readonly timezone: string
  readonly editable: boolean
  readonly graphTooltip: 0 | 1
  readonly schemaVersion: typeof SCHEMA_VERSION
  readonly version: number
  readonly refresh: string
  readonly liveNow: false
  readonly time: { readonly from: string; readonly to: string }
  readonly timepicker: { readonly refresh_intervals: readonly string[] }
  readonly annotations: { readonly list: readonly Annotation[] }
  readonly templating: { readonly list: readonly Variable[] }
  readonly links: readonly DashboardLink[]
  readonly panels: readonly Panel[]
}

/**
 * Places panels in rows, left to right; each list is one row of the grid and its panels are as wide as they say. Numbers are
 * given in the order of the panels, so that a link to a panel stays right as long as nothing before it changes.
 */
export function placed(rows: ReadonlyArray<readonly NewPanel[]>): Panel[] {
  const panels: Panel[] = []
  let y = 0
  for (const row of rows) {
    let x = 0
    for (const { w, h, ...panel } of row) {
      panels.push({ id: panels.length + 1, ...panel, gridPos: { x, y, w, h } })
      x += w
    }
    y += Math.max(0, ...row.map(({ h }) => h))
  }
  return panels
}
