import { beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { type Bundle, bundleOf } from './build.ts'
import { checkBundle, checkDashboard } from './check.ts'
import { exampleSite, realSite, siteFrom } from './example.fixture.ts'
import { dataSourceUid, UID, uidOf } from './ids.ts'
import type { Dashboard, Panel } from './json.ts'
import { panelsOf } from './queries.ts'

let example: Bundle
let real: Bundle
beforeAll(async () => {
  example = bundleOf(await exampleSite())
  real = bundleOf(await realSite(), { console: 'https://watch.example/' })
})
const board = (of: Bundle, id: string, language = 'en'): Dashboard =>
  of.dashboards.find((one) => one.board === id && one.language === language)!.json

describe('a build', () => {
  test('is sound for the example and for a site with other waters, units and names', () => {
    expect(checkBundle(example)).toEqual([])
    expect(checkBundle(real)).toEqual([])
    expect(real.dashboards).toHaveLength(14)
  })

  test('thresholds are the levels and limits of the site file, in the unit of the panel, with null first', () => {
    const stage = panelsOf(board(example, 'flood')).find(({ title }) => title.includes('named levels'))!
    // 2, 4 and 6 ft.
    expect(stage.fieldConfig!.defaults.thresholds!.steps.map(({ value }) => value)).toEqual([
      null,
      0.6096,
      1.2192,
      1.8288,
    ])
    expect(stage.fieldConfig!.defaults.custom).toMatchObject({ thresholdsStyle: { mode: 'area' } })
    const bay = panelsOf(board(real, 'flood')).find(({ title }) => title === 'Bay: stage and named levels')!
    expect(bay.fieldConfig!.defaults.thresholds!.steps.map(({ value }) => value)).toEqual([null, 1.8, 2.5])
    const shaking = panelsOf(board(example, 'building')).find(({ title }) => title.includes('peak acceleration'))!
    expect(shaking.fieldConfig!.defaults).toMatchObject({ unit: 'suffix: gal' })
    // 25 and 80 gal on the ground, 250 gal on the roof: a line with the name of each.
    expect(shaking.targets!.slice(4).map(({ alias, query }) => [alias, /\* 0 \+ (\d+)/.exec(query)![1]])).toEqual([
      ['tower-a-shaking', '25'],
      ['tower-a-strong', '80'],
      ['tower-a-roof-strong', '250'],
    ])
  })

  test('levels have their names in the chart, not only their colours', () => {
    const stage = panelsOf(board(example, 'flood')).find(({ title }) => title.includes('named levels'))!
    const names = stage.fieldConfig!.overrides.map(
      ({ properties }) => properties.find(({ id }) => id === 'displayName')!.value,
    )
    expect(names.slice(1)).toEqual(['Action level (2 ft)', 'Flood level (4 ft)', 'Major flood level (6 ft)'])
  })

  test('intensity is graded by PGA up to 4 and left open above: 5 and more need PGV', () => {
    const panel = panelsOf(board(example, 'building')).find(({ title }) => title.includes('CWA'))!
    const ranges = panel.fieldConfig!.defaults.mappings!.flatMap((m) => (m.type === 'range' ? [m.options] : []))
    const textAt = (gal: number) =>
      ranges.find(({ from, to }) => gal >= (from ?? -Infinity) && gal <= (to ?? Infinity))?.result.text
    expect([0, 0.79, 0.8, 2.5, 8, 25, 79.9, 80, 600].map(textAt)).toEqual(
      ['0', '0', '1', '2', '3', '4', '4'].map((grade) => `Intensity ${grade}`).concat('4 or more', '4 or more'),
    )
  })

  test('a measure that only some sites have gets its chart there', () => {
    const titles = panelsOf(board(real, 'building')).map(({ title }) => title)
    expect(titles.some((title) => title.startsWith('Mast: tilt'))).toBe(true)
    expect(panelsOf(board(example, 'building')).some(({ title }) => title.startsWith('Tower A: tilt'))).toBe(false)
  })

  test('names and descriptions of the site stay text: no variable, no table cell is opened by them', () => {
    const levels = panelsOf(board(real, 'flood')).find(({ title }) => title === 'Bay: what each level means')!
    expect(String(levels.options!['content'])).toContain('| Level 1 \\| red (250 cm) | 2.50 m | Leave |')
    expect(checkDashboard(board(real, 'flood'))).toEqual([])
  })

  test('both languages are the same dashboards: panels, places and queries; words differ', () => {
    for (const { board: id, json } of example.dashboards.filter(({ language }) => language === 'en')) {
      const other = board(example, id, 'zh-TW')
      const bare = (panels: readonly Panel[]) =>
        panels.map(({ id: number, type, gridPos, targets }) => [
          number,
          type,
          gridPos,
          targets?.map(({ query }) => query),
        ])
      expect(bare(other.panels)).toEqual(bare(json.panels))
      expect(other.title).not.toBe(json.title)
      expect(
        other.panels
          .filter(({ type, title }) => type !== 'text' && /[a-z]{4}/i.test(title.replace(/^[^：]*：/, '')))
          .map(({ title }) => title),
      ).toEqual(
        // Names of the site file stay as they are.
        other.panels
          .filter(({ type }) => type === 'row')
          .map(({ title }) => title)
          .filter((title) => /[a-z]{4}/i.test(title)),
      )
    }
  })

  test('nothing comes from the internet: every address is the console', () => {
    for (const { json } of real.dashboards) {
      const addresses = [...JSON.stringify(json).matchAll(/https?:\/\/[^"/)]+/g)].map(([address]) => address)
      expect(new Set(addresses)).toEqual(new Set(['https://watch.example']))
    }
  })

  test('links lead where people reach the console', async () => {
    const { file } = await realSite()
    const linked = async (desk: object) => {
      const built = bundleOf(await siteFrom({ ...file, desk: { ...file.desk, ...desk } }))
      return /\]\((\S+?)\/#\//.exec(String(board(built, 'overview').panels[0]!.options!['content']))![1]
    }
    expect(await linked({})).toBe('http://localhost:8443')
    expect(await linked({ host: '::1' })).toBe('http://[::1]:8443')
    expect(await linked({ tls: {} })).toBe('https://localhost:8443')
    expect(await linked({ public_url: 'https://desk.example.org' })).toBe('https://desk.example.org')
  })

  test('links carry the time range of the dashboard, alarms their id', () => {
    const text = JSON.stringify(board(real, 'flood'))
    expect(text).toContain('https://watch.example/#/water/bay?from=${__from}&to=${__to}')
    expect(JSON.stringify(board(real, 'building'))).toContain(
      'https://watch.example/#/building/mast?from=${__from}&to=${__to}',
    )
    expect(JSON.stringify(board(example, 'waveforms'))).toContain('/#/waveforms/${device}?from=${__from}&to=${__to}')
    expect(text).toContain('https://watch.example/#/alarms/${__value.raw}')
  })

  test('a simulated site opens on its exercises and says so in its titles', () => {
    const source = board(example, 'overview').templating.list.find(({ name }) => name === 'source')!
    expect(source.current.value).toBe(dataSourceUid('demo', 'exercise'))
    expect(board(example, 'overview').title).toBe('EXERCISE · Overview · Plumbline demo site')
    expect(board(example, 'overview', 'zh-TW').title).toContain('演習')
    expect(board(real, 'overview').title).toBe('Overview · Harbour, "north" ＄basin')
    for (const kind of ['real', 'exercise'] as const) {
      const name = kind === 'real' ? 'Plumbline demo' : 'Plumbline demo EXERCISE 演習'
      expect(new RegExp(source.regex!.slice(1, -1)).test(name)).toBe(true)
    }
    expect(new RegExp(source.regex!.slice(1, -1)).test('Plumbline demo-2')).toBe(false)
  })
})

describe('provisioning', () => {
  test('data sources name both databases for old and new versions, and hold no secret', () => {
    const { datasources } = parse(real.files.get('provisioning/datasources/plumbline.yaml')!) as {
      datasources: object[]
    }
    expect(datasources).toMatchObject([
      {
        ...{ type: 'influxdb', url: 'https://influx.example:8086', database: 'harbour' },
        jsonData: { version: 'InfluxQL', dbName: 'harbour', httpHeaderName1: 'Authorization' },
        secureJsonData: { httpHeaderValue1: 'Token $PLUMBLINE_INFLUX_TOKEN' },
      },
      { database: 'harbour-exercise', jsonData: { dbName: 'harbour-exercise' } },
    ])
  })

  test('a long site id gives uids that Grafana takes, each its own', () => {
    const uids = [
      ...real.dashboards.map(({ json }) => json.uid),
      ...real.rules.flatMap((g) => g.rules.map(({ uid }) => uid)),
    ]
    expect(uids.filter((uid) => !UID.test(uid))).toEqual([])
    expect(new Set(uids).size).toBe(uids.length)
    expect(uidOf('demo', 'flood', 'en')).toBe('demo-flood-en')
  })

  test('rules: one for each limit that judges a stored value, one for each device, and the watchdog', () => {
    const rules = real.rules.flatMap((group) => group.rules)
    expect(rules.map(({ labels }) => labels['alarm'] ?? labels['device'] ?? labels['watchdog'])).toEqual([
      ...['quay:bay-red', 'quay:creek-dry'],
      ...['bay-gauge', 'creek-gauge', 'mast-tilt'],
      'true',
    ])
    const [red, dry, , creek] = rules
    const evaluator = (rule: typeof red) =>
      (rule!.data[2]!.model['conditions'] as Array<{ evaluator: { type: string; params: number[] } }>)[0]!.evaluator
    expect(red).toMatchObject({ for: '30s', execErrState: 'Error', noDataState: 'NoData' })
    expect(evaluator(red).type).toBe('gt')
    // Reached is crossed, also by a float32 register: 2.5 m is.
    expect(Math.fround(2.5)).toBeGreaterThan(evaluator(red).params[0]!)
    expect(evaluator(dry).type).toBe('lt')
    expect(Math.fround(0.2)).toBeLessThan(evaluator(dry).params[0]!)
    // Three polls of a minute.
    expect(creek!.data[0]!.relativeTimeRange).toEqual({ from: 180, to: 0 })
    expect(creek!.noDataState).toBe('Alerting')
  })

  test('a dollar of the site file is no name of the environment', () => {
    const text = [...real.files].filter(([path]) => path.startsWith('provisioning/')).map(([, one]) => one)
    expect(text.join('').replaceAll(/\$(timeFilter|PLUMBLINE_[A-Z_]+)/g, '')).not.toMatch(/\$[A-Za-z{]/)
  })
})

describe('mistakes are found', () => {
  const spoiled = (change: (copy: Dashboard) => object): string[] => {
    const copy = structuredClone(board(example, 'flood'))
    return checkDashboard({ ...copy, ...change(copy) } as Dashboard)
  }
  const withPanel = (change: (panel: Panel) => object, at = 1) =>
    spoiled(({ panels }) => ({ panels: panels.map((panel, i) => (i === at ? { ...panel, ...change(panel) } : panel)) }))

  test.each([
    ['two panels of one number', () => withPanel(() => ({ id: 1 })), 'panel 1: this number stands twice'],
    ['panels that overlap', () => withPanel(() => ({ gridPos: { x: 0, y: 0, w: 24, h: 3 } })), 'overlap'],
    [
      'a panel beyond the grid',
      () => withPanel(() => ({ gridPos: { x: 20, y: 90, w: 8, h: 3 } })),
      'not within 24 columns',
    ],
    [
      'an unknown unit',
      () => withPanel(() => ({ fieldConfig: { defaults: { unit: 'gal' }, overrides: [] } })),
      'unit "gal"',
    ],
    [
      'one refId twice',
      () => withPanel(({ targets }) => ({ targets: [targets![0], targets![0]] })),
      'refId A stands twice',
    ],
    [
      'a variable that is not there',
      () => withPanel(({ targets }) => ({ targets: [{ ...targets![0], query: 'SELECT $gone' }] })),
      'variable $gone',
    ],
    [
      'a variable that changes nothing',
      () => spoiled(({ panels }) => ({ panels: panels.slice(0, 1), annotations: { list: [] } })),
      'variable $rise changes nothing',
    ],
    [
      'a data source that is not there',
      () => withPanel(() => ({ datasource: { type: 'influxdb', uid: 'other' } })),
      'data source "other"',
    ],
    [
      'thresholds that fall',
      () =>
        withPanel(() => ({
          fieldConfig: {
            defaults: { thresholds: { mode: 'absolute', steps: [{ value: null }, { value: 3 }, { value: 2 }] } },
            overrides: [],
          },
        })),
      'thresholds',
    ],
    ['a uid that is too long', () => spoiled(() => ({ uid: 'x'.repeat(41) })), 'uid'],
    ['v2 JSON', () => spoiled(() => ({ elements: {} })), 'v2 JSON'],
    ['another schema', () => spoiled(() => ({ schemaVersion: 42 })), 'schemaVersion'],
    ['no title', () => withPanel(() => ({ title: '' })), 'no title'],
  ])('%s', (_, faults, why) => {
    expect(faults().join('\n')).toContain(why)
  })

  test('rules: intervals, refIds, data sources, variables', () => {
    const [group] = example.rules
    const rule = group!.rules[0]!
    const faults = (change: object, of: object = {}) =>
      checkBundle({ ...example, rules: [{ ...group!, ...of, rules: [{ ...rule, ...change }] }] }).join('\n')
    expect(faults({}, { interval: '15s' })).toContain('no multiple of 10 s')
    expect(faults({ for: '5s' })).toContain('for 5s')
    expect(faults({ condition: 'D' })).toContain('refId D is not there')
    expect(faults({ data: [{ ...rule.data[0]!, datasourceUid: 'gone' }, ...rule.data.slice(1)] })).toContain(
      'data source gone',
    )
    const model = { ...rule.data[0]!.model, query: 'SELECT last("v") FROM "m" WHERE "site" = \'$site\'' }
    expect(faults({ data: [{ ...rule.data[0]!, model }, ...rule.data.slice(1)] })).toContain(
      'do not work in alert queries',
    )
  })
})
