/** Which path of the fake desk is answered by which of its rooms, beside live alarms and series. */
import type { AlarmJson } from '../../../domain/alarm.ts'
import { caps, explain, groups, journal, maintenance, quality } from './fake-alarms.ts'
import { drillReport, drills, simulator } from './fake-drills.ts'
import { contacts, siteFile, system, tokens, users } from './fake-system.ts'

/** What a path under `/api/v1` is answered with; undefined where this fake has nothing. */
export function roomReply(path: string, query: URLSearchParams, alarms: ReadonlyMap<string, AlarmJson>): unknown {
  const now_ms = Date.now()
  const explained = /^\/alarms\/(.+)\/explain$/.exec(path)
  if (explained !== null) {
    const alarm = alarms.get(explained[1]!)
    return alarm && explain(alarm, now_ms)
  }
  const drill = /^\/drills\/([^/]+)$/.exec(path)
  const known = drill && drills(now_ms).find((d) => d.id === drill[1])
  if (known) return { drill: known, report: drillReport(known, now_ms) }
  switch (path) {
    case '/site/file':
      return siteFile()
    case '/alarm-groups':
      return { groups: groups(now_ms) }
    case '/alarm-quality':
      return quality(now_ms)
    case '/cap':
      return { alerts: caps(now_ms) }
    case '/journal':
      return {
        entries: journal(now_ms).filter(
          (e) =>
            (query.get('kind') ?? e.kind) === e.kind &&
            (query.get('actor') ?? e.actor) === e.actor &&
            (query.get('alarm') ?? e.alarm) === e.alarm &&
            e.seq < Number(query.get('before') ?? Number.POSITIVE_INFINITY),
        ),
      }
    case '/system':
      return system(now_ms)
    case '/users':
      return { users: users(now_ms) }
    case '/tokens':
      return { tokens: tokens(now_ms) }
    case '/contacts':
      return contacts
    case '/maintenance':
      return { windows: [maintenance(now_ms)] }
    case '/drills':
      return { drills: drills(now_ms) }
    case '/simulator':
      return simulator
    case '/notices':
      return { deliveries: [] }
    default:
      return undefined
  }
}
