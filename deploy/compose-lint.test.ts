/** docker-compose.yml against every rule, and every rule against a file that breaks it. */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { composeFile, composeText, ENV_FILES, KNOWN, servicesOf, TOP } from './compose.fixture.ts'
import { type ComposeFile, type ComposeService, interpolate, lintCompose } from './compose-lint.ts'

test('docker-compose.yml breaks no rule', () => {
  expect(lintCompose(composeFile, KNOWN)).toEqual([])
})

/** Ingest as it is, changed in one place. */
const broken = (change: Partial<Record<keyof ComposeService, unknown>>): ComposeFile => {
  const ingest = { ...composeFile.services['ingest'], ...change } as ComposeService
  return { ...composeFile, services: { ...composeFile.services, ingest } }
}
const limits = (over: object) => ({ resources: { limits: { cpus: '1', memory: '1G', pids: 9, ...over } } })

describe('a rule notices', () => {
  test.for<[string, ComposeFile, string]>([
    [
      'latest',
      broken({ image: 'plumbline:latest' }),
      'ingest: image: expected a pinned version, got "plumbline:latest"',
    ],
    ['no tag', broken({ image: 'plumbline' }), 'ingest: image: expected a pinned version, got "plumbline"'],
    ['a major alone', broken({ image: 'plumbline:1' }), 'ingest: image: expected a pinned version, got "plumbline:1"'],
    [
      'no health check',
      broken({ healthcheck: undefined }),
      'ingest: healthcheck: expected test, interval, timeout, retries, start_period',
    ],
    [
      'another door',
      broken({ healthcheck: { ...composeFile.services['ingest']!.healthcheck, test: ['CMD', 'true'] } }),
      'ingest: healthcheck.test: expected [CMD, ./plumbline, healthcheck, http://127.0.0.1:9462/readyz]',
    ],
    ['a port for everybody', broken({ ports: ['8080:8080'] }), 'ingest: ports: expected 127.0.0.1:…, got "8080:8080"'],
    ['root', broken({ user: '0:0' }), 'ingest: user: expected a number other than 0, got "0:0"'],
    ['no user', broken({ user: undefined }), 'ingest: user: expected a number other than 0, got ""'],
    ['capabilities', broken({ cap_drop: [] }), 'ingest: cap_drop: expected ALL'],
    ['new privileges', broken({ security_opt: [] }), 'ingest: security_opt: expected no-new-privileges:true'],
    ['privileged', broken({ privileged: true }), 'ingest: expected no privileges of the host'],
    ['the network of the host', broken({ network_mode: 'host' }), 'ingest: expected no privileges of the host'],
    ['a writable image', broken({ read_only: false }), 'ingest: read_only: expected true'],
    [
      'no limit of memory',
      broken({ deploy: limits({ memory: undefined }) }),
      'ingest: deploy.resources.limits.memory: expected a limit',
    ],
    [
      'no limit of processors',
      broken({ deploy: limits({ cpus: undefined }) }),
      'ingest: deploy.resources.limits.cpus: expected a limit',
    ],
    [
      'no limit of processes',
      broken({ deploy: limits({ pids: undefined }) }),
      'ingest: deploy.resources.limits.pids: expected a limit',
    ],
    ['a log without end', broken({ logging: {} }), 'ingest: logging.options.max-size: expected a limit'],
    ['no restart', broken({ restart: 'no' }), 'ingest: restart: expected unless-stopped'],
    [
      'a volume that nobody declares',
      broken({ volumes: [{ type: 'volume', source: 'elsewhere', target: '/x' }] }),
      'ingest: volumes: expected the named volume elsewhere to be declared',
    ],
    [
      'a writable bind',
      broken({ volumes: [{ type: 'bind', source: './x', target: '/x' }] }),
      'ingest: volumes: ./x: expected read_only',
    ],
    [
      'a bind that makes its source',
      broken({ volumes: [{ type: 'bind', source: './x', target: '/x', read_only: true }] }),
      'ingest: volumes: ./x: expected bind.create_host_path false',
    ],
    [
      'the engine',
      broken({ volumes: [{ type: 'bind', source: '/var/run/docker.sock' }] }),
      'ingest: volumes: expected no door to the engine',
    ],
    [
      'the short form',
      broken({ volumes: ['data:/data'] }),
      'ingest: volumes: expected the long form, got "data:/data"',
    ],
    [
      'a name that nobody reads',
      broken({ environment: { PLUMBLINE_BROKER_HOTS: 'x' } }),
      'ingest: environment: nobody reads PLUMBLINE_BROKER_HOTS',
    ],
    [
      'a secret in the environment',
      broken({ environment: { MQTT_PASSWORD: 'x' } }),
      'ingest: environment: expected MQTT_PASSWORD as a file under secrets',
    ],
    [
      'a secret that nobody declares',
      broken({ secrets: ['mystery'] }),
      'ingest: secrets: expected mystery as a file in ./secrets, got nothing',
    ],
    ['no network', broken({ networks: [] }), 'ingest: networks: expected the ones it needs'],
    [
      'a network that nobody declares',
      broken({ networks: ['moon'] }),
      'ingest: networks: expected moon to be declared',
    ],
    [
      'a service that is not there',
      broken({ depends_on: { moon: { condition: 'service_healthy' } } }),
      'ingest: depends_on: expected a service, got moon',
    ],
    [
      'waiting for a mere start',
      broken({ depends_on: { desk: { condition: 'service_started' } } }),
      'ingest: depends_on: desk: expected condition service_healthy',
    ],
    [
      'waiting for what a profile leaves out',
      broken({ depends_on: { broker: { condition: 'service_healthy' } } }),
      'ingest: depends_on: broker: expected required: false, for a profile can leave it out',
    ],
    [
      'a command that is not there',
      broken({ command: ['swallow'] }),
      'ingest: command: expected a command of ./plumbline, got "swallow"',
    ],
    [
      'what nobody uses',
      { ...composeFile, volumes: { ...composeFile.volumes, attic: {} } },
      'volumes.attic: nobody uses it',
    ],
  ])('%s', ([, file, complaint]) => {
    expect(lintCompose(file, KNOWN)).toContain(complaint)
  })
})

