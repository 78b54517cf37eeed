/** The HTTP API as OpenAPI 3.1, made from the schemas of `api-schemas/`: the same that read requests and type the console. */
import { ProblemJson } from './api-schemas/problem.ts'
import type { ApiRoute } from './api-schemas/route.ts'

type Json = Record<string, unknown>
type ObjectSchema = { properties?: Record<string, Json>; required?: string[] }

/** Every route may refuse a request that is wrong, comes from another page, or asks too often. */
const ALWAYS = [400, 403] as const
const WORDS: Readonly<Record<number, string>> = {
  400: 'The request is not as it must be.',
  401: 'Nobody is signed in, or the credentials are wrong.',
  403: 'Not for this role, or not from this page.',
  404: 'There is no such thing.',
  409: 'Refused as things stand.',
  413: 'Too long.',
  415: 'Not application/json.',
  429: 'Too many at once; Retry-After says how long to wait.',
  503: 'A part of the desk is away; Retry-After may say how long.',
}

export function openApi(routes: readonly ApiRoute[], software: string): Json {
  const paths: Record<string, Json> = {}
  for (const route of routes) {
    const path = pathOf(route)
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Plumbline desk',
      version: software.replace(/^\D+/, '') || software,
      summary: 'Alarms, readings, waveforms and people of one site.',
      description:
        'Instants are decimal strings of UTC nanoseconds, values SI. Refusals are RFC 9457 problem details with a code.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    tags: [...new Set(routes.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas: { Problem: plain(ProblemJson) },
      securitySchemes: {
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: 'plumbline_<site>',
          description: 'Set by POST /api/v1/session.',
        },
        token: { type: 'http', scheme: 'bearer', description: 'Made by POST /api/v1/tokens.' },
      },
    },
  }
}

export const pathOf = ({ path }: ApiRoute): string => path.replaceAll(/:(\w+)/g, '{$1}')
/** Unique: the method and the words of the path. */
const operationId = (route: ApiRoute): string =>
  `${route.method.toLowerCase()}${route.path
    .replace('/api/v1', '')
    .split(/[/:-]+/)
    .filter((word) => word !== '')
    .map((word) => word[0]!.toUpperCase() + word.slice(1))
    .join('')}`

/** JSON as it is written: no symbols, nothing undefined. */
const plain = (schema: unknown): Json => JSON.parse(JSON.stringify(schema)) as Json

function operation(route: ApiRoute): Json {
  const { summary, tag, access, body, answer, media, csv, refuses = [] } = route
  const refused = [
    ...new Set([...ALWAYS, ...(access === 'open' ? [] : [401]), ...(body ? [413, 415] : []), ...refuses]),
  ]
  const content: Json = { [media ?? 'application/json']: { schema: plain(answer) } }
  if (csv) content['text/csv'] = { schema: { type: 'string' } }
  return {
    operationId: operationId(route),
    summary,
    tags: [tag],
    ...(access === 'open' ? { security: [] } : { security: [{ session: [] }, { token: [] }] }),
    'x-role': access,
    parameters: [...parameters(route.params, 'path'), ...parameters(route.query, 'query'), ...(csv ? [FORMAT] : [])],
    ...(body && { requestBody: { required: true, content: { 'application/json': { schema: plain(body) } } } }),
    responses: {
      200: { description: 'As asked.', content },
      ...(csv && { 304: { description: 'Not changed since the ETag in If-None-Match.' } }),
      ...Object.fromEntries(
        refused
          .sort((a, b) => a - b)
          .map((status) => [
            status,
            {
              description: WORDS[status],
              content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
            },
          ]),
      ),
    },
  }
}

const FORMAT = {
  name: 'format',
  in: 'query',
  required: false,
  schema: { type: 'string', enum: ['json', 'csv'] },
  description: 'csv: the list as RFC 4180 with a header line; Accept: text/csv asks for the same.',
}

function parameters(schema: unknown, where: 'path' | 'query'): Json[] {
  if (schema === undefined) return []
  const { properties = {}, required = [] } = plain(schema) as ObjectSchema
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: where,
    required: where === 'path' || (required.includes(name) && property.default === undefined),
    schema: property,
  }))
}
