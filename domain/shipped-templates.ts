/** The templates that ship: data files beside this one, by their ids. A site file may bring its own of other names. */
import json from './notice-templates/json.json' with { type: 'json' }
import line from './notice-templates/line.json' with { type: 'json' }
import ntfy from './notice-templates/ntfy.json' with { type: 'json' }
import ntfyToken from './notice-templates/ntfy-token.json' with { type: 'json' }
import slack from './notice-templates/slack.json' with { type: 'json' }
import sms from './notice-templates/sms.json' with { type: 'json' }
import teams from './notice-templates/teams.json' with { type: 'json' }
import telegram from './notice-templates/telegram.json' with { type: 'json' }
import type { SiteNotices, SiteTemplate } from './site-notices.ts'

export const SHIPPED_TEMPLATES: ReadonlyMap<string, SiteTemplate> = new Map(
  [json, line, ntfy, ntfyToken, slack, sms, teams, telegram].map((template) => [template.id, template as SiteTemplate]),
)

/** All templates of a site. */
export const templatesOf = (notices: Pick<SiteNotices, 'templates'>): ReadonlyMap<string, SiteTemplate> =>
  new Map([...notices.templates.map((template) => [template.id, template] as const), ...SHIPPED_TEMPLATES])
