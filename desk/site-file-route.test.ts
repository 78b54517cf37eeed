import { afterEach, expect, test } from 'vitest'
import type { SiteFileJson } from '../domain/api.ts'
import type { ExplainJson, TokenMadeJson } from '../domain/api-desk.ts'
import { PlumblineError } from '../domain/errors.ts'
import { Client, signedIn, TestDesks } from './testing.ts'
import { siteText, testSite, testSiteText } from './testing-site.ts'

const desks = new TestDesks()
afterEach(() => desks.end())

const PATH = '/api/v1/site/file'
const get = async (client: Client) => (await client.get(PATH)).body as SiteFileJson

test('an engineer reads the file as it is written now, and what a check of it says', async () => {
  const [text, site] = [siteText(true), testSite()]
  const changed = text.replace('priority: critical', 'priority: urgent')
  let now = testSiteText()
  const desk = await desks.start({ siteText: { text, read: () => now.read() } })
  const mei = await signedIn(desk)
  expect(await get(mei)).toEqual({
    path: 'test.yaml',
    text,
    hash: site.hash,
    running: true,
    running_hash: site.hash,
    summary: expect.stringContaining('Site yard: 1 edge node(s), 2 device(s)'),
    mistakes: [],
  })

  now = testSiteText(changed)
  const line = text.split('\n').findIndex((row) => row.includes('roof-shaking')) + 1
  expect(await get(mei)).toMatchObject({
    text: changed,
    ...{ hash: null, running: false, running_hash: site.hash, summary: null },
    mistakes: [{ line, path: 'limits[1].priority', expected: 'one of critical, high, medium, low', got: '"urgent"' }],
  })

  now = { text, read: () => Promise.reject(new PlumblineError('SITE_UNREADABLE', 'test.yaml: ENOENT')) }
  expect(await mei.get(PATH)).toMatchObject({ status: 503, body: { code: 'SITE_UNREADABLE' } })

  for (const [role, status] of [
    ['operator', 403],
    ['engineer', 503],
  ] as const) {
    const { secret } = (await mei.post('/api/v1/tokens', { name: role, role })).body as TokenMadeJson
    const asked = await new Client(desk.url).get(PATH, { authorization: `Bearer ${secret}` })
    expect(asked.status, role).toBe(status)
  }
  // Of a wholly simulated site on loopback much is open; this is not.
  expect((await new Client(desk.url).get(PATH)).status).toBe(401)
})

test('an alarm explained names the line of its limit; without a file neither is there', async () => {
  const text = siteText(true)
  const explain = async (siteTextOf: typeof text | undefined) => {
    const desk = await desks.start(siteTextOf === undefined ? {} : { siteText: testSiteText() })
    const mei = await signedIn(desk)
    return { mei, explained: (await mei.get('/api/v1/alarms/north:creek-red/explain')).body as ExplainJson }
  }
  const { explained } = await explain(text)
  const row = text.split('\n')[explained.site_line! - 1]!
  expect(row).toContain('id: creek-red')
  expect(explained.site_text).toBe(row.trim())

  const without = await explain(undefined)
  expect(without.explained).toMatchObject({ site_line: null, site_text: null })
  expect(await without.mei.get(PATH)).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } })
})
