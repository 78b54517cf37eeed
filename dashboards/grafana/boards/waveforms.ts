/** Waveforms of one sensor: least and greatest of each column, so that no peak is lost when many samples share one. */
import { FIELD, TAG } from '../../../domain/series.ts'
import { AT_RANGE, type Board, type Context, consoleLink, deviceVariable, transitions } from '../board.ts'
import { columns, FROM, IN_RANGE, is, name, OF_SITE, scaled, where } from '../influxql.ts'
import type { NewPanel } from '../json.ts'
import { column, table, timeseries, width } from '../panels.ts'
import { shownAs } from '../view.ts'

const OF_DEVICE = is(TAG.device, '$device')

export function waveforms(context: Context): Board {
  const { view, words } = context
  const sampled = view.devices.filter(({ group }) => group !== undefined)
  const axes = [...new Set(sampled.flatMap((device) => device.axes))]
  const ids = sampled.map(({ id }) => id)
  const only = ids.length === 0 ? '' : `${name(TAG.id)} =~ /^(${ids.join('|')})$/`
  const G = FIELD.gap
  return {
    id: 'waveforms',
    from: 'now-5m',
    refresh: '5s',
    console: `/waveforms/\${device}${AT_RANGE}`,
    variables: [deviceVariable(context, only, ids[0])],
    annotations: [transitions(context, [OF_DEVICE])],
    rows: [
      ...axes.map((axis) => [extremes(context, axis)]),
      ...(axes.length === 0 ? [] : [[noise(context, axes)]]),
      [
        table({
          title: words.gaps,
          w: 24,
          h: 6,
          queries: [
            {
              query: `SELECT ${[G.channels, G.expected, G.missing, TAG.reason].map(name).join(', ')} ${FROM.gap} ${where(OF_SITE, OF_DEVICE, IN_RANGE)} ORDER BY time DESC LIMIT 100`,
            },
          ],
          columns: [
            column('Time', words.time, [width(180)]),
            column(G.expected, words.expected, [width(100)]),
            column(G.missing, words.missing, [width(100)]),
            column(TAG.reason, words.reason, [width(140)]),
          ],
        }),
      ],
    ],
  }
}

const link = (context: Context) => [consoleLink(context, `/waveforms/\${device}${AT_RANGE}`)]

function extremes(context: Context, axis: string): NewPanel {
  const { words } = context
  const { unit, decimals, factor } = shownAs('acceleration')
  const query = (call: string) =>
    `SELECT ${scaled(`${call}(${name(axis)})`, factor)} ${FROM.wave} ${where(OF_SITE, OF_DEVICE, IN_RANGE)} ${columns()}`
  return timeseries({
    title: words.axis(axis),
    description: words.axisAbout,
    w: 24,
    h: 7,
    unit,
    decimals,
    interval: '10ms',
    bridge_ms: 2_000,
    queries: [
      { query: query('min'), alias: words.least },
      { query: query('max'), alias: words.greatest },
    ],
    overrides: [
      {
        matcher: { id: 'byName', options: words.greatest },
        properties: [{ id: 'custom.fillBelowTo', value: words.least }],
      },
    ],
    legend: 'none',
    links: link(context),
  })
}

function noise(context: Context, axes: readonly string[]): NewPanel {
  const { words } = context
  const { unit, factor } = shownAs('acceleration')
  return timeseries({
    title: words.shakingRms,
    description: words.shakingRmsAbout,
    w: 24,
    h: 7,
    unit,
    decimals: 3,
    min: 0,
    interval: '1s',
    bridge_ms: 10_000,
    queries: axes.map((axis) => ({
      query: `SELECT ${scaled(`stddev(${name(axis)})`, factor)} ${FROM.wave} ${where(OF_SITE, OF_DEVICE, IN_RANGE)} ${columns()}`,
      alias: axis,
    })),
    links: link(context),
  })
}
