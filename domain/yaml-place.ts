/** Where things stand in a YAML document: lines by path, for messages and for showing an entry as it is written. */
import { isMap, isPair, isScalar, type LineCounter, type parseDocument } from 'yaml'
import type { Path } from './yaml-check.ts'

type Document = ReturnType<typeof parseDocument>
type Ranged = { readonly range?: readonly [number, number, number] | null } | undefined

/** 1-based line of the key or entry at `path`; of what stands above it where there is none. */
export function lineOf(document: Document, lines: LineCounter, path: Path): number {
  for (let depth = path.length; depth >= 0; depth--) {
    const offset = keyOffset(document.getIn(path.slice(0, depth - 1), true), path[depth - 1])
    if (offset !== undefined) return lines.linePos(offset).line
    const node = document.getIn(path.slice(0, depth), true) as Ranged
    if (node?.range) return lines.linePos(node.range[0]).line
  }
  return 1
}

/** First and last line, 1-based, of what stands at `path`; undefined where nothing does. */
export function linesOf(
  document: Document,
  lines: LineCounter,
  path: Path,
): { readonly first: number; readonly last: number } | undefined {
  const node = document.getIn(path, true) as Ranged
  if (!node?.range) return undefined
  const [begin, end] = node.range
  // A block ends behind the line break of its last line.
  return { first: lineOf(document, lines, path), last: lines.linePos(Math.max(begin, end - 1)).line }
}

/** Offset of a key in a map node: a mistake is told at its key, not at the value below it. */
function keyOffset(parent: unknown, key: string | number | undefined): number | undefined {
  if (!isMap(parent) || key === undefined) return undefined
  const pair = parent.items.find((item) => isPair(item) && isScalar(item.key) && item.key.value === key)
  return pair && isScalar(pair.key) ? pair.key.range?.[0] : undefined
}
