/** The kinds of panels that the boards are made of, each with the look that all of its kind share. */
import { DARK_GREY, GREY, LINE, LINES, RED, STATES, UNKNOWN } from './colors.ts'
import type { FieldConfig, Link, Mapping, NewPanel, Override, Step, Target } from './json.ts'
import { PLUGIN_VERSION } from './json.ts'
import type { Words } from './words/en.ts'

export const SOURCE = { type: 'influxdb', uid: '${source}' } as const

export type Query = { readonly query: string; readonly alias?: string }
const targetsOf = (queries: readonly Query[], resultFormat: Target['resultFormat']): Target[] =>
  queries.map(({ query, alias }, i) => ({
    refId: String.fromCharCode(65 + i),
    datasource: SOURCE,
    rawQuery: true,
    query,
    resultFormat,
    ...(alias !== undefined && { alias }),
  }))

type Common = {
  readonly title: string
  readonly description?: string
  readonly w: number
  readonly h: number
  readonly queries: readonly Query[]
  readonly unit?: string
  readonly decimals?: number
  readonly links?: readonly Link[]
  readonly overrides?: readonly Override[]
  readonly interval?: string
}
const head = (type: string, { title, description, w, h, interval }: Common) => ({
  type,
  title,
  ...(description !== undefined && { description }),
  ...(interval !== undefined && { interval }),
  datasource: SOURCE,
  pluginVersion: PLUGIN_VERSION,
  w,
  h,
})
const defaults = ({ unit, decimals, links }: Common, more: FieldConfig): FieldConfig => ({
  ...(unit !== undefined && { unit }),
  ...(decimals !== undefined && { decimals }),
  ...(links !== undefined && { links }),
  ...more,
})

export const fixed = (fixedColor: string) => ({ mode: 'fixed', fixedColor })
const PLAIN: { mode: 'absolute'; steps: readonly Step[] } = { mode: 'absolute', steps: [{ value: null, color: GREY }] }

/** A series by its name: what people call it, and one of the muted colours. */
export const named = (series: string, displayName: string, place: number): Override => ({
  matcher: { id: 'byName', options: series },
  properties: [
    { id: 'displayName', value: displayName },
    { id: 'color', value: fixed(LINES[place % LINES.length]!) },
  ],
})

/** A level or limit as a line of its own, so that legend and tooltip have its name: a threshold of Grafana has none. */
export const lineAt = (series: string, displayName: string, fixedColor: string): Override => ({
  matcher: { id: 'byName', options: series },
  properties: [
    { id: 'displayName', value: displayName },
    { id: 'color', value: fixed(fixedColor) },
    { id: 'custom.lineStyle', value: { fill: 'dash', dash: [8, 6] } },
    { id: 'custom.lineWidth', value: 1 },
    { id: 'custom.showPoints', value: 'never' },
  ],
})

export function timeseries(
  panel: Common & {
    readonly steps?: readonly Step[]
    /** `area` fills the regions between the steps. */
    readonly stepsAs?: 'area' | 'dashed'
    /** Holes up to so long are drawn across; a longer one shows. */
    readonly bridge_ms?: number
    readonly bars?: boolean
    readonly min?: number
    readonly softMax?: number
    readonly legend?: 'none' | 'list' | 'table'
  },
): NewPanel {
  const { steps, legend = 'list' } = panel
  return {
    ...head('timeseries', panel),
    targets: targetsOf(panel.queries, 'time_series'),
    fieldConfig: {
      defaults: defaults(panel, {
        color: fixed(LINE),
        thresholds: steps === undefined ? PLAIN : { mode: 'absolute', steps },
        ...(panel.min !== undefined && { min: panel.min }),
        custom: {
          drawStyle: panel.bars ? 'bars' : 'line',
          lineWidth: panel.bars ? 0 : 1,
          fillOpacity: panel.bars ? 70 : 0,
          showPoints: 'auto',
          pointSize: 4,
          spanNulls: panel.bridge_ms ?? false,
          thresholdsStyle: { mode: steps === undefined ? 'off' : (panel.stepsAs ?? 'dashed') },
          ...(panel.softMax !== undefined && { axisSoftMax: panel.softMax }),
        },
      }),
      overrides: panel.overrides ?? [],
    },
    options: {
      legend: {
        showLegend: legend !== 'none',
        displayMode: legend === 'table' ? 'table' : 'list',
        placement: 'bottom',
        calcs: legend === 'table' ? ['lastNotNull', 'max'] : [],
      },
      tooltip: { mode: 'multi', sort: 'desc' },
    },
  }
}

