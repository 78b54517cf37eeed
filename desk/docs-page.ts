/** The API for people, as plain pages without scripts: every route with its shapes, and what each code means. Pure. */
import { shape } from '../domain/api-reference.ts'
import { PROBLEMS } from '../domain/api-schemas/problem.ts'
import type { ApiRoute } from '../domain/api-schemas/route.ts'
import { ERRORS } from '../domain/errors.ts'
import { pathOf } from '../domain/openapi.ts'

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
const html = (text: string): string => text.replaceAll(/[&<>"']/g, (letter) => ENTITIES[letter]!)

const page = (title: string, body: string): string =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${html(title)}</title><link rel="stylesheet" href="/docs/style.css"></head><body>${body}</body></html>\n`

const asText = (schema: unknown): string => shape(JSON.parse(JSON.stringify(schema)))
const row = (name: string, schema: unknown): string =>
  schema === undefined ? '' : `<dt>${name}</dt><dd><code>${html(asText(schema))}</code></dd>`

function routeHtml(route: ApiRoute): string {
  const { method, summary, access, query, body, answer, media, csv } = route
  const answers = media === undefined ? row('answers', answer) : `<dt>answers</dt><dd>${html(media)}</dd>`
  const also = csv ? '<dt>also</dt><dd>CSV with format=csv; ETag</dd>' : ''
  return `<details><summary><b class="${method}">${method}</b> <code>${html(pathOf(route))}</code> <i>${access}</i> ${html(summary)}</summary><dl>${row('query', query)}${row('body', body)}${answers}${also}</dl></details>`
}

export function apiPage(routes: readonly ApiRoute[], software: string): string {
  const tags = [...new Set(routes.map(({ tag }) => tag))]
  const sections = tags.map(
    (tag) =>
      `<h2>${html(tag)}</h2>${routes
        .filter((route) => route.tag === tag)
        .map(routeHtml)
        .join('')}`,
  )
  return page(
    'Plumbline desk: HTTP API',
    `<h1>HTTP API</h1><p>${html(software)}. Instants are decimal strings of UTC nanoseconds, values SI. <a href="/docs/openapi.json">OpenAPI 3.1</a>, <a href="/docs/errors">codes of refusals</a>, <a href="/">console</a>.</p>${sections.join('')}`,
  )
}

export function errorsPage(): string {
  const ours = Object.entries(PROBLEMS).map(([code, { status, title }]) => [code, `${status}. ${title}`])
  const others = Object.entries(ERRORS).map(([code, { what, todo }]) => [code, `${what} ${todo}`])
  const list = [...ours, ...others].map(
    ([code, text]) => `<dt id="${code}"><code>${code}</code></dt><dd>${html(text!)}</dd>`,
  )
  return page(
    'Plumbline desk: refusals',
    `<h1>Codes of refusals</h1><p><a href="/docs">HTTP API</a></p><dl>${list.join('')}</dl>`,
  )
}

export const DOCS_STYLE = `:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}
body{max-width:75rem;margin:0 auto;padding:1rem}
summary{cursor:pointer;padding:.4rem 0}
summary i{opacity:.7}
b{display:inline-block;min-width:4.5rem}
dt{font-weight:600}
dd{margin:0 0 .5rem 1rem;overflow-wrap:anywhere}
code{font:.9em ui-monospace,monospace}
dt:target{outline:2px solid}
`
