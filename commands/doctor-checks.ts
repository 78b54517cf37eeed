/**
 * What `doctor` says of what it saw: each finding with the remedy. Pure; looking is `doctor.ts`'s.
 */
import { type ClockFacts, judgeClock } from '../domain/clock-health.ts'

export type Finding = {
  readonly what: string
  readonly level: 'well' | 'warning' | 'fault'
  readonly said: string
  /** What to do; on everything that is not well. */
  readonly remedy?: string
}
const well = (what: string, said: string): Finding => ({ what, level: 'well', said })
const warning = (what: string, said: string, remedy: string): Finding => ({ what, level: 'warning', said, remedy })
const fault = (what: string, said: string, remedy: string): Finding => ({ what, level: 'fault', said, remedy })

export function clockFinding(facts: ClockFacts): Finding {
  const { state, why = 'synchronised' } = judgeClock(facts)
  if (state === 'good') return well('clock', why)
  const remedy = 'start chrony or systemd-timesyncd, then look at `chronyc tracking` or `timedatectl`'
  return state === 'bad' ? fault('clock', why, remedy) : warning('clock', why, remedy)
}

const GIB = 1024 ** 3
const gib = (bytes: number): string => `${(bytes / GIB).toFixed(1)} GiB`

/** @param budget_bytes what the outboxes of this site may take at most */
export function diskFinding(disk: { size_bytes: number; free_bytes: number }, budget_bytes: number): Finding {
  const { size_bytes, free_bytes } = disk
  const said = `${gib(free_bytes)} of ${gib(size_bytes)} free; outboxes may take ${gib(budget_bytes)}`
  if (free_bytes < size_bytes * 0.05 || free_bytes < GIB / 4)
    return fault('disk', said, 'free space or move the data folder with --data')
  if (free_bytes < budget_bytes)
    return warning('disk', said, 'lower `nodes[].outbox` or give the data folder a larger disk (docs/sizing.md)')
  return well('disk', said)
}

/** @param ours a service of this site answered there */
export function portFinding(name: string, at: string, state: 'free' | 'taken' | 'denied', ours: boolean): Finding {
  const what = `port of ${name}`
  if (state === 'free') return well(what, `${at} is free`)
  if (ours) return well(what, `${at}: ${name} of this site answers`)
  if (state === 'taken')
    return fault(
      what,
      `${at} is taken by another program`,
      'stop it (`ss -ltnp` names it), or move the port in the site file',
    )
  return fault(what, `${at} cannot be listened on`, 'choose a port above 1023 and an address of this machine')
}

/** @param modes of files that hold secrets, by path */
export function permissionFindings(data: string, writable: boolean, modes: ReadonlyMap<string, number>): Finding[] {
  const open = [...modes].filter(([, mode]) => (mode & 0o077) !== 0).map(([path]) => path)
  return [
    writable
      ? well('data folder', `${data} can be written`)
      : fault('data folder', `${data} cannot be written`, `chown it to the user who runs Plumbline`),
    open.length === 0
      ? well('secrets', `${modes.size} files, readable by their owner only`)
      : fault('secrets', `readable by others: ${open.join(', ')}`, `chmod 600 ${open.join(' ')}`),
  ]
}

const DAY_MS = 86_400_000
/**
 * @param until end of validity by path; `undefined` where a file cannot be read as a certificate
 * @param unusable why a listener of ours could not use it with its key, by path
 */
export function certificateFindings(
  until: ReadonlyMap<string, Date | undefined>,
  now: Date,
  unusable: ReadonlyMap<string, string> = new Map(),
): Finding[] {
  const remedy = '`./plumbline tls init`, `tls desk` and `tls client` make them (docs/guides/tls.md)'
  return [...until].map(([path, end]) => {
    const what = 'certificate'
    const why = unusable.get(path)
    if (why !== undefined) return fault(what, why, remedy)
    if (end === undefined) return fault(what, `${path} is missing or is none`, remedy)
    const days = Math.floor((end.getTime() - now.getTime()) / DAY_MS)
    if (days < 0) return fault(what, `${path} ended on ${end.toISOString().slice(0, 10)}`, remedy)
    return days < 30 ? warning(what, `${path} ends in ${days} days`, remedy) : well(what, `${path}: ${days} days left`)
  })
}

/** @param why not reachable, `undefined` where it is */
export const brokerFinding = (at: string, why: string | undefined): Finding =>
  why === undefined
    ? well('broker', `${at} answers`)
    : warning(
        'broker',
        `${at}: ${why}`,
        'start it, or mend `broker` in the site file; edge nodes keep their records meanwhile',
      )

export const storeFinding = (what: string, problem: string | undefined): Finding =>
  problem === undefined
    ? well('store', what)
    : fault('store', problem, 'its message says what to do; `./plumbline store check` reads every page')

export const consoleFinding = (built: boolean): Finding =>
  built ? well('console', 'built') : warning('console', 'not built: the desk has no pages', 'npm run build')
