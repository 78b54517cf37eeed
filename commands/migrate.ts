/** `migrate`: brings the series of the embedded store into the InfluxDB that the site file names, and proves that they are there. */
import { ingestFolder } from '../domain/data-folder.ts'
import { PlumblineError } from '../domain/errors.ts'
import { toIso } from '../domain/time.ts'
import { SystemClock } from '../runtime/clock.ts'
import { lockFolder } from '../runtime/folder-lock.ts'
import { createLog } from '../runtime/log.ts'
import { type MigrationResult, migrateToInflux, type Progress } from '../store/influx-migrate.ts'
import { type Command, readFlags } from './command.ts'
import { readSite } from './load-site.ts'

/** A line of its own so often where nobody looks at a terminal. */
const LINE_MS = 5_000
const SHOWN_MAX = 20

export const migrate: Command = {
  name: 'migrate',
  summary: 'bring the series of the embedded store into InfluxDB; can be stopped and started again',
  usage: './plumbline migrate --site … [--data …] --from-embedded --to-influx',
  run: async (args) => {
    const { flags } = readFlags(migrate, args, {
      site: 'text',
      data: 'text',
      'from-embedded': 'flag',
      'to-influx': 'flag',
    })
    if (flags.site === undefined || !flags['from-embedded'] || !flags['to-influx'])
      throw new PlumblineError('USAGE', `expected --site, --from-embedded and --to-influx; usage: ${migrate.usage}`)
    const site = await readSite(flags.site)
    const { influx } = site.file.store
    if (influx === undefined)
      throw new PlumblineError('USAGE', `${flags.site}: expected store.influx, which says where the series go`)
    const folder = ingestFolder(flags.data ?? './data', site.file.site)
    const release = await lockFolder(folder)
    try {
      const show = shower(process.stdout.isTTY === true, () => performance.now())
      const settings = { ...influx, site: site.file.site }
      const result = await migrateToInflux(
        settings,
        folder,
        createLog({ level: 'warn' }),
        new SystemClock(),
        (progress) => show(progressLine(progress)),
        (series) => show(`verifying ${series}`),
      )
      show(undefined)
      return tell(result, influx.url)
    } finally {
      await release()
    }
  },
}

export function progressLine({ series, ofSeries, name, at, readings, blocks, gaps, waiting }: Progress): string {
  const place = `${Math.min(series + 1, ofSeries)} of ${ofSeries} series: ${name}${at === undefined ? '' : ` up to ${toIso(at)}`}`
  const counts = `${count(readings)} readings, ${count(blocks)} blocks, ${count(gaps)} gaps`
  return `${place}; ${counts}${waiting === undefined ? '' : `; waiting: ${waiting}`}`
}

const count = (n: number): string => n.toLocaleString('en')

/** One line written over and over on a terminal, else a line now and then. */
function shower(terminal: boolean, now: () => number): (line: string | undefined) => void {
  let last = Number.NEGATIVE_INFINITY
  return (line) => {
    if (terminal) process.stdout.write(line === undefined ? '\r\u001b[K' : `\r\u001b[K${line.slice(0, 200)}`)
    else if (line !== undefined && now() - last >= LINE_MS) {
      last = now()
      process.stdout.write(`${line}\n`)
    }
  }
}

/** 3 where not all of it is there. */
function tell({ migrated, verified }: MigrationResult, url: string): number {
  const { readings, blocks, gaps, quarantined } = migrated
  process.stdout.write(
    `migrated ${count(readings)} readings, ${count(blocks)} blocks and ${count(gaps)} gaps to ${url}; ` +
      `verified ${count(verified.series)} series, ${count(verified.days)} counts and checksums by day\n`,
  )
  for (const reason of quarantined) process.stdout.write(`  in quarantine: ${reason}\n`)
  if (verified.differences.length === 0) {
    process.stdout.write('all of it is there; the embedded files are still as they were\n')
    return 0
  }
  for (const difference of verified.differences.slice(0, SHOWN_MAX)) process.stdout.write(`  ${difference}\n`)
  const { length } = verified.differences
  process.stdout.write(`${count(length)} difference${length === 1 ? '' : 's'}: do not remove the embedded files\n`)
  return 3
}
