/**
 * What has to change in a running Grafana so that it is as a build says: each thing with what is there and what shall be.
 * Pure; pushing twice changes nothing the second time. What a person made there under other names is left alone.
 */
import { createHash } from 'node:crypto'
import { CONTACT_POINT, contactPoint, policy } from './alerts.ts'
import type { Bundle } from './build.ts'
import { dataSourceUid, folderUid, LANGUAGES, type Language } from './ids.ts'
import { dataSource, folderTitle, KINDS, type Secrets } from './provisioning.ts'

export const THINGS = [
  'folder',
  'data source',
  'dashboard',
  'rule group',
  'contact point',
  'notification policy',
] as const
export type Thing = (typeof THINGS)[number]
export type Wanted = {
  readonly thing: Thing
  readonly name: string
  /** Where it is read and written, below the address of Grafana. */
  readonly read: string
  /** What Grafana shall say it is, as far as we say anything of it. */
  readonly content: Readonly<Record<string, unknown>>
  /** Kept from everybody: not compared, as Grafana never tells it. */
  readonly secret?: Readonly<Record<string, unknown>>
  /** Of a dashboard: the message of its newest version says it, as newer Grafanas tell a dashboard migrated, never as it came. */
  readonly fingerprint?: string
}
export type Difference = { readonly path: string; readonly is: unknown; readonly shall: unknown }
export type Change = {
  readonly wanted: Wanted
  readonly how: 'create' | 'update' | 'same'
  readonly differences: readonly Difference[]
}

export type PushOptions = {
  /** Where Grafana reaches the desk, and the token that the desk knows it by; without them no alerting is pushed. */
  readonly desk?: { readonly url: string; readonly token: string }
  readonly secrets: Secrets
}

/** In the order in which they need one another. */
export function wantedOf(bundle: Bundle, options: PushOptions): Wanted[] {
  const { view, influx } = bundle
  const folders = LANGUAGES.map(
    (language): Wanted => ({
      thing: 'folder',
      name: folderTitle(view, language),
      read: `/api/folders/${folderUid(view.site, language)}`,
      content: { uid: folderUid(view.site, language), title: folderTitle(view, language) },
    }),
  )
  const sources = KINDS.map((kind): Wanted => {
    const { secureJsonData, editable: _, ...content } = dataSource(view, influx, kind, options.secrets)
    const uid = dataSourceUid(view.site, kind)
    const secret = secureJsonData && { secureJsonData }
    return {
      thing: 'data source',
      name: content.name,
      read: `/api/datasources/uid/${uid}`,
      content,
      ...(secret && { secret }),
    }
  })
  const dashboards = bundle.dashboards.map(({ json, language }): Wanted => {
    // Grafana counts versions and ids itself.
    const { id: _, version: __, ...content } = json
    return {
      thing: 'dashboard',
      name: json.title,
      read: `/api/dashboards/uid/${json.uid}`,
      content: { ...content, ...inFolder(view.site, language) },
      fingerprint: `plumbline ${createHash('sha256').update(JSON.stringify(content)).digest('hex')}`,
    }
  })
  return [...folders, ...sources, ...dashboards, ...(options.desk === undefined ? [] : alerting(bundle, options.desk))]
}

/** Beside the dashboard's own keys, so that a dashboard in another folder differs. */
const inFolder = (site: string, language: Language) => ({ folderUid: folderUid(site, language) })

