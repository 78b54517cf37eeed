/** The compose file, its env files and what the lint must know of the project, for tests and rehearsals. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { commands } from '../commands/index.ts'
import { composeSites, METRICS_PORTS } from '../commands/reference/compose-sites.ts'
import { type ComposeFile, interpolateAll, type Known, parseEnv } from './compose-lint.ts'

export const TOP = join(import.meta.dirname, '..')
export const composeText = readFileSync(join(TOP, 'docker-compose.yml'), 'utf8')
export const composeFile = parse(composeText, { merge: true }) as ComposeFile

/** Settings by env file; `.env` is what plain `docker compose up` takes. */
export const ENV_FILES: ReadonlyMap<string, Record<string, string>> = new Map(
  [
    '.env',
    ...readdirSync(join(TOP, 'deploy', 'compose'))
      .filter((name) => name.endsWith('.env'))
      .map((name) => `deploy/compose/${name}`),
  ].map((path) => [path, parseEnv(readFileSync(join(TOP, path), 'utf8'))] as const),
)

/** The services that an env file starts, with every `${NAME}` filled. */
export function servicesOf(env: Readonly<Record<string, string>>): ComposeFile['services'] {
  const profiles = (env['COMPOSE_PROFILES'] ?? '').split(',')
  const filled = interpolateAll(composeFile, env)
  return Object.fromEntries(
    Object.entries(filled.services).filter(
      ([, service]) => service.profiles === undefined || service.profiles.some((profile) => profiles.includes(profile)),
    ),
  )
}

const inSites = [...composeSites().values()].flatMap((text) =>
  [...text.matchAll(/\$\{(\w+)/g)].map(([, name]) => name!),
)
/** Read by name in commands/run-stack.ts. */
const IN_CODE = ['PLUMBLINE_MQTT_PASSWORD_FILE', 'PLUMBLINE_FIRST_USER_FILE']
/** Sections and keys of grafana.ini, as GF_SECTION_KEY (Grafana: Configure with environment variables). */
const GRAFANA = [
  ...['GF_SECURITY_ADMIN_USER', 'GF_SECURITY_ADMIN_PASSWORD__FILE', 'GF_SECURITY_DISABLE_GRAVATAR'],
  ...['GF_USERS_ALLOW_SIGN_UP', 'GF_AUTH_ANONYMOUS_ENABLED', 'GF_ANALYTICS_REPORTING_ENABLED'],
  ...['GF_ANALYTICS_CHECK_FOR_UPDATES', 'GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES', 'GF_PLUGINS_PREINSTALL_DISABLED'],
  ...['GF_NEWS_NEWS_FEED_ENABLED', 'GF_GEOMAP_ENABLE_CUSTOM_BASELAYERS', 'GF_PATHS_PROVISIONING'],
  // Filled into the provisioned data source.
  ...['PLUMBLINE_INFLUX_URL'],
]

export const KNOWN: Known = {
  environment: new Set([...inSites, ...IN_CODE]),
  others: new Map([
    [
      'influxdb',
      new Set([
        ...['MODE', 'ORG', 'BUCKET', 'USERNAME', 'PASSWORD_FILE', 'ADMIN_TOKEN_FILE'].map(
          (n) => `DOCKER_INFLUXDB_INIT_${n}`,
        ),
        ...['INFLUXD_REPORTING_DISABLED', 'INFLUXD_LOG_LEVEL'],
      ]),
    ],
    ['grafana/grafana', new Set(GRAFANA)],
    ['emqx/emqx', new Set(['COOKIE_FILE', 'EMQX_NAME', 'EMQX_HOST'])],
    ['eclipse-mosquitto', new Set()],
  ]),
  commands: new Set(commands.keys()),
  doors: METRICS_PORTS,
}