describe.each([...ENV_FILES])('%s', (path, env) => {
  test('selects one broker, at most one InfluxDB, and a site file that is there', () => {
    const names = Object.keys(servicesOf(env))
    expect(names.filter((name) => ['broker', 'mosquitto', 'emqx'].includes(name))).toHaveLength(1)
    expect(names.filter((name) => name.startsWith('influxdb')).length).toBeLessThanOrEqual(1)
    expect(names).toEqual(expect.arrayContaining(['ingest', 'desk', 'edge']))
    const known = new Set(Object.values(composeFile.services).flatMap((s) => s.profiles ?? []))
    for (const profile of env['COMPOSE_PROFILES']!.split(',')) expect(known.has(profile), profile).toBe(true)
    // Production brings its own.
    if (path.includes('production')) expect(names).not.toContain('sim')
    else expect(existsSync(join(TOP, env['PLUMBLINE_SITE_FILE']!))).toBe(true)
  })

  test('holds no secret, and only names that the compose file reads', () => {
    for (const [name, value] of Object.entries(env)) {
      expect(name).not.toMatch(/PASSWORD|TOKEN|SECRET/)
      expect(name === 'COMPOSE_PROFILES' || composeText.includes(`\${${name}`), name).toBe(true)
      expect(value.length).toBeLessThan(100)
    }
  })
})

test('names are filled as Compose fills them', () => {
  const env = { A: 'a', EMPTY: '' }
  const cases = ['${A}', '${A:-x}', '${EMPTY:-x}', '${B:-x}', '${A:+y}', '${B:+y}', '$$A', '${B:-http://h:1}']
  expect(cases.map((text) => interpolate(text, env))).toEqual(['a', 'a', 'x', 'x', 'y', '', '$A', 'http://h:1'])
  expect(() => interpolate('${B:?say which}', env)).toThrow('B: say which')
  expect(() => interpolate('${B}', env)).toThrow('expected a value')
})

const client = ['docker', 'compose'] as const
const clientThere = spawnSync(client[0], [client[1], 'version'], { stdio: 'ignore' }).status === 0
if (!clientThere) console.info('docker compose is not installed here: `docker compose config` is skipped')

test.skipIf(!clientThere).each([...ENV_FILES.keys()])('docker compose config takes it with %s', (path) => {
  execFileSync(client[0], [client[1], '--env-file', path, 'config', '--quiet'], { cwd: TOP })
})

test('Grafana is provisioned with the dashboards that ship, and its secrets are files', () => {
  const read = (path: string) => readFileSync(join(TOP, path), 'utf8')
  const sources = read('deploy/compose/grafana/datasources/plumbline.yaml')
  const shipped = read('dashboards/grafana/generated/provisioning/datasources/plumbline.yaml')
  const uids = (text: string) => [...text.matchAll(/uid: (\S+)/g)].map(([, uid]) => uid)
  expect(uids(sources)).toEqual(uids(shipped))
  expect(sources).toContain('$__file{/run/secrets/influxdb-token}')
  const mounted = composeFile.services['grafana']!.volumes!.map((volume) => (volume as { target: string }).target)
  const [, path] = /path: (\S+)\/en$/m.exec(read('deploy/compose/grafana/dashboards/plumbline.yaml'))!
  expect(mounted).toContain(path)
})
