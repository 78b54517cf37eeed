/**
 * Where the site file says what an alarm goes by: the entry of its limit, or of the device or output that a limit nobody
 * writes comes from, line by line as it is written. Pure.
 */
import { LineCounter, parseDocument } from 'yaml'
import { outputLimitId, silencedLimitId } from './automatic-limits.ts'
import type { Site } from './channel.ts'
import { splitChannel } from './ids.ts'
import type { Path } from './yaml-check.ts'
import { linesOf } from './yaml-place.ts'

/** `line`: 1-based, of the first line of `text`, which stands as in the file but for the indent that all its lines have. */
export type SitePlace = { readonly line: number; readonly text: string }

/** By limit id. `text` is what `site` was read from. */
export function limitPlaces(text: string, site: Pick<Site, 'file' | 'limits'>): Map<string, SitePlace> {
  const counter = new LineCounter()
  const document = parseDocument(text, { lineCounter: counter })
  const written = text.split('\n')
  const places = new Map<string, SitePlace>()
  const found = (id: string, path: Path) => {
    const lines = linesOf(document, counter, path)
    if (lines !== undefined)
      places.set(id, { line: lines.first, text: dedented(written.slice(lines.first - 1, lines.last)) })
  }
  for (const [id, path] of limitPaths(site)) found(id, path)
  return places
}

/** What comes later counts: limits that nobody writes are first told by the device of their channel. */
function* limitPaths({ file, limits }: Pick<Site, 'file' | 'limits'>): Generator<[string, Path]> {
  for (const [n, { links, outputs = [] }] of file.nodes.entries()) {
    for (const [l, { devices }] of links.entries())
      for (const [d, device] of devices.entries())
        for (const { id, channel } of limits)
          if (splitChannel(channel).device === device.id) yield [id, ['nodes', n, 'links', l, 'devices', d]]
    for (const [o, { id }] of outputs.entries())
      for (const limit of [outputLimitId(id), silencedLimitId(id)]) yield [limit, ['nodes', n, 'outputs', o]]
  }
  for (const [i, { id }] of file.limits.entries()) yield [id, ['limits', i]]
  for (const [i, { id }] of file.alarms.k_of_n.entries()) yield [id, ['alarms', 'k_of_n', i]]
}

function dedented(lines: readonly string[]): string {
  const indent = Math.min(...lines.filter((line) => line.trim() !== '').map((line) => /^ */.exec(line)![0].length))
  return lines
    .map((line) => line.slice(indent))
    .join('\n')
    .trimEnd()
}