function alerting({ view, rules }: Bundle, desk: NonNullable<PushOptions['desk']>): Wanted[] {
  const folder = folderUid(view.site, 'en')
  const { settings, ...point } = contactPoint(view, desk.url, desk.token)
  const { authorization_credentials, ...open } = settings
  return [
    {
      thing: 'contact point',
      name: CONTACT_POINT,
      read: `/api/v1/provisioning/contact-points?name=${encodeURIComponent(CONTACT_POINT)}`,
      content: { ...point, settings: open },
      secret: { settings: { authorization_credentials } },
    },
    ...rules.map(
      (group): Wanted => ({
        thing: 'rule group',
        name: group.name,
        read: `/api/v1/provisioning/folder/${folder}/rule-groups/${encodeURIComponent(group.name)}`,
        content: {
          title: group.name,
          folderUid: folder,
          interval: secondsOf(group.interval),
          rules: group.rules.map((rule) => ({ ...rule, orgID: 1, folderUID: folder, ruleGroup: group.name })),
        },
      }),
    ),
    {
      thing: 'notification policy',
      name: `route of ${view.site}`,
      read: '/api/v1/provisioning/policies',
      content: { route: policyAsApi(view) },
    },
  ]
}

const secondsOf = (interval: string): number => Number(/^(\d+)s$/.exec(interval)![1])

/** The API knows matchers as triples. */
function policyAsApi(view: Bundle['view']) {
  const matchersOf = (texts: readonly string[]) =>
    texts.map((text) => {
      const [name, value] = text.split(' = ')
      return [name, '=', value]
    })
  const { matchers, routes, ...route } = policy(view)
  return {
    ...route,
    object_matchers: matchersOf(matchers),
    routes: routes.map(({ matchers: own, ...inner }) => ({ ...inner, object_matchers: matchersOf(own) })),
  }
}

/** `there`: what Grafana says is there now, brought to the same shape; `undefined` where nothing is. */
export function changeOf(
  wanted: Wanted,
  there: Readonly<Record<string, unknown>> | undefined,
  newestMessage?: string,
): Change {
  if (there === undefined) return { wanted, how: 'create', differences: [] }
  const asPushed = wanted.fingerprint !== undefined && newestMessage === wanted.fingerprint
  const compared = asPushed ? { folderUid: wanted.content['folderUid'] } : wanted.content
  const found = differ(there, compared, '')
  // A person saved it since, in a way that the comparison does not see: what they did is not ours.
  const differences =
    found.length === 0 && wanted.fingerprint !== undefined && !asPushed
      ? [{ path: 'version', is: newestMessage ?? '', shall: wanted.fingerprint }]
      : found
  return { wanted, how: differences.length === 0 ? 'same' : 'update', differences }
}

/** What we say and Grafana does not; keys of its own beside ours are its own affair, items of a list are not. */
export function differ(is: unknown, shall: unknown, path: string): Difference[] {
  if (Array.isArray(shall)) {
    if (!Array.isArray(is) || is.length !== shall.length) return [{ path, is, shall }]
    return shall.flatMap((item, i) => differ(is[i], item, `${path}[${i}]`))
  }
  if (typeof shall === 'object' && shall !== null) {
    if (typeof is !== 'object' || is === null) return [{ path, is, shall }]
    return Object.entries(shall).flatMap(([key, value]) =>
      value === undefined
        ? []
        : differ((is as Record<string, unknown>)[key], value, path === '' ? key : `${path}.${key}`),
    )
  }
  return Object.is(is, shall) || (isEmpty(is) && isEmpty(shall)) ? [] : [{ path, is, shall }]
}
const isEmpty = (value: unknown): boolean => value === undefined || value === null || value === ''

const VALUE_MAX = 100
const short = (value: unknown): string => {
  const text = value === undefined ? 'nothing' : JSON.stringify(value)
  return text.length > VALUE_MAX ? `${text.slice(0, VALUE_MAX)}…` : text
}
const SHOWN_MAX = 20

/** Lines for people. */
export function changeText({ wanted, how, differences }: Change): string[] {
  const head = `${how === 'create' ? '+' : how === 'update' ? '~' : '='} ${wanted.thing} "${wanted.name}"`
  const lines = differences
    .slice(0, SHOWN_MAX)
    .map(({ path, is, shall }) => `    ${path}: ${short(is)} -> ${short(shall)}`)
  const more = differences.length - lines.length
  return [head, ...lines, ...(more > 0 ? [`    and ${more} more`] : [])]
}
