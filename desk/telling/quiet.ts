/** Quiet hours of the site, by its own clock on the wall; critical alarms know none. */
import type { Priority } from '../../domain/condition.ts'
import { covers, localMinute } from '../../domain/duty.ts'
import type { SiteNotices } from '../../domain/site-notices.ts'
import type { Instant } from '../../domain/time.ts'

export function isQuiet(
  { quiet_hours }: Pick<SiteNotices, 'quiet_hours'>,
  zone: string,
  priority: Priority,
  at: Instant,
): boolean {
  if (priority === 'critical') return false
  const local = localMinute(at, zone)
  return quiet_hours.some((span) => span.priorities.includes(priority) && covers(span, local))
}
