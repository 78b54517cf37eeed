/** Every route of the HTTP API, by name. */
import { ALARM_ROUTES } from './alarms.ts'
import { DRILL_ROUTES } from './drills.ts'
import { EVENT_ROUTES } from './events.ts'
import { LIVE_ROUTES } from './live.ts'
import { NOTICE_ROUTES } from './notices.ts'
import { PEOPLE_ROUTES } from './people.ts'
import type { ApiRoute } from './route.ts'
import { SECOND_PATH_ROUTES } from './second-path.ts'
import { SERIES_ROUTES } from './series.ts'
import { SITE_ROUTES } from './site.ts'

export const ROUTES = {
  ...SITE_ROUTES,
  ...SERIES_ROUTES,
  ...ALARM_ROUTES,
  ...EVENT_ROUTES,
  ...DRILL_ROUTES,
  ...LIVE_ROUTES,
  ...NOTICE_ROUTES,
  ...PEOPLE_ROUTES,
  ...SECOND_PATH_ROUTES,
} as const satisfies Record<string, ApiRoute>

export const routes: readonly ApiRoute[] = Object.values(ROUTES)
