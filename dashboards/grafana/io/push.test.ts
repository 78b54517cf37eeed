import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Bundle, bundleOf } from '../build.ts'
import { exampleSite, realSite } from '../example.fixture.ts'
import { boardUid } from '../ids.ts'
import { changeText } from '../push-plan.ts'
import { FakeGrafana, TOKEN } from './fake-grafana.fixture.ts'
import { GrafanaApi } from './grafana-api.ts'
import { type PushRun, push } from './push.ts'

let example: Bundle
let real: Bundle
beforeAll(async () => {
  example = bundleOf(await exampleSite())
  real = bundleOf(await realSite())
})

describe('pushing into a running Grafana', () => {
  let grafana: FakeGrafana
  let url: string
  beforeEach(async () => {
    grafana = new FakeGrafana()
    url = await grafana.start()
  })
  afterEach(() => grafana.stop())

  const RUN: PushRun = {
    secrets: { password: '', token: 'influx-secret' },
    desk: { url: 'http://desk:8080', token: 'desk-secret' },
    dryRun: false,
    force: false,
    told: () => {},
  }
  const run = async (bundle: Bundle, more: Partial<PushRun> = {}) => {
    grafana.writes = []
    return push(new GrafanaApi({ url, token: TOKEN }), bundle, { ...RUN, ...more })
  }
  const count = (changes: Awaited<ReturnType<typeof run>>) => ({
    create: changes.filter(({ how }) => how === 'create').length,
    update: changes.filter(({ how }) => how === 'update').length,
    same: changes.filter(({ how }) => how === 'same').length,
  })

  test('everything is there after the first push, and the second changes nothing, though Grafana migrates what it reads', async () => {
    // 2 folders, 2 data sources, 14 dashboards, a contact point, 3 rule groups, a route.
    expect(count(await run(example))).toEqual({ create: 23, update: 0, same: 0 })
    expect([grafana.folders.size, grafana.sources.size, grafana.dashboards.size, grafana.groups.size]).toEqual([
      2, 2, 14, 3,
    ])
    expect(count(await run(example))).toEqual({ create: 0, update: 0, same: 23 })
    expect(grafana.writes).toEqual([])
  })

  test('a dry run says what would change, and writes nothing', async () => {
    expect(count(await run(example, { dryRun: true }))).toEqual({ create: 23, update: 0, same: 0 })
    expect(grafana.writes).toEqual([])
    await run(example)
    const flood = grafana.dashboards.get(boardUid('demo', 'flood', 'en'))!
    flood.dashboard = { ...flood.dashboard, title: 'Somebody’s own' }
    flood.versions.push({ message: 'saved by hand' })
    const changed = (await run(example, { dryRun: true })).filter(({ how }) => how !== 'same')
    expect(changed.flatMap(changeText)).toEqual([
      '~ dashboard "EXERCISE · Flood response · Plumbline demo site"',
      '    title: "Somebody’s own" -> "EXERCISE · Flood response · Plumbline demo site"',
      '    schemaVersion: 42 -> 37',
    ])
    expect(grafana.writes).toEqual([])
    await run(example)
    expect(grafana.writes).toEqual(['POST /api/dashboards/db'])
    expect(flood.dashboard['title']).toBe('Somebody’s own')
    expect(grafana.dashboards.get(boardUid('demo', 'flood', 'en'))!.dashboard['title']).toContain('Flood response')
  })

  test('what differs is written and nothing else: a rule, a data source, a folder title', async () => {
    await run(example)
    const [key, group] = [...grafana.groups].find(([name]) => name.endsWith('silent devices'))!
    grafana.groups.set(key, { ...group, interval: 60 })
    const [uid, source] = [...grafana.sources][0]!
    grafana.sources.set(uid, { ...source, url: 'http://elsewhere' })
    const [folder, titled] = [...grafana.folders][0]!
    grafana.folders.set(folder, { ...titled, title: 'X' })
    expect(count(await run(example))).toEqual({ create: 0, update: 3, same: 20 })
    expect(grafana.writes.map((write) => write.split(' ')[0])).toEqual(['PUT', 'PUT', 'PUT'])
    expect(count(await run(example))).toMatchObject({ same: 23 })
  })

  test('routes of others stay in the tree, and ours stands in front once', async () => {
    grafana.tree = { ...grafana.tree, routes: [{ receiver: 'other', object_matchers: [['team', '=', 'it']] }] }
    await run(example)
    await run(example, { force: true })
    expect(grafana.tree).toMatchObject({
      receiver: 'grafana-default-email',
      routes: [{ receiver: 'Plumbline desk' }, { receiver: 'other' }],
    })
  })

  test('secrets are sent, never compared; with force they are sent again', async () => {
    await run(real)
    const [source] = [...grafana.sources.values()]
    expect(source!['secureJsonFields']).toEqual({ httpHeaderValue1: true })
    expect(JSON.stringify([...grafana.sources.values()])).not.toContain('influx-secret')
    expect([...grafana.points.values()][0]!['settings']).toMatchObject({
      url: 'http://desk:8080/api/v1/grafana-alerts',
      authorization_scheme: 'Bearer',
      authorization_credentials: 'desk-secret',
    })
    const told = (await run(real, { dryRun: true })).flatMap(changeText).join('\n')
    expect(told).not.toMatch(/secret/)
    await run(real, { force: true })
    expect(grafana.writes.length).toBeGreaterThan(15)
  })

  test('without a desk no alerting is pushed', async () => {
    const { desk: _, ...without } = RUN
    await push(new GrafanaApi({ url, token: TOKEN }), example, without)
    expect([grafana.groups.size, grafana.points.size, grafana.dashboards.size]).toEqual([0, 0, 14])
  })

  test('a push that broke goes on where it stopped', async () => {
    grafana.trouble = (path) => (path.includes('/rule-groups/') ? [503, { message: 'database is locked' }] : undefined)
    await expect(run(example)).rejects.toThrow(
      /GRAFANA_UNAVAILABLE: GET .*rule-groups.* answered 503: database is locked/,
    )
    grafana.trouble = undefined
    expect(count(await run(example))).toEqual({ create: 4, update: 0, same: 19 })
  })

  test('a wrong token, and nobody there, are clear errors', async () => {
    const wrong = new GrafanaApi({ url, token: 'glsa_bad' })
    await expect(push(wrong, example, RUN)).rejects.toThrow(/GRAFANA_REFUSED.*401: Invalid API key.*token is wrong/)
    const gone = new FakeGrafana()
    const nobody = new GrafanaApi({ url: await gone.start(), token: TOKEN })
    await gone.stop()
    await expect(push(nobody, example, RUN)).rejects.toThrow(/GRAFANA_UNAVAILABLE.*ECONNREFUSED/)
  })

  test('refusals keep the words of Grafana; what is no Grafana is called so', async () => {
    grafana.trouble = (path) =>
      path === '/api/dashboards/db' ? [400, { message: 'Cannot save provisioned dashboard' }] : undefined
    await expect(run(example)).rejects.toThrow(/GRAFANA_REFUSED.*400: Cannot save provisioned dashboard/)
    grafana.trouble = () => [403, { message: 'Permission denied' }]
    await expect(run(example)).rejects.toThrow(/403: Permission denied \(the token needs/)
    grafana.trouble = () => [200, '<html>login</html>']
    await expect(run(example)).rejects.toThrow(/expected JSON, got <html>login<\/html>: is that a Grafana/)
    grafana.trouble = () => [302, '']
    await expect(run(example)).rejects.toThrow(/302.*redirects to/)
  })
})
