/**
 * Judges a YAML text against a schema and names every mistake with its line, path, what was expected and what came.
 * It repairs nothing and guesses nothing; what the values mean together is for the caller (`site-load.ts`).
 */
import type { TSchema } from 'typebox'
import { Settings } from 'typebox/system'
import { Value } from 'typebox/value'
import { isAlias, isScalar, LineCounter, parseDocument, visit } from 'yaml'
import { lineOf } from './yaml-place.ts'

export type Path = ReadonlyArray<string | number>
export type Mistake = {
  readonly file: string
  /** 1-based. */
  readonly line: number
  readonly path: string
  readonly expected: string
  readonly got: string
}

/** Text that an environment variable of this name stands for, or `undefined`. */
export type Environment = (name: string) => string | undefined

export type Checked = {
  /** Defaults filled, before `${ENV}`: what the site hash is made of. `undefined` where the text is no readable YAML. */
  readonly raw: unknown
  /** Defaults filled and `${ENV}` replaced; of the schema's shape only where there are no mistakes. */
  readonly value: unknown
  readonly mistakes: readonly Mistake[]
  /** A mistake at a path of this document, for checks beyond the schema. */
  readonly mistakeAt: (path: Path, expected: string, got: unknown) => Mistake
}

/** `nodes[0].links[1].tcp.port`; the document itself is `(top)`. */
export const showPath = (path: Path): string =>
  path.map((part, i) => (typeof part === 'number' ? `[${part}]` : `${i === 0 ? '' : '.'}${part}`)).join('') || '(top)'

export const showMistake = (m: Mistake): string =>
  `${m.file}:${m.line}: ${m.path}: expected ${m.expected}, got ${m.got}`

export function showGot(value: unknown): string {
  if (value === undefined) return 'nothing'
  const text = typeof value === 'bigint' ? String(value) : JSON.stringify(value)
  return text.length > 80 ? `${text.slice(0, 77)}...` : text
}

/** Errors beyond this many are not listed: a text that wrong is not the file it claims to be. */
const MISTAKES_MAX = 200

export function checkYaml(text: string, file: string, schema: TSchema, environment: Environment): Checked {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, intAsBigInt: true, merge: false })
  const lineAt = (offset: number): number => lines.linePos(offset).line
  const mistakeAt: Checked['mistakeAt'] = (path, expected, got) => ({
    file,
    line: lineOf(document, lines, path),
    path: showPath(path),
    expected,
    got: showGot(got),
  })
  const failed = (mistakes: readonly Mistake[]): Checked => ({ raw: undefined, value: undefined, mistakes, mistakeAt })

  if (document.errors.length > 0)
    return failed(
      document.errors.slice(0, MISTAKES_MAX).map((e) => ({
        file,
        line: lineAt(e.pos[0]),
        path: '(top)',
        expected: 'readable YAML',
        got: e.message.split('\n')[0]!.replace(/ at line \d[\s\S]*$/, ''),
      })),
    )
  const refused = refusedNodes(document, file, lineAt)
  if (refused.length > 0) return failed(refused)

  const plain = toPlain(document.toJS(), [], mistakeAt)
  const replaced = replaceEnvironment(plain.value, [], environment, mistakeAt)
  const raw = Value.Default(schema, plain.value)
  const value = Value.Default(schema, replaced.value)
  const before = [...plain.mistakes, ...replaced.mistakes]
  return { raw, value, mistakes: withoutEchoes(before, schemaMistakes(schema, value, mistakeAt)), mistakeAt }
}

/** First causes and what is not merely their echo: a mistake at, above or below a place already told is left out. */
export function withoutEchoes(first: readonly Mistake[], then: readonly Mistake[]): Mistake[] {
  const near = (a: string, b: string) => a === b || a.startsWith(`${b}.`) || a.startsWith(`${b}[`)
  return [...first, ...then.filter((m) => !first.some((f) => near(m.path, f.path) || near(f.path, m.path)))]
}

/** Merge keys and aliases make one line stand in two places: a mistake there could not be told by its line. */
function refusedNodes(
  document: ReturnType<typeof parseDocument>,
  file: string,
  lineAt: (offset: number) => number,
): Mistake[] {
  const out: Mistake[] = []
  const refuse = (range: readonly number[] | null | undefined, expected: string, got: string) =>
    out.push({ file, line: lineAt(range?.[0] ?? 0), path: '(top)', expected, got })
  visit(document, {
    Pair(_, pair) {
      if (isScalar(pair.key) && pair.key.value === '<<')
        refuse(pair.key.range, 'every entry written out', 'merge key <<')
    },
    Node(_, node) {
      if (isAlias(node)) refuse(node.range, 'every entry written out', `alias *${node.source}`)
    },
  })
  return out
}

type Walked = { value: unknown; mistakes: Mistake[] }

