/**
 * Carries a build into a running Grafana: reads what is there, lets `push-plan.ts` say what differs, and writes that. Each
 * thing by itself and in the order in which they need one another; a failure stops there and the next push goes on.
 */
import type { Bundle } from '../build.ts'
import { type Change, changeOf, differ, type PushOptions, type Wanted, wantedOf } from '../push-plan.ts'
import type { GrafanaApi } from './grafana-api.ts'

export type PushRun = PushOptions & {
  /** Nothing is written. */
  readonly dryRun: boolean
  /** Written also where nothing differs: secrets cannot be compared. */
  readonly force: boolean
  readonly told: (change: Change) => void
}

export async function push(api: GrafanaApi, bundle: Bundle, run: PushRun): Promise<Change[]> {
  const changes: Change[] = []
  for (const wanted of wantedOf(bundle, run)) {
    const there = await READ[wanted.thing](api, wanted)
    const change = changeOf(wanted, there, await newestMessage(api, wanted, there))
    if (!run.dryRun && (run.force || change.how !== 'same')) await WRITE[wanted.thing](api, change, there)
    changes.push(change)
    run.told(change)
  }
  return changes
}

type There = Readonly<Record<string, unknown>> | undefined
type Read = (api: GrafanaApi, wanted: Wanted) => Promise<There>
type Write = (api: GrafanaApi, change: Change, there: There) => Promise<unknown>

const plain: Read = async (api, { read }) => (await api.read(read)) as There

const READ: Readonly<Record<Wanted['thing'], Read>> = {
  folder: plain,
  'data source': plain,
  dashboard: async (api, { read }) => {
    const found = (await api.read(read)) as { dashboard: object; meta: { folderUid?: string } } | undefined
    return found && { ...found.dashboard, folderUid: found.meta.folderUid }
  },
  'rule group': plain,
  'contact point': async (api, { read }) => {
    const found = (await api.read(read)) as Array<Record<string, unknown>> | undefined
    return found?.[0]
  },
  'notification policy': async (api, { read, content }) => {
    const tree = await api.read(read)
    const own = routesOf(tree).find((route) => isOurs(route, content['route']))
    return own && { route: own }
  },
}

const WRITE: Readonly<Record<Wanted['thing'], Write>> = {
  folder: (api, { wanted, how }) =>
    how === 'create'
      ? api.send('POST', '/api/folders', wanted.content)
      : api.send('PUT', wanted.read, { ...wanted.content, overwrite: true }),
  'data source': (api, { wanted, how }) => {
    const body = { ...wanted.content, ...wanted.secret }
    return how === 'create' ? api.send('POST', '/api/datasources', body) : api.send('PUT', wanted.read, body)
  },
  dashboard: (api, { wanted }) => {
    const { folderUid, ...dashboard } = wanted.content
    const body = { dashboard: { ...dashboard, id: null }, folderUid, overwrite: true, message: wanted.fingerprint }
    return api.send('POST', '/api/dashboards/db', body)
  },
  'rule group': (api, { wanted }) => api.send('PUT', wanted.read, wanted.content),
  'contact point': (api, { wanted, how }, there) => {
    const settings = { ...(wanted.content['settings'] as object), ...(wanted.secret?.['settings'] as object) }
    const body = { ...wanted.content, settings }
    return how === 'create'
      ? api.send('POST', '/api/v1/provisioning/contact-points', body)
      : api.send('PUT', `/api/v1/provisioning/contact-points/${String(there!['uid'])}`, { ...body, uid: there!['uid'] })
  },
  /** Only our own route of the tree: the others belong to others. */
  'notification policy': async (api, { wanted }) => {
    const tree = (await api.read(wanted.read)) as object
    const others = routesOf(tree).filter((route) => !isOurs(route, wanted.content['route']))
    return api.send('PUT', wanted.read, { ...tree, routes: [wanted.content['route'], ...others] })
  },
}

type Route = { readonly object_matchers?: unknown }
const routesOf = (tree: unknown): Route[] => (tree as { routes?: Route[] | null } | undefined)?.routes ?? []
const isOurs = (route: Route, ours: unknown): boolean =>
  differ(route.object_matchers, (ours as Route).object_matchers, '').length === 0

/** The message of a dashboard's newest version; before 11 the answer is the list itself. */
async function newestMessage(
  api: GrafanaApi,
  { read, fingerprint }: Wanted,
  there: There,
): Promise<string | undefined> {
  if (fingerprint === undefined || there === undefined) return undefined
  const answer = (await api.read(`${read}/versions?limit=1`)) as Versions | { versions?: Versions } | undefined
  const versions = Array.isArray(answer) ? answer : (answer?.versions ?? [])
  return versions[0]?.message
}
type Versions = Array<{ message?: string }>
