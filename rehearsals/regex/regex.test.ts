/**
 * No text, however it was made, keeps an expression of the product busy. Expressions are tried in a process of their own: one that
 * never comes back is ended and told with its place, and the others are tried without it.
 */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { everyExpression, type Found } from './sources.ts'

/** Of real time, on a busy machine; an expression that is linear takes some hundredths of it for all its attacks. */
const SILENT_MAX_MS = 10_000

/** What is found, in words; empty where all is well. */
async function slowAmong(expressions: readonly Found[], silent_ms = SILENT_MAX_MS): Promise<string[]> {
  const slow: string[] = []
  for (let rest = expressions; rest.length > 0; ) {
    const { lines, hung } = await tryAll(rest, silent_ms)
    for (const [, i, ms, attack] of lines.join('\n').matchAll(/^takes (\d+) (\d+) (.*)$/gm))
      slow.push(`${inWords(rest[Number(i)]!)}: ${ms} ms for ${attack}`)
    if (!hung) return slow
    const last = Number(lines.at(-1)!.split(' ')[1])
    slow.push(`${inWords(rest[last]!)}: does not come back`)
    rest = rest.slice(last + 1)
  }
  return slow
}

const inWords = ({ place, source, flags }: Found) => `${place}: /${source}/${flags}`

function tryAll(
  expressions: readonly Found[],
  silent_ms: number,
): Promise<{ lines: readonly string[]; hung: boolean }> {
  const worker = [join(import.meta.dirname, 'worker.ts')]
  const child = spawn(process.execPath, ['--no-warnings', ...worker], { stdio: ['pipe', 'pipe', 'inherit'] })
  return new Promise((resolve, reject) => {
    let [said, hung] = ['', false]
    const watch = setTimeout(() => {
      hung = true
      child.kill('SIGKILL')
    }, silent_ms)
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString()
      watch.refresh()
    })
    child.once('close', (code) => {
      clearTimeout(watch)
      const lines = said.trim().split('\n')
      if (hung || code === 0) resolve({ lines, hung })
      else reject(new Error(`the worker ended with ${code} after "${lines.at(-1)}"`))
    })
    child.stdin.end(expressions.map((each) => JSON.stringify(each)).join('\n'))
  })
}

test('every expression of the product takes time in proportion to the text at most', async () => {
  const all = everyExpression()
  expect(all.length).toBeGreaterThan(300)
  const once = new Map(all.map((each) => [`/${each.source}/${each.flags}`, each]))
  expect(await slowAmong([...once.values()])).toEqual([])
}, 60_000)

const found = (source: string, flags = ''): Found => ({ place: 'here:1', source, flags })

test('what backtracks is found, and one that never comes back does not hide those behind it', async () => {
  const slow = ['^(a+)+$', String.raw`\/+$`, String.raw`Code:\s*(\S+)\s+(.*?)\s*$`, 'table .*not found'].map((source) =>
    found(source),
  )
  const told = await slowAmong([...slow, found(String.raw`\$\{(\w+)(?::-([^}]*))?\}`, 'g')], 4000)
  expect(told.map((line) => line.replace(/\/[gi]*: .*$/, '/'))).toEqual([
    ...slow.map(({ source }) => `here:1: /${source}/`),
    String.raw`here:1: /\$\{(\w+)(?::-([^}]*))?\}/`,
  ])
  expect(told[0]).toMatch(/does not come back$/)
}, 60_000)

test('what does not backtrack is let pass', async () => {
  const well = [String.raw`^\s*(\d+)\s`, String.raw`(?<!\/)\/+$`, '^[a-z0-9-]{1,64}$', '"(?:[^"\\\\]|\\\\.)*"']
  expect(await slowAmong(well.map((source) => found(source, 'i')))).toEqual([])
})
