/** The example configuration and rules against the names that the services really serve, and against promtool. */
import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { have } from '../../broker/real-tools.fixture.ts'
import { samplePages } from '../../commands/reference/metric-samples.ts'
import { type Family, familiesOf } from '../../commands/reference/metrics.ts'

const here = import.meta.dirname
const rules = (
  parse(readFileSync(join(here, 'rules.yml'), 'utf8')) as {
    groups: Array<{ rules: Array<{ alert: string; expr: string; annotations: Record<string, string> }> }>
  }
).groups.flatMap((group) => group.rules)
const families = new Map<string, Family>(
  [...samplePages().values()].flatMap(familiesOf).map((family) => [family.name, family]),
)
/** What Prometheus itself puts on every sample by the example configuration. */
const CONFIGURED = new Set(['job', 'instance', 'site', 'service', 'node'])

test('every rule asks for numbers and labels that are served, and says what to do', () => {
  for (const { alert, expr, annotations } of rules) {
    const names = [...expr.matchAll(/\b(plumbline_\w+|up)\b/g)].map(([name]) => name).filter((name) => name !== 'up')
    if (!expr.startsWith('up')) expect(names.length, alert).toBeGreaterThan(0)
    for (const name of names) expect(families.has(name), `${alert}: ${name}`).toBe(true)
    const known = new Set([...CONFIGURED, ...names.flatMap((name) => families.get(name)!.labels)])
    for (const text of Object.values(annotations))
      for (const [, label] of text.matchAll(/\$labels\.(\w+)/g))
        expect(known.has(label!), `${alert}: ${label}`).toBe(true)
    expect(Object.keys(annotations)).toEqual(['summary', 'todo'])
  }
  expect(rules.length).toBeGreaterThan(10)
})

test('names keep the conventions: counters end in _total, durations in _seconds, sizes in _bytes', () => {
  for (const { name, kind } of families.values()) {
    expect(name.endsWith('_total'), name).toBe(kind === 'counter')
    expect(name).not.toMatch(/_(ms|ns|s|mib|kb)(_|$)/)
  }
})

describe.skipIf(!have('promtool', 'prometheus', 'promtool', ['--version']))('promtool', () => {
  test('takes configuration and rules', () => {
    expect(execFileSync('promtool', ['check', 'config', join(here, 'prometheus.yml')], { encoding: 'utf8' })).toContain(
      `SUCCESS: ${rules.length} rules found`,
    )
  })

  test.for([...samplePages()])('has nothing against the page of: %s', ([, page]) => {
    const judged = spawnSync('promtool', ['check', 'metrics'], { input: page, encoding: 'utf8' })
    expect([judged.status, judged.stderr]).toEqual([0, ''])
  })
})
