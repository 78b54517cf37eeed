/**
 * The site files of the compose file: the example site, whose services run in containers of their own and find one another by
 * names from the environment. One file for each way to run them; a value that differs from container to container is `${ENV}`,
 * so that all of them know the same site by the same hash. Pure.
 */
import { stringify } from 'yaml'
import { siteExample } from '../../domain/site-example.ts'

/** Where each service is watched, in every one of these files. */
export const METRICS_PORTS = { broker: 9461, ingest: 9462, desk: 9463, edge: 9464, sim: 9465 } as const

type Watched = keyof typeof METRICS_PORTS
const door = (service: Watched) => ({
  host: '${PLUMBLINE_METRICS_HOST:-127.0.0.1}',
  port: `\${PLUMBLINE_${service.toUpperCase()}_METRICS_PORT:-${METRICS_PORTS[service]}}`,
})
const simHost = '${PLUMBLINE_SIM_HOST:-127.0.0.1}'

const influx = (port: number) => ({
  influx: {
    url: `\${PLUMBLINE_INFLUX_URL:-http://127.0.0.1:${port}}`,
    token_file: '${PLUMBLINE_INFLUX_TOKEN_FILE:-secrets/influxdb-token}',
    ...(port === 8086 && { org: 'plumbline' }),
    keep_raw_days: 30,
  },
})

type Variant = { readonly about: string; readonly store?: object; readonly external?: boolean }
const VARIANTS: Readonly<Record<string, Variant>> = {
  'site.yaml': { about: 'embedded broker, series in InfluxDB 2', store: influx(8086) },
  'site.embedded.yaml': { about: 'embedded broker, series in the embedded store' },
  'site.influx3.yaml': { about: 'embedded broker, series in InfluxDB 3 Core', store: influx(8181) },
  'site.external-broker.yaml': { about: 'a broker that others run, series in the embedded store', external: true },
}

/** Path from the top of the project -> content. */
export const composeSites = (): ReadonlyMap<string, string> =>
  new Map(Object.entries(VARIANTS).map(([name, variant]) => [`deploy/compose/${name}`, siteText(variant)]))

function siteText({ about, store, external = false }: Variant): string {
  const { nodes, broker, desk, ...rest } = siteExample
  const site = {
    ...rest,
    nodes: nodes.map((node) => ({
      ...node,
      links: node.links.map((link) => ({ ...link, tcp: { ...link.tcp, host: simHost } })),
      metrics: door('edge'),
    })),
    broker: external
      ? { external: { urls: ['${PLUMBLINE_BROKER_URL:-mqtt://127.0.0.1:1883}'] } }
      : { ...broker, host: '${PLUMBLINE_BROKER_HOST:-127.0.0.1}', metrics: door('broker') },
    ...(store && { store }),
    ingest: { metrics: door('ingest') },
    desk: { ...desk, host: '${PLUMBLINE_DESK_HOST:-127.0.0.1}', metrics: door('desk') },
    sim: { metrics: door('sim') },
  }
  const head = `# yaml-language-server: $schema=../../site.schema.json
# The example site for docker-compose.yml: ${about}.
# Made by ./plumbline generate; for a site of your own copy it, then change the copy (docs/guides/containers.md).
`
  return head + stringify(site, { aliasDuplicateObjects: false, lineWidth: 140 })
}
