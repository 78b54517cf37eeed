/**
 * A second alarm path (Grafana's own alerting on what is stored) held against the desk's alarms: where the two say otherwise
 * for longer than the second one is slower, one of them is wrong. Pure; instants are monotonic. Neither path is believed
 * more than the other: that is for people to find out.
 */
import { type Monotonic, secondsBetween } from '../domain/time.ts'

/** What one notification says of one rule. Labels are those of `dashboards/grafana/alerts.ts`. */
export type ToldAlert = { readonly status: 'firing' | 'resolved'; readonly labels: Readonly<Record<string, string>> }

/** What the desk knows of what a rule watches; `undefined` where it says nothing itself (set aside, unknown). */
export type FirstPath = {
  /** `beyond`: the newest reading is beyond the limit itself, not only short of clearing it by the deadband. */
  readonly alarm: (id: string) => { readonly active: boolean; readonly beyond: boolean } | undefined
  /** Whether the device is silent. */
  readonly device: (id: string) => boolean | undefined
}

/** A window of a minute, an evaluation every 10 s, and notifications a little later: what is over lingers so long there. */
export const GRACE_S = 120
/** The watchdog is repeated every minute; four are missed. */
export const SILENT_S = 300
/** Rules that are known at once; a site has one for each limit and device. */
export const RULES_MAX = 20_000

/** Grafana's own, of a rule that could not be evaluated: it says nothing about what the rule watches. */
const NOT_EVALUATED = new Set(['DatasourceNoData', 'DatasourceError'])

export class SecondPath {
  readonly #site: string
  /** What it last said of each rule, by `alarm <id>` or `device <id>`. */
  readonly #firing = new Map<string, boolean>()
  /** Since when a rule says otherwise than the desk. */
  readonly #since = new Map<string, Monotonic>()
  #heard: Monotonic | undefined

  constructor(site: string) {
    this.#site = site
  }

  /** Takes the alerts of one notification; how many of them are about this site and understood. */
  hear(alerts: readonly ToldAlert[], at: Monotonic): number {
    let taken = 0
    for (const { status, labels } of alerts) {
      if (labels['site'] !== this.#site || labels['path'] !== 'second') continue
      // A watchdog that cannot be evaluated reaches the desk all the same, but the path behind it does not work.
      const evaluated = !NOT_EVALUATED.has(labels['alertname'] ?? '')
      if (labels['watchdog'] === 'true') {
        if (status === 'firing' && evaluated) this.#heard = at
        taken++
        continue
      }
      const rule = ruleOf(labels)
      if (rule === undefined) continue
      taken++
      if (!evaluated) this.#firing.delete(rule)
      else if (this.#firing.size < RULES_MAX || this.#firing.has(rule)) this.#firing.set(rule, status === 'firing')
    }
    return taken
  }

  /**
   * Where the two have disagreed for longer than `GRACE_S`, in words; none where they agree. `undefined` while there is no
   * second path: nothing of its watchdog was ever heard. One that was heard and fell silent says so.
   */
  disagreements(covered: readonly string[], first: FirstPath, now: Monotonic): string[] | undefined {
    if (this.#heard === undefined) return undefined
    const silent_s = secondsBetween(now, this.#heard)
    if (silent_s > SILENT_S) {
      this.#since.clear()
      return [`the second path has said nothing for ${Math.round(silent_s / 60)} min`]
    }
    const rules = new Set([...covered, ...this.#firing.keys()])
    const lasting: string[] = []
    for (const rule of rules) {
      const what = this.#differs(rule, first)
      if (what === undefined) {
        this.#since.delete(rule)
        continue
      }
      const since = this.#since.get(rule) ?? now
      this.#since.set(rule, since)
      if (secondsBetween(now, since) > GRACE_S) lasting.push(what)
    }
    return lasting.sort()
  }

  #differs(rule: string, { alarm, device }: FirstPath): string | undefined {
    const [kind, id] = [rule.slice(0, rule.indexOf(' ')), rule.slice(rule.indexOf(' ') + 1)]
    const firing = this.#firing.get(rule) ?? false
    if (kind === 'device') {
      const silent = device(id)
      if (silent === undefined || silent === firing) return undefined
      return firing
        ? `${id}: nothing of it is stored, the desk hears it`
        : `${id}: silent to the desk, stored all the same`
    }
    const known = alarm(id)
    if (known === undefined) return undefined
    if (firing && !known.active) return `${id}: beyond its limit in what is stored, no alarm at the desk`
    if (!firing && known.active && known.beyond)
      return `${id}: an alarm at the desk, within its limit in what is stored`
    return undefined
  }
}

export const alarmRule = (id: string): string => `alarm ${id}`
export const deviceRule = (id: string): string => `device ${id}`

function ruleOf(labels: Readonly<Record<string, string>>): string | undefined {
  if (labels['alarm'] !== undefined) return alarmRule(labels['alarm'])
  return labels['device'] === undefined ? undefined : deviceRule(labels['device'])
}
