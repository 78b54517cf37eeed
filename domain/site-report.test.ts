import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadSite } from './site-load.ts'
import { siteReport } from './site-report.ts'

const folder = join(import.meta.dirname, 'cases', 'site')
const known = { models: new Map(), recordings: new Set<string>() }

test('the mistakes are those of the check', () => {
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.bad.yaml'))) {
    const text = readFileSync(join(folder, name), 'utf8')
    const report = siteReport(text, name, known, () => undefined)
    expect(report).toMatchObject({ path: name, text, right: undefined })
    expect({ mistakes: report.mistakes }, name).toEqual(loadSite(text, name, known, () => undefined))
  }
})

test('what an environment variable holds is not told, whole or cut short', () => {
  const secret = 'gh"p\\tkn-0123456789-abcdefghijklmnopqrstuvwxyz-and-more-of-it-so-that-it-is-cut-in-the-middle'
  const text = [
    'site: yard',
    `name: "${'${TOKEN}'}"`,
    'time_zone: "${ZONE}"',
    'broker: { port: "${PORT}", hosts: ["${TOKEN}"] }',
    'desk: { host: "${SHORT}", port: "x${SHORT}" }',
  ].join('\n')
  const environment = { TOKEN: secret, ZONE: 'Nowhere/Atall', PORT: 'tenthousand', SHORT: 'ab' }
  const { mistakes } = siteReport(text, 'site.yaml', known, (name) => environment[name as keyof typeof environment])
  const told = JSON.stringify(mistakes)
  expect(mistakes.find(({ path }) => path === 'broker.port')!.got).toBe('"${PORT}"')
  expect(mistakes.find(({ path }) => path === 'time_zone')?.got ?? '"${ZONE}"').toBe('"${ZONE}"')
  for (const value of ['tenthousand', 'Nowhere/Atall', 'kn-0123', '-and-more']) expect(told, value).not.toContain(value)
  const [cut] = mistakes.filter(({ path }) => path === 'broker.hosts')
  expect(cut!.got).toMatch(/^\["\$\{TOKEN\}/)
})
