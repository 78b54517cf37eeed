/**
 * Texts that are made from code and committed: the example site, the JSON Schemas of sites and models, and two pages of the
 * reference. The page of the models that ship is made beside them (`models/reference.ts`).
 */
import { apiReference } from './api-reference.ts'
import { ERRORS, EXIT_CODE } from './errors.ts'
import { Model } from './model-schema.ts'
import { SiteSchema } from './site.ts'
import { siteExample } from './site-example.ts'

type Schema = {
  type?: string
  description?: string
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  enum?: unknown[]
  default?: unknown
  pattern?: string
  minimum?: number
  maximum?: number
  exclusiveMinimum?: number
}

/** Path from the top of the project -> content. */
export const generatedFiles = (): Map<string, string> =>
  new Map([
    ['site.example.yaml', exampleYaml()],
    ['site.schema.json', schemaText(SiteSchema)],
    ['models/model.schema.json', schemaText(Model)],
    ['docs/reference/site.md', siteReference()],
    ['docs/reference/errors.md', errorReference()],
    ['docs/reference/api.md', apiReference()],
  ])

const schemaText = (schema: object): string =>
  `${JSON.stringify({ $schema: 'http://json-schema.org/draft-07/schema#', ...schema }, null, 2)}\n`

const HEAD =
  '# yaml-language-server: $schema=./site.schema.json\n# The example site that `npm start` runs: simulated devices playing real recordings, everything marked EXERCISE.\n# Made by ./plumbline generate; copy it, then change the copy. Every key: docs/reference/site.md\n'

const exampleYaml = (): string => `${HEAD}${yamlOf(siteExample, SiteSchema as unknown as Schema, 0, new Set())}`

/** YAML with each key's description as a comment where the key first appears. */
function yamlOf(value: object, schema: Schema | undefined, depth: number, said: Set<Schema>): string {
  const pad = '  '.repeat(depth)
  return Object.entries(value)
    .map(([key, v]) => {
      const entry = schema?.properties?.[key]
      return `${comment(entry, pad, said)}${pad}${key}:${valueYaml(v, entry, depth, said)}`
    })
    .join('')
}

function comment(entry: Schema | undefined, pad: string, said: Set<Schema>): string {
  if (entry?.description === undefined || said.has(entry)) return ''
  said.add(entry)
  return `${pad}# ${entry.description}\n`
}

function valueYaml(value: unknown, schema: Schema | undefined, depth: number, said: Set<Schema>): string {
  if (Array.isArray(value) && value.every((item) => typeof item !== 'object'))
    return ` [${value.map(scalar).join(', ')}]\n`
  if (Array.isArray(value))
    return `\n${value.map((item) => itemYaml(item as object, schema?.items, depth + 1, said)).join('')}`
  if (typeof value === 'object' && value !== null) return `\n${yamlOf(value, schema, depth + 1, said)}`
  return ` ${scalar(value)}\n`
}

function itemYaml(item: object, schema: Schema | undefined, depth: number, said: Set<Schema>): string {
  const pad = '  '.repeat(depth)
  const lines = yamlOf(item, schema, depth + 1, said).split('\n')
  const first = lines.findIndex((line) => !line.trimStart().startsWith('#'))
  const comments = lines.slice(0, first).map((line) => line.slice(2))
  return [...comments, `${pad}- ${lines[first]!.trimStart()}`, ...lines.slice(first + 1)].join('\n')
}

const scalar = (value: unknown): string =>
  typeof value === 'string' && !/^[A-Za-z][\w /.-]*$|^\$\{[^}]*\}$/.test(value) ? JSON.stringify(value) : String(value)

function siteReference(): string {
  const rows: string[] = []
  const visit = (schema: Schema, path: string) => {
    for (const [key, entry] of Object.entries(schema.properties ?? {})) {
      const here = path === '' ? key : `${path}.${key}`
      const required = schema.required?.includes(key) === true && entry.default === undefined
      rows.push(
        `| \`${here}\` | ${typeOf(entry)} | ${required ? 'yes' : `no${entry.default === undefined ? '' : `, ${JSON.stringify(entry.default)}`}`} | ${entry.description ?? ''} |`,
      )
      visit(entry, here)
      if (entry.items !== undefined) visit(entry.items, `${here}[]`)
    }
  }
  visit(SiteSchema as unknown as Schema, '')
  return `# The site file\n\nMade from \`domain/site.ts\` by \`./plumbline generate\`. Unknown keys, aliases and merge keys are refused; \`\${NAME}\` and \`\${NAME:-value}\` are\nreplaced from the environment. \`./plumbline check SITE\` names every mistake at once.\n\n| key | type | required, default | meaning |\n|---|---|---|---|\n${rows.join('\n')}\n`
}

function typeOf(entry: Schema): string {
  if (entry.enum !== undefined) return entry.enum.map((v) => `\`${String(v)}\``).join(' ')
  const bounds = [
    entry.minimum ?? (entry.exclusiveMinimum === undefined ? undefined : `> ${entry.exclusiveMinimum}`),
    entry.maximum,
  ]
  const range = bounds.some((b) => b !== undefined) ? ` (${bounds.map((b) => b ?? '').join(' … ')})` : ''
  return `${entry.type ?? 'any'}${range}`
}

const errorReference = (): string =>
  `# Errors\n\nMade from \`domain/errors.ts\` by \`./plumbline generate\`; \`./plumbline explain CODE\` prints the same.\n\n${Object.entries(
    ERRORS,
  )
    .map(([code, e]) => `## ${code}\nExit code ${EXIT_CODE[e.fault]}. ${e.what}\n\n${e.todo}\n`)
    .join('\n')}`
