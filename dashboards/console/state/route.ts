/**
 * Which screen the address asks for, and the address of each: every alarm, water, channel and stretch of time can be
 * linked to. All of it stands behind `#`, so that no server log holds a token and the desk serves one page.
 */
export const PAGES = ['overview', 'alarms', 'water', 'building', 'waveforms', 'drills', 'system'] as const
export type Page = (typeof PAGES)[number]

export type Route = {
  readonly page: Page | 'first-user' | 'invitation' | 'unknown'
  /** What the screen is about: an alarm, a water, a structure, a device, a part of the system. */
  readonly id: string | null
  readonly query: Readonly<Record<string, string>>
}

export function routeOf(hash: string): Route {
  const [path = '', search = ''] = hash.replace(/^#/, '').split('?')
  const [first = '', ...rest] = path.split('/').filter((part) => part !== '')
  const query = Object.fromEntries(new URLSearchParams(search))
  const id = rest.length === 0 ? null : decoded(rest.join('/'))
  if (first === '') return { page: 'overview', id: null, query }
  if (first === 'first-user' || first === 'invitation' || isPage(first)) return { page: first, id, query }
  return { page: 'unknown', id: null, query }
}

const isPage = (text: string): text is Page => (PAGES as readonly string[]).includes(text)

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** `#/water/dead-run?from=…`; what is undefined is left out. */
export function href(page: Page, id?: string | null, query: Record<string, string | undefined> = {}): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined)
  const search = given.length === 0 ? '' : `?${new URLSearchParams(given)}`
  const at = page === 'overview' ? '' : page
  return `#/${at}${id == null ? '' : `/${encodeURIComponent(id).replaceAll('%3A', ':').replaceAll('%2F', '/')}`}${search}`
}

export type Stretch = { readonly from_ms: number; readonly to_ms: number }

/** The stretch of time that `from` and `to` ask for; null where they are missing, unreadable or the wrong way round. */
export function stretchOf(query: Readonly<Record<string, string>>): Stretch | null {
  const from_ms = Date.parse(query.from ?? '')
  const to_ms = Date.parse(query.to ?? '')
  return from_ms < to_ms ? { from_ms, to_ms } : null
}

export const stretchQuery = ({ from_ms, to_ms }: Stretch): { from: string; to: string } => ({
  from: new Date(from_ms).toISOString(),
  to: new Date(to_ms).toISOString(),
})
