/** docs/reference/api.md: every route in a line, and the shape of what it takes and answers. */
import { ROUTES } from './api-schemas/index.ts'
import { PROBLEMS } from './api-schemas/problem.ts'
import type { ApiRoute } from './api-schemas/route.ts'
import { pathOf } from './openapi.ts'

type Schema = {
  type?: string
  const?: unknown
  enum?: unknown[]
  anyOf?: Schema[]
  items?: Schema | Schema[]
  properties?: Record<string, Schema>
  patternProperties?: Record<string, Schema>
  required?: string[]
  default?: unknown
}

/** In the words of TypeScript, because most who read it write it. */
export function shape(schema: Schema, depth = 0): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(' | ')
  if (schema.anyOf !== undefined) return schema.anyOf.map((one) => shape(one, depth)).join(' | ')
  if (Array.isArray(schema.items)) return `[${schema.items.map((one) => shape(one, depth)).join(', ')}]`
  if (schema.items !== undefined) return `Array<${shape(schema.items, depth)}>`
  if (schema.patternProperties !== undefined)
    return `Record<string, ${shape(Object.values(schema.patternProperties)[0] ?? {}, depth)}>`
  if (schema.properties !== undefined) return members(schema, depth)
  return schema.type === 'integer' ? 'integer' : (schema.type ?? 'any')
}

function members({ properties = {}, required = [] }: Schema, depth: number): string {
  const entries = Object.entries(properties)
  if (entries.length === 0) return '{}'
  if (depth > 3) return '{ … }'
  return `{ ${entries
    .map(([name, value]) => {
      const may = !required.includes(name) || value.default !== undefined ? '?' : ''
      return `${name}${may}: ${shape(value, depth + 1)}`
    })
    .join('; ')} }`
}

const asText = (schema: unknown): string => shape(JSON.parse(JSON.stringify(schema)) as Schema)

function section(route: ApiRoute): string {
  const { method, summary, access, query, body, answer, media, csv } = route
  const lines = [`### ${method} ${pathOf(route)}`, '', `${summary} Access: \`${access}\`.`, '']
  if (query !== undefined) lines.push(`- query \`${asText(query)}\``)
  if (body !== undefined) lines.push(`- body \`${asText(body)}\``)
  lines.push(media === undefined ? `- answers \`${asText(answer)}\`` : `- answers ${media}`)
  if (csv) lines.push('- also as CSV')
  return `${lines.join('\n')}\n`
}

export function apiReference(): string {
  const routes: ApiRoute[] = Object.values(ROUTES)
  const tags = [...new Set(routes.map(({ tag }) => tag))]
  return `# The HTTP API

Made from \`domain/api-schemas/\` by \`./plumbline generate\`. A running desk shows the same at \`/docs\`, and as OpenAPI 3.1 at \`/docs/openapi.json\`.

Instants are decimal strings of UTC nanoseconds (\`…_ns\`), values SI. Access: \`open\` to everybody; \`read\`: whoever is signed in, and on loopback everybody for a site that is wholly
simulated; a role: that role or one above it (viewer, operator, engineer, admin). A request that changes something is \`application/json\` and comes with the session cookie or
\`Authorization: Bearer <token>\` ([people and access](../guides/people-and-access.md)). Lists marked so come as CSV (RFC 4180, a header line, nested values as JSON) with \`format=csv\` or
\`Accept: text/csv\`, and carry an \`ETag\`: with \`If-None-Match\` what has not changed is answered 304. The journal is read in pages by \`after\`, \`before\` and \`limit\`.

Live: \`/api/v1/live\` numbers its events (\`id:\`); with \`Last-Event-ID\` it goes on where it was, and begins with a \`snapshot\` where that is too long ago.
Steps of alarms and notices come at once; readings, devices, nodes and groups at most ten times a second, the newest word of each; the worst value of an alarm that stands once a second.
Who takes nothing for 30 s, or has 1 MiB waiting, is cut off. On
\`/api/v1/live/blocks\` a viewer that does not keep up loses the oldest frames, and the next one is preceded by a text frame \`{"lost": n}\`.

Refusals are RFC 9457 \`application/problem+json\`: \`type\`, \`title\`, \`status\`, \`detail\`, \`code\`, and once more \`error: { code, message }\`.

| code | status | meaning |
|---|---|---|
${Object.entries(PROBLEMS)
  .map(([code, { status, title }]) => `| \`${code}\` | ${status} | ${title} |`)
  .join('\n')}

Codes of [errors](errors.md) come under their own names: what the call got wrong with 400, what cannot be done now with 409, what is away with 503.

${tags
  .map(
    (tag) =>
      `## ${tag}\n\n${routes
        .filter((route) => route.tag === tag)
        .map(section)
        .join('\n')}`,
  )
  .join('\n')}`
}