/** One number, large; where there is none it says that nothing is known. */
export function stat(
  panel: Common & {
    readonly steps?: readonly Step[]
    readonly mappings?: readonly Mapping[]
    readonly unknown: string
    readonly calc?: 'lastNotNull' | 'max'
    readonly background?: boolean
  },
): NewPanel {
  return {
    ...head('stat', panel),
    targets: targetsOf(panel.queries, 'time_series'),
    fieldConfig: {
      defaults: defaults(panel, {
        color: { mode: 'thresholds' },
        thresholds: { mode: 'absolute', steps: panel.steps ?? PLAIN.steps },
        noValue: panel.unknown,
        mappings: [
          { type: 'special', options: { match: 'null', result: { text: panel.unknown, color: UNKNOWN, index: 99 } } },
          ...(panel.mappings ?? []),
        ],
      }),
      overrides: panel.overrides ?? [],
    },
    options: {
      reduceOptions: { calcs: [panel.calc ?? 'lastNotNull'], fields: '', values: false },
      colorMode: panel.background ? 'background' : 'value',
      graphMode: 'none',
      justifyMode: 'auto',
      orientation: 'auto',
      textMode: 'auto',
    },
  }
}

/** Bands of states; a hole is a time of which nothing is known. */
export function timeline(panel: Common & { readonly mappings: readonly Mapping[] }): NewPanel {
  return {
    ...head('state-timeline', panel),
    targets: targetsOf(panel.queries, 'time_series'),
    fieldConfig: {
      defaults: defaults(panel, {
        color: { mode: 'thresholds' },
        thresholds: PLAIN,
        mappings: panel.mappings,
        custom: { lineWidth: 0, fillOpacity: 80, spanNulls: false },
      }),
      overrides: panel.overrides ?? [],
    },
    options: {
      mergeValues: true,
      showValue: 'auto',
      alignValue: 'left',
      rowHeight: 0.8,
      legend: { showLegend: false, displayMode: 'list', placement: 'bottom' },
      tooltip: { mode: 'single', sort: 'none' },
    },
  }
}

export function table(
  panel: Common & {
    readonly columns: readonly Override[]
    readonly sortBy?: { readonly displayName: string; readonly desc: boolean }
    readonly hide?: readonly string[]
    readonly noValue?: string
  },
): NewPanel {
  const hidden = (panel.hide ?? []).map(
    (options): Override => ({
      matcher: { id: 'byName', options },
      properties: [{ id: 'custom.hidden', value: true }],
    }),
  )
  return {
    ...head('table', panel),
    targets: targetsOf(panel.queries, 'table'),
    fieldConfig: {
      defaults: defaults(panel, {
        color: fixed(GREY),
        thresholds: PLAIN,
        noValue: panel.noValue ?? '',
        custom: { align: 'auto', filterable: true, inspect: false },
      }),
      overrides: [...panel.columns, ...hidden],
    },
    options: {
      showHeader: true,
      cellHeight: 'sm',
      footer: { show: false, reducer: ['sum'], fields: '' },
      ...(panel.sortBy && { sortBy: [panel.sortBy] }),
    },
  }
}

export function bars(panel: Common & { readonly steps?: readonly Step[]; readonly max?: number }): NewPanel {
  return {
    ...head('bargauge', panel),
    targets: targetsOf(panel.queries, 'time_series'),
    fieldConfig: {
      defaults: defaults(panel, {
        color: panel.steps === undefined ? fixed(LINE) : { mode: 'thresholds' },
        thresholds: { mode: 'absolute', steps: panel.steps ?? PLAIN.steps },
        min: 0,
        ...(panel.max !== undefined && { max: panel.max }),
      }),
      overrides: panel.overrides ?? [],
    },
    options: {
      reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
      orientation: 'horizontal',
      displayMode: 'basic',
      showUnfilled: true,
    },
  }
}

export const words = (title: string, content: string, w: number, h: number): NewPanel => ({
  type: 'text',
  title,
  pluginVersion: PLUGIN_VERSION,
  options: { mode: 'markdown', content },
  w,
  h,
})

export const rowOf = (title: string): NewPanel => ({ type: 'row', title, collapsed: false, panels: [], w: 24, h: 1 })

/** A column of a table. */
export const column = (
  field: string,
  displayName: string,
  more: ReadonlyArray<{ readonly id: string; readonly value: unknown }> = [],
): Override => ({
  matcher: { id: 'byName', options: field },
  properties: [{ id: 'displayName', value: displayName }, ...more],
})
export const width = (value: number) => ({ id: 'custom.width', value })
export const linksTo = (...value: readonly Link[]) => ({ id: 'links', value })
/** 9.4 to 10 read `displayMode`, newer ones `cellOptions`. */
export const coloured = [
  { id: 'custom.displayMode', value: 'color-text' },
  { id: 'custom.cellOptions', value: { type: 'color-text' } },
] as const

/** Ranks of alarm states as words with their colours. */
export const stateMapping = (of: Words): Mapping => ({
  type: 'value',
  options: Object.fromEntries(
    STATES.map(({ letter, rank, color }, index) => [String(rank), { text: of.state[letter]!, color, index }]),
  ),
})
export const upMapping = (of: Words): Mapping => ({
  type: 'value',
  options: {
    1: { text: of.there, color: DARK_GREY, index: 0 },
    0: { text: of.notThere, color: RED, index: 1 },
  },
})
