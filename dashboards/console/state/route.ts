/** Which page the address asks for. The token of the first-user link stands behind `#`, so that no server log holds it. */
export type Route = { readonly page: 'overview' } | { readonly page: 'first-user'; readonly token: string }

export function routeOf(hash: string): Route {
  const [path, query] = hash.replace(/^#/, '').split('?')
  if (path === '/first-user') return { page: 'first-user', token: new URLSearchParams(query ?? '').get('token') ?? '' }
  return { page: 'overview' }
}
