/** The example configuration and rules against the names that the services really serve, and against promtool. */
import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { have } from '../../broker/real-tools.fixture.ts'
import { samplePages } from '../../commands/reference/metric-samples.ts'
import { type Family, familiesOf } from '../../commands/reference/metrics.ts'

const here = import.meta.dirname
const rules = (
  parse(readFileSync(join(here, 'rules.yml'), 'utf8')) as {
    groups: Array<{
      rules: Array<{ alert: string; expr: string; labels: Record<string, string>; annotations: Record<string, string> }>
    }>
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

type Case = {
  /** Series by name with labels, and values a minute apart in promtool's notation: when it fires, and when all is well. */
  readonly fires: Readonly<Record<string, string>>
  readonly quiet: Readonly<Record<string, string>>
  /** Labels of the series. */
  readonly labels?: Readonly<Record<string, string>>
  /** What `$value` is in its words. */
  readonly value?: string
}
const JOB = { job: 'plumbline', site: 'demo', service: 'edge', instance: 'host:1' }
/** Half an hour of each. */
const FIRING: Readonly<Record<string, Case>> = {
  PlumblineServiceDown: { fires: { up: '0x30' }, quiet: { up: '1x30' } },
  PlumblineRecordsLost: {
    fires: { plumbline_lost_total: '0x20 3x10' },
    quiet: { plumbline_lost_total: '7x30', plumbline_outbox_losing: '0x30' },
    labels: { node: 'edge-1' },
  },
  PlumblineBacklogOld: {
    fires: { plumbline_outbox_oldest_age_seconds: '1200x30' },
    quiet: { plumbline_outbox_oldest_age_seconds: '10x30' },
    labels: { node: 'edge-1', stream: 'readings' },
    value: '20m 0s',
  },
  PlumblineUplinkDown: {
    fires: { plumbline_uplink_up: '0x30' },
    // Away for a minute is no alert.
    quiet: { plumbline_uplink_up: '1x27 0x1 1x1' },
    labels: { node: 'edge-1', uplink: 'main' },
  },
  PlumblineDeviceSilent: {
    fires: { plumbline_device_online: '0x30' },
    quiet: { plumbline_device_online: '1x30' },
    labels: { device: 'dead-run' },
  },
  PlumblineClockNotTrusted: {
    fires: { plumbline_clock_trusted: '0x30' },
    quiet: { plumbline_clock_trusted: '1x30' },
    labels: { node: 'edge-1' },
  },
  PlumblineClockStepped: {
    fires: { plumbline_clock_steps_total: '1x10 2x20' },
    quiet: { plumbline_clock_steps_total: '2x30' },
    labels: { node: 'edge-1' },
  },
  PlumblineStoreFailing: {
    fires: { plumbline_ingest_serving: '0x30' },
    quiet: { plumbline_ingest_serving: '1x30', plumbline_ingest_store_failing: '0x30' },
  },
  PlumblineDeadLetters: {
    fires: { plumbline_ingest_dead_letters_total: '0x20 1x10' },
    quiet: { plumbline_ingest_dead_letters_total: '4x30' },
    labels: { reason: 'conflict' },
  },
  PlumblineDeskLacks: {
    fires: { plumbline_desk_up: '0x30' },
    quiet: { plumbline_desk_up: '1x30' },
    labels: { part: 'journal' },
  },
  PlumblineDiskLow: {
    fires: { plumbline_disk_free_bytes: '9x30', plumbline_disk_size_bytes: '100x30' },
    quiet: { plumbline_disk_free_bytes: '11x30', plumbline_disk_size_bytes: '100x30' },
  },
  PlumblineBrokerRefuses: {
    fires: { plumbline_broker_refusals_total: '0+5x30' },
    quiet: { plumbline_broker_refusals_total: '0+1x30' },
    labels: { reason: 'password' },
  },
}

/** The file that `promtool test rules` reads: each rule at the end of half an hour that it is about, and of one that is well. */
function ruleTests(): object {
  const selector = (labels: object) =>
    Object.entries(labels)
      .map(([key, value]) => `${key}="${value}"`)
      .join(',')
  const judged = (alert: string, of: Case, series: Case['fires'], fires: boolean) => {
    const rule = rules.find((one) => one.alert === alert)!
    const labels = { ...JOB, ...of.labels }
    const said = (text: string) =>
      text
        .replaceAll(/\{\{ \$labels\.(\w+) \}\}/g, (_, label: string) => labels[label as keyof typeof JOB] ?? '')
        .replaceAll('{{ $value | humanizeDuration }}', of.value ?? '')
    const expected = {
      exp_labels: { ...labels, ...rule.labels },
      exp_annotations: Object.fromEntries(Object.entries(rule.annotations).map(([key, text]) => [key, said(text)])),
    }
    return {
      interval: '1m',
      input_series: Object.entries(series).map(([metric, values]) => ({
        series: `${metric}{${selector(labels)}}`,
        values,
      })),
      alert_rule_test: [{ eval_time: '29m', alertname: alert, ...(fires && { exp_alerts: [expected] }) }],
    }
  }
  return {
    rule_files: [join(here, 'rules.yml')],
    evaluation_interval: '1m',
    tests: Object.entries(FIRING).flatMap(([alert, of]) => [
      judged(alert, of, of.fires, true),
      judged(alert, of, of.quiet, false),
    ]),
  }
}

describe.skipIf(!have('promtool', 'prometheus', 'promtool', ['--version']))('promtool', () => {
  test('takes configuration and rules', () => {
    expect(execFileSync('promtool', ['check', 'config', join(here, 'prometheus.yml')], { encoding: 'utf8' })).toContain(
      `SUCCESS: ${rules.length} rules found`,
    )
  })

  test('each rule fires on what it is about, with its labels and words, and not on what is well', async () => {
    expect(Object.keys(FIRING).sort()).toEqual(rules.map(({ alert }) => alert).sort())
    const folder = await mkdtemp(join(tmpdir(), 'rules-'))
    try {
      const path = join(folder, 'rules.test.yml')
      await writeFile(path, stringify(ruleTests()))
      const judged = spawnSync('promtool', ['test', 'rules', path], { encoding: 'utf8' })
      expect([judged.status, judged.stdout.includes('SUCCESS'), judged.stderr]).toEqual([0, true, ''])
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  test.for([...samplePages()])('has nothing against the page of: %s', ([, page]) => {
    const judged = spawnSync('promtool', ['check', 'metrics'], { input: page, encoding: 'utf8' })
    expect([judged.status, judged.stderr]).toEqual([0, ''])
  })
})
