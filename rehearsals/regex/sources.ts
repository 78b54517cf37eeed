/** Every regular expression of the product: literals, `new RegExp(…)` and the patterns of schemas, with file and line. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ESTree, parseSync, Visitor } from 'vite'

export type Found = { readonly place: string; readonly source: string; readonly flags: string }

const TOP = join(import.meta.dirname, '..', '..')
const NOT_PRODUCT = /\.(test|suite|fixture)\.tsx?$|\/test\/|\/testing[^/]*\.ts$|^(rehearsals|bench)\//

export function everyExpression(): readonly Found[] {
  const list = ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts', '*.tsx', '*.js', '*.mjs']
  const paths = execFileSync('git', list, { cwd: TOP, encoding: 'utf8' }).split('\n')
  const files = paths
    .filter((path) => path !== '' && !NOT_PRODUCT.test(path))
    .map((path) => ({ path, text: readFileSync(join(TOP, path), 'utf8') }))
    // The rest is not worth parsing.
    .filter(({ text }) => /RegExp|pattern|PATTERN|\/[^/\n]+\//.test(text))
    .map(({ path, text }) => ({ path, text, program: parseSync(path, text).program }))
  const constantsOf = new Map(files.map(({ path, program }) => [path, constantsIn(program)]))
  const ofAll = [...constantsOf.values()].flatMap((own) => [...own])

  const found: Found[] = []
  for (const { path, text, program } of files) {
    // Its own stand before those of the same name elsewhere.
    const constants = new Map([...ofAll, ...constantsOf.get(path)!])
    const add = ({ start }: { start: number }, source: string | undefined, flags: string) => {
      const place = `${path}:${text.slice(0, start).split('\n').length}`
      if (source === undefined) throw new Error(`${place}: what this expression is made of cannot be read from here`)
      found.push({ place, source, flags })
    }
    new Visitor({
      Literal: (node) => {
        if ('regex' in node) add(node, node.regex.pattern, node.regex.flags)
      },
      NewExpression: (node) => {
        if (node.callee.type !== 'Identifier' || node.callee.name !== 'RegExp') return
        const [source, flags] = node.arguments as readonly ESTree.Expression[]
        add(node, textOf(source, constants), flags === undefined ? '' : (textOf(flags, constants) ?? ''))
      },
      Property: ({ key, value }) => {
        if (key.type !== 'Identifier' || key.name !== 'pattern') return
        const source = textOf(value as ESTree.Expression, constants)
        if (source !== undefined) add(value, source, 'u')
      },
    }).visit(program)
  }
  return found
}

function constantsIn(program: ESTree.Program): ReadonlyMap<string, ESTree.Expression> {
  const constants = new Map<string, ESTree.Expression>()
  new Visitor({
    VariableDeclarator: ({ id, init }) => {
      if (id.type === 'Identifier' && init !== null) constants.set(id.name, init)
    },
  }).visit(program)
  return constants
}

/** Of literals, templates and constants; what a call returns stands for anything without a slash. */
function textOf(
  node: ESTree.Expression | undefined,
  constants: ReadonlyMap<string, ESTree.Expression>,
): string | undefined {
  if (node === undefined) return undefined
  if (node.type === 'Literal') return typeof node.value === 'string' ? node.value : undefined
  if (node.type === 'Identifier') return textOf(constants.get(node.name), constants)
  if (node.type === 'CallExpression') return '(?:[^/]+/)*[^/]*'
  if (node.type === 'TaggedTemplateExpression') return node.quasi.quasis[0]!.value.raw
  if (node.type !== 'TemplateLiteral') return undefined
  const parts = node.expressions.map((inner) => textOf(inner, constants))
  if (parts.includes(undefined)) return undefined
  return node.quasis.map(({ value }, i) => value.cooked + (parts[i] ?? '')).join('')
}
