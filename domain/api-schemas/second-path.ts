/** What Grafana's alerting sends to a webhook contact point, as far as it is read: the rest is its own affair. */
import Type from 'typebox'
import { Closed } from './common.ts'
import { type ApiRoute, PREFIX } from './route.ts'

/** Grafana sends what it has of a group in one message; a site has a rule for each limit and device. */
const ALERTS_MAX = 2000

const Alert = Type.Object({
  status: Type.Enum(['firing', 'resolved']),
  labels: Type.Record(Type.String({ maxLength: 200 }), Type.String({ maxLength: 1000 }), { maxProperties: 100 }),
})
export const GrafanaAlertsBody = Type.Object({
  alerts: Type.Array(Alert, { maxItems: ALERTS_MAX, description: 'Of the rules made by `./plumbline dashboards`.' }),
})
export const GrafanaAlertsJson = Closed({
  taken: Type.Integer({ minimum: 0, description: 'How many of them are about this site and understood.' }),
})

export const SECOND_PATH_ROUTES = {
  grafanaAlerts: {
    method: 'POST',
    path: `${PREFIX}/grafana-alerts`,
    access: 'operator',
    summary: 'Notifications of a second alarm path, to be held against the desk’s own alarms.',
    tag: 'alarms',
    body: GrafanaAlertsBody,
    answer: GrafanaAlertsJson,
  },
} as const satisfies Record<string, ApiRoute>
