/** Holds an InfluxDB against the embedded store that went into it: counts and checksums of every series and day. */
import type { SeriesReader } from '../../../domain/ports.ts'
import { blockLength, sampleInstant } from '../../../domain/reading.ts'
import { type Checks, checkBlocks, checkGaps, checkReadings, differences } from '../checks.ts'
import type { GroupKey } from '../queries.ts'
import type { EmbeddedContents } from './embedded-contents.ts'
import { BEGINNING, gapPages, readingPages, windowEnd } from './pages.ts'

export type Verified = { readonly series: number; readonly days: number; readonly differences: readonly string[] }

export async function verify(
  contents: EmbeddedContents,
  source: SeriesReader,
  target: SeriesReader,
  onSeries: (name: string) => void,
): Promise<Verified> {
  const found: string[] = []
  let [series, days] = [0, 0]
  const compare = (name: string, a: Checks, b: Checks): void => {
    found.push(...differences(name, a, b))
    series++
    days += a.size
  }
  for (const channel of contents.channels()) {
    onSeries(channel)
    compare(channel, await readingChecks(source, channel), await readingChecks(target, channel))
  }
  for (const group of contents.groups()) {
    const name = `${group.device}/${group.group}`
    onSeries(name)
    compare(name, ...(await blockChecks(contents, source, target, group)))
  }
  onSeries('gaps')
  const [a, b]: [Checks, Checks] = [new Map(), new Map()]
  for await (const page of gapPages(source, contents)) checkGaps(a, page.items)
  for await (const page of gapPages(target, contents)) checkGaps(b, page.items)
  compare('gaps', a, b)
  return { series, days, differences: found }
}

async function readingChecks(reader: SeriesReader, channel: string): Promise<Checks> {
  const checks: Checks = new Map()
  for await (const { items } of readingPages(reader, channel)) checkReadings(checks, items)
  return checks
}

/** Window after window; one that samples reach out of is followed by the next at once, so that each is looked at once. */
async function blockChecks(
  contents: EmbeddedContents,
  source: SeriesReader,
  target: SeriesReader,
  { device, group }: GroupKey,
): Promise<[Checks, Checks]> {
  const [a, b]: [Checks, Checks] = [new Map(), new Map()]
  let from = contents.nextBlock({ device, group }, BEGINNING)
  while (from !== undefined) {
    const to = windowEnd(from)
    const blocks = await source.blocks(device, group, from, to)
    checkBlocks(a, blocks, from, to)
    checkBlocks(b, await target.blocks(device, group, from, to), from, to)
    const goesOn = blocks.some((block) => sampleInstant(block, blockLength(block) - 1) >= to)
    from = goesOn ? to : contents.nextBlock({ device, group }, to)
  }
  return [a, b]
}