/** BigInts become numbers; one that a number cannot hold is a mistake, never a rounded value. */
function toPlain(value: unknown, path: Path, mistakeAt: Checked['mistakeAt']): Walked {
  if (typeof value !== 'bigint') return walk(value, path, (v, p) => toPlain(v, p, mistakeAt))
  if (value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER))
    return { value: Number(value), mistakes: [] }
  return { value, mistakes: [mistakeAt(path, 'an integer within ±2^53', value)] }
}

const REFERENCE = /\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-((?:[^}$]|\$(?!\{))*))?\}/g

/** Replaces `${NAME}` and `${NAME:-default}`; a text that is one reference takes the type its content has in YAML. */
function replaceEnvironment(
  value: unknown,
  path: Path,
  environment: Environment,
  mistakeAt: Checked['mistakeAt'],
): Walked {
  if (typeof value !== 'string') return walk(value, path, (v, p) => replaceEnvironment(v, p, environment, mistakeAt))
  const missing: string[] = []
  const text = value.replace(REFERENCE, (_, name: string, fallback: string | undefined) => {
    const found = environment(name) ?? fallback
    if (found === undefined) missing.push(name)
    return found ?? ''
  })
  if (missing.length > 0)
    return {
      value,
      mistakes: missing.map((name) => mistakeAt(path, `environment variable ${name} to be set`, undefined)),
    }
  const whole = text !== value && /^\$\{[^}]*\}$/.test(value)
  const number = whole && text.trim() !== '' ? Number(text) : Number.NaN
  return { value: Number.isNaN(number) ? text : number, mistakes: [] }
}

function walk(value: unknown, path: Path, each: (value: unknown, path: Path) => Walked): Walked {
  if (typeof value !== 'object' || value === null) return { value, mistakes: [] }
  const entries = Array.isArray(value) ? value.map((v, i) => [i, v] as const) : Object.entries(value)
  const walked = entries.map(([key, v]) => [key, each(v, [...path, key])] as const)
  const mistakes = walked.flatMap(([, w]) => w.mistakes)
  if (Array.isArray(value)) return { value: walked.map(([, w]) => w.value), mistakes }
  return { value: Object.fromEntries(walked.map(([key, w]) => [key, w.value])), mistakes }
}

type SchemaError = {
  keyword: string
  instancePath: string
  schemaPath: string
  params: Record<string, unknown>
  message: string
}

function schemaMistakes(schema: TSchema, value: unknown, mistakeAt: Checked['mistakeAt']): Mistake[] {
  Settings.Set({ maxErrors: MISTAKES_MAX })
  const errors = Value.Errors(schema, value) as unknown as SchemaError[]
  return errors.flatMap((error) => {
    const path = pointerPath(error.instancePath, value)
    const got = at(value, path)
    const say = (expected: string) => [mistakeAt(path, expected, got)]
    const { params } = error
    switch (error.keyword) {
      case 'required':
        return (params['requiredProperties'] as string[]).flatMap((key) => [
          mistakeAt([...path, key], 'a value', undefined),
        ])
      case 'additionalProperties':
        return (params['additionalProperties'] as string[]).flatMap((key) => [
          mistakeAt([...path, key], `no such key (${keysOf(schema, path)})`, at(got, [key])),
        ])
      case 'boolean':
        return [] // the same mistake again, told by additionalProperties
      case 'type':
        return say(article(String(params['type'])))
      case 'enum':
        return say(`one of ${(params['allowedValues'] as unknown[]).join(', ')}`)
      case 'pattern':
        return say(`text matching ${String(params['pattern'])}`)
      case 'minimum':
      case 'maximum':
      case 'exclusiveMinimum':
      case 'exclusiveMaximum':
        return say(`a number ${String(params['comparison'])} ${String(params['limit'])}`)
      case 'minLength':
        return say(`text of at least ${String(params['limit'])} character`)
      case 'maxLength':
        return say(`text of at most ${String(params['limit'])} characters`)
      case 'minItems':
        return say(`at least ${String(params['limit'])} entry`)
      default:
        return say(error.message.replace(/^must /, ''))
    }
  })
}

const article = (type: string): string => (/^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`)

/** Keys that the schema knows at `path`, for "no such key". */
function keysOf(schema: TSchema, path: Path): string {
  let here = schema as { properties?: Record<string, unknown>; items?: unknown } | undefined
  for (const part of path) here = (typeof part === 'number' ? here?.items : here?.properties?.[part]) as typeof here
  return `known: ${Object.keys(here?.properties ?? {}).join(', ')}`
}

function pointerPath(pointer: string, value: unknown): Path {
  const parts = pointer
    .split('/')
    .slice(1)
    .map((p) => p.replaceAll('~1', '/').replaceAll('~0', '~'))
  let here: unknown = value
  return parts.map((part) => {
    const key = Array.isArray(here) ? Number(part) : part
    here = at(here, [key])
    return key
  })
}

const at = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>(
    (v, key) => (typeof v === 'object' && v !== null ? (v as Record<string | number, unknown>)[key] : undefined),
    value,
  )
