/**
 * A strict stand-in for Grafana's HTTP API as far as `push` uses it, written from its documentation and source: it asks for
 * the token, refuses what hangs in the air (a folder, data source or contact point that is not there), tells dashboards
 * migrated as 13 does, and never tells a secret. What a real Grafana does beyond that is not proved by it.
 */
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

type Json = Record<string, unknown>
type Answer = readonly [status: number, body: unknown]
export const TOKEN = 'glsa_good'

export class FakeGrafana {
  readonly folders = new Map<string, Json>()
  readonly sources = new Map<string, Json>()
  readonly dashboards = new Map<string, { dashboard: Json; folderUid: string; versions: Array<{ message: string }> }>()
  readonly groups = new Map<string, Json>()
  readonly points = new Map<string, Json>()
  tree: Json = { receiver: 'grafana-default-email', group_by: ['grafana_folder'], routes: [] }
  /** What was written, `METHOD path`. */
  writes: string[] = []
  /** Answers instead of the API. */
  trouble: ((path: string) => Answer | 'hang' | undefined) | undefined
  readonly #server: Server

  constructor() {
    this.#server = createServer((request, response) => {
      void this.#answer(request).then((answer) => {
        if (answer === 'hang') return
        const [status, body] = answer
        response.writeHead(status, { 'content-type': 'application/json' })
        response.end(typeof body === 'string' ? body : JSON.stringify(body))
      })
    })
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }
  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async #answer(request: IncomingMessage): Promise<Answer | 'hang'> {
    const chunks: Uint8Array[] = []
    for await (const chunk of request) chunks.push(chunk as Uint8Array)
    const path = decodeURIComponent(request.url ?? '')
    const trouble = this.trouble?.(path)
    if (trouble !== undefined) return trouble
    if (request.headers.authorization !== `Bearer ${TOKEN}`) return [401, { message: 'Invalid API key' }]
    const method = request.method ?? ''
    if (method === 'GET') return this.#get(path)
    this.writes.push(`${method} ${path}`)
    if (request.headers['content-type'] !== 'application/json') return [415, { message: 'bad content type' }]
    const body = JSON.parse(Buffer.concat(chunks).toString('utf8')) as Json
    return this.#put(method, path, body)
  }

  #get(path: string): Answer {
    const missing = [404, { message: 'not found' }] as const
    const of = (map: Map<string, Json>, key: string): Answer => (map.has(key) ? [200, map.get(key)] : missing)
    const [, api, kind, ...rest] = path.split('?')[0]!.split('/')
    if (api !== 'api') return missing
    if (kind === 'folders') return of(this.folders, rest[0]!)
    if (kind === 'datasources') return of(this.sources, rest[1]!)
    if (kind === 'dashboards') return this.#dashboard(rest[1]!, rest[2])
    if (path.startsWith('/api/v1/provisioning/contact-points?name=')) {
      const name = path.split('=')[1]
      return [200, [...this.points.values()].filter((point) => point['name'] === name).map(redacted)]
    }
    if (path.startsWith('/api/v1/provisioning/folder/')) return of(this.groups, `${rest[2]}/${rest[4]}`)
    if (path === '/api/v1/provisioning/policies') return [200, this.tree]
    return missing
  }

  #dashboard(uid: string, part: string | undefined): Answer {
    const found = this.dashboards.get(uid)
    if (found === undefined) return [404, { message: 'Dashboard not found' }]
    if (part === 'versions') return [200, { continueToken: '', versions: found.versions.toReversed() }]
    // 13 migrates what it reads.
    const dashboard = { ...found.dashboard, schemaVersion: 42, preload: false, version: found.versions.length }
    return [200, { meta: { folderUid: found.folderUid, provisioned: false }, dashboard }]
  }

  #put(method: string, path: string, body: Json): Answer {
    const [, , kind, ...rest] = path.split('/')
    if (kind === 'folders') {
      const uid = String(method === 'POST' ? body['uid'] : rest[0])
      if (method === 'POST' && this.folders.has(uid)) return [412, { message: 'a folder of this uid exists' }]
      this.folders.set(uid, { id: 1, uid, title: body['title'], version: 1 })
      return [200, {}]
    }
    if (kind === 'datasources') {
      const { secureJsonData = {}, ...open } = body
      if (method === 'POST' && this.sources.has(String(body['uid']))) return [409, { message: 'data source exists' }]
      const secureJsonFields = Object.fromEntries(Object.keys(secureJsonData as Json).map((key) => [key, true]))
      this.sources.set(String(body['uid']), { id: 7, orgId: 1, readOnly: false, ...open, secureJsonFields })
      return [200, {}]
    }
    if (kind === 'dashboards') return this.#saveDashboard(body)
    return this.#alerting(method, path, body)
  }

  #saveDashboard({ dashboard, folderUid, message, overwrite }: Json): Answer {
    const json = dashboard as Json
    const uid = String(json['uid'])
    if (!/^[A-Za-z0-9_-]{1,40}$/.test(uid)) return [400, { message: 'uid contains illegal characters' }]
    if (!this.folders.has(String(folderUid))) return [400, { message: 'folder not found' }]
    if ('elements' in json || typeof json['schemaVersion'] !== 'number') return [400, { message: 'not classic JSON' }]
    const before = this.dashboards.get(uid)
    if (before !== undefined && overwrite !== true) return [412, { message: 'version-mismatch' }]
    const versions = [...(before?.versions ?? []), { message: String(message ?? '') }]
    this.dashboards.set(uid, { dashboard: json, folderUid: String(folderUid), versions })
    return [200, { status: 'success', uid }]
  }

  #alerting(method: string, path: string, body: Json): Answer {
    const group = /^\/api\/v1\/provisioning\/folder\/([^/]+)\/rule-groups\/(.+)$/.exec(path)
    if (group !== null) {
      const [, folder, name] = group
      if (!this.folders.has(folder!)) return [400, { message: 'folder does not exist' }]
      if (Number(body['interval']) % 10 !== 0) return [400, { message: 'interval must be a multiple of 10 s' }]
      const rules = body['rules'] as Array<{ data: Array<{ datasourceUid: string; model: Json }> }>
      const unknown = rules
        .flatMap(({ data }) => data)
        .find((q) => q.datasourceUid !== '__expr__' && !this.sources.has(q.datasourceUid))
      if (unknown !== undefined) return [400, { message: `data source not found: ${unknown.datasourceUid}` }]
      // Grafana fills in what it would ask by itself.
      const filled = rules.map((rule) => ({
        ...rule,
        id: 1,
        data: rule.data.map((q) => ({
          ...q,
          queryType: '',
          model: { intervalMs: 1000, maxDataPoints: 43200, ...q.model },
        })),
      }))
      this.groups.set(`${folder}/${name}`, { ...body, rules: filled })
      return [200, body]
    }
    if (path.startsWith('/api/v1/provisioning/contact-points')) {
      const uid = method === 'PUT' ? path.split('/').at(-1)! : String(body['uid'])
      this.points.set(uid, { ...body, uid })
      return [202, {}]
    }
    if (path === '/api/v1/provisioning/policies' && method === 'PUT') {
      const receivers = (body['routes'] as Json[]).map((route) => route['receiver'])
      const known = new Set([...this.points.values()].map((point) => point['name']))
      const unknown = receivers.find((receiver) => receiver !== 'other' && !known.has(receiver))
      if (unknown !== undefined) return [400, { message: `receiver "${String(unknown)}" is not defined` }]
      this.tree = body
      return [202, {}]
    }
    return [404, { message: 'not found' }]
  }
}

const redacted = (point: Json): Json => ({
  ...point,
  settings: { ...(point['settings'] as Json), authorization_credentials: '[REDACTED]' },
})
