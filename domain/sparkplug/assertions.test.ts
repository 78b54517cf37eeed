/**
 * Every assertion of the Sparkplug 3.0 specification (`assertions.tsv`: id, whom it binds, what it says in our words, note)
 * against the titles of our tests: what binds an edge node, a host or the broker has a test named by its id or says why
 * not. `docs/reference/sparkplug.md` is made from both.
 */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const top = join(import.meta.dirname, '..', '..')
const read = (path: string) => readFileSync(join(top, path), 'utf8')
const sources = globSync('**/*.ts', {
  cwd: top,
  exclude: (path) => /node_modules|dist|\.git$/.test(String(path)),
}).sort()

const BINDS = ['edge', 'host', 'edge host', 'broker', 'aware broker']
type Assertion = { id: string; binds: string; says: string; note: string }
const assertions = read('domain/sparkplug/assertions.tsv')
  .trimEnd()
  .split('\n')
  .slice(1)
  .map((line): Assertion => {
    const [id = '', binds = '', says = '', note = ''] = line.split('\t')
    return { id: `tck-id-${id}`, binds, says, note }
  })
const known = new Map(assertions.map((assertion) => [assertion.id, assertion]))

/** Ids in titles of tests that run: in the title itself, or as the row of a table whose title is `%s`. */
const TITLE = /\b(?:test|describe)(?:\.(?!skip|todo)\w+)*\(\s*['"`]([^'"`\n]*)/g
const ROW = /^\s*\[?'(tck-id-[\w-]+)'/gm
const EACH = /\b(?:test|describe)\.each\(\s*\[([^`]*?)\]\s*\)/g
const idsIn = (text: string): string[] => text.match(/tck-id-[\w-]*\w/g) ?? []
function titledIn(text: string): string[] {
  const rows = [...text.matchAll(EACH)].flatMap(([, table]) =>
    [...table!.replaceAll("['", "\n['").replaceAll(", '", ",\n'").matchAll(ROW)].map(([, id]) => id!),
  )
  return [...[...text.matchAll(TITLE)].flatMap(([, title]) => idsIn(title!)), ...rows]
}
const shownBy = new Map<string, string[]>()
for (const path of sources.filter((path) => path.endsWith('.test.ts')))
  for (const id of new Set(titledIn(read(path)))) shownBy.set(id, [...(shownBy.get(id) ?? []), path])

test('all 299 are here, in the numbers of the specification', () => {
  const count = (prefix: RegExp) => assertions.filter(({ id }) => prefix.test(id)).length
  expect(known.size).toBe(299)
  expect(assertions).toHaveLength(299)
  // Counted in the chapters of tag v3.0.0.
  expect({
    payloads: count(/^tck-id-payloads-/),
    operational: count(/^tck-id-operational-behavior-/),
    topics: count(/^tck-id-topics-/),
    topic: count(/^tck-id-topic-/),
    flow: count(/^tck-id-message-flow-/),
    host: count(/^tck-id-host-topic-/),
    conformance: count(/^tck-id-conformance-/),
    intro: count(/^tck-id-intro-/),
    principles: count(/^tck-id-principles-/),
    case: count(/^tck-id-case-/),
    components: count(/^tck-id-components-/),
  }).toEqual({
    ...{ payloads: 108, operational: 63, topics: 41, topic: 10, flow: 34, host: 16, conformance: 12, intro: 8 },
    ...{ principles: 4, case: 2, components: 1 },
  })
})

test('each says whom it binds, and its note is none, or says why it does not apply or how we differ', () => {
  for (const { id, binds, says, note } of assertions) {
    expect(BINDS, id).toContain(binds)
    expect(says, id).not.toBe('')
    expect(note, id).toMatch(/^(|not: .+|differs: .+)$/)
  }
})

test('each that applies has a test named by its id', () => {
  const bare = assertions.filter(({ id, note }) => note === '' && !shownBy.has(id))
  expect(bare.map(({ id }) => id)).toEqual([])
})

test('every id that our sources name is one of them', () => {
  const wrong = sources
    .filter((path) => path !== 'domain/sparkplug/assertions.test.ts')
    .flatMap((path) =>
      [...read(path).matchAll(/tck-id-[\w-]+\*?/g)].map(([id]) => ({ path, id })).filter(({ id }) => !isKnown(id)),
    )
  expect(wrong).toEqual([])
})
/** An id, or with a star behind it the beginning of some. */
const isKnown = (id: string) =>
  id.endsWith('*') ? [...known.keys()].some((one) => one.startsWith(id.slice(0, -1))) : known.has(id)

test('docs/reference/sparkplug.md is in step (repair: vitest run domain/sparkplug/assertions.test.ts -u)', async () => {
  await expect(page()).toMatchFileSnapshot('../../docs/reference/sparkplug.md')
})

const HEAD = `# Sparkplug 3.0, assertion by assertion

The specification (Eclipse Sparkplug 3.0.0) marks each of its 299 demands with an id. Every id is here: whom it binds, what it asks in our
words, and the test that is named by it. *Not*: it does not apply to us, and why. *Differs*: where we deviate on purpose, and how.
Made from \`domain/sparkplug/assertions.tsv\` and the titles of the tests by \`domain/sparkplug/assertions.test.ts\`.
The tests on the wire read every packet and every field a second time without our codec. The official TCK has not been run.
`
const CHAPTERS: ReadonlyArray<readonly [string, RegExp]> = [
  ['Introduction, principles, components', /^tck-id-(intro|principles|components)-/],
  ['Topics', /^tck-id-(topic|topics|case-sensitivity)-/],
  ['STATE', /^tck-id-host-topic-/],
  ['Sessions', /^tck-id-message-flow-/],
  ['Operational behaviour', /^tck-id-operational-behavior-/],
  ['Payloads', /^tck-id-payloads-/],
  ['Conformance', /^tck-id-conformance-/],
]

function page(): string {
  const tests = assertions.filter(({ id }) => shownBy.has(id)).length
  const of = (word: string) => assertions.filter(({ note }) => note.startsWith(word)).length
  const sum = `\n${tests} have a test, ${of('not:')} do not apply, ${of('differs:')} are met in a way of our own.\n`
  const chapters = CHAPTERS.map(([title, which]) => {
    const rows = assertions.filter(({ id }) => which.test(id)).map(row)
    return `\n## ${title}\n\n| assertion | binds | asks | shown by |\n|---|---|---|---|\n${rows.join('')}`
  })
  return HEAD + sum + chapters.join('')
}

function row({ id, binds, says, note }: Assertion): string {
  const because = note.replace(/^(not|differs): (.)/, (_, word: string, first: string) =>
    word === 'not' ? `*Not*: ${first}` : `*Differs*: ${first}`,
  )
  const shown = (shownBy.get(id) ?? []).map((path) => `\`${path}\``)
  return `| \`${id.slice('tck-id-'.length)}\` | ${binds} | ${says} | ${[...shown, because].filter(Boolean).join('; ')} |\n`
}
