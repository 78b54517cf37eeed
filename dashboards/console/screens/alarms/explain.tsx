/** Everything that a person asks about one alarm: value, rule, line of the site file, quality, last times, who was told. */

import type { AlarmJson } from '../../../../domain/alarm.ts'
import type { DeliveryJson, ExplainJson } from '../../../../domain/api-desk.ts'
import { splitChannel } from '../../../../domain/ids.ts'
import { AlarmRow } from '../../components/alarm-row.tsx'
import { useApp, useSpeech, useWords } from '../../components/app-context.ts'
import { Await, useAsked } from '../../components/asked.tsx'
import { reasonWords } from '../../i18n/index.ts'
import { msOf, msOrNull } from '../../state/instants.ts'
import { href } from '../../state/route.ts'
import { words as WORDS } from './words.ts'

const ASK_MS = 10_000

export function Explain({ id }: { id: string }) {
  const app = useApp()
  const own = useWords(WORDS)
  const alarm = app.live.value.alarms.get(id)
  const path = `/alarms/${encodeURIComponent(id)}/explain`
  const asked = useAsked(() => app.api.get<ExplainJson>(path), [id, alarm?.etag], ASK_MS)
  if (alarm === undefined)
    return (
      <section class="panel">
        <h2>{own.explainTitle}</h2>
        <p class="unknown">{own.noSuchAlarm}</p>
        <p>
          <a class="button" href={href('alarms')}>
            {own.backToList}
          </a>
        </p>
      </section>
    )
  return (
    <>
      <section class="panel" aria-labelledby="explain-title">
        <h2 id="explain-title">{own.explainTitle}</h2>
        <ul class="alarm-rows">
          <AlarmRow alarm={alarm} />
        </ul>
        <Elsewhere alarm={alarm} />
      </section>
      <section class="panel" aria-labelledby="explain-rule">
        <h2 id="explain-rule">{own.rule}</h2>
        <Await asked={asked}>{(explain) => <Rule alarm={alarm} explain={explain} />}</Await>
      </section>
      {asked.value !== null && (
        <>
          <Occurrences alarm={alarm} occurrences={asked.value.occurrences} />
          <Told deliveries={asked.value.deliveries} />
        </>
      )}
    </>
  )
}

/** Where else it is seen: its water or structure, and its history. */
function Elsewhere({ alarm }: { alarm: AlarmJson }) {
  const app = useApp()
  const own = useWords(WORDS)
  const { device } = splitChannel(alarm.channel)
  const water = app.site.value?.waters.find((w) => splitChannel(w.gauge).device === device)
  const floor = app.live.value.devices.get(device)?.floor
  return (
    <p class="actions">
      {water !== undefined && (
        <a class="button" href={href('water', water.id)}>
          {own.showOn.water}
        </a>
      )}
      {floor != null && (
        <a class="button" href={href('building', floor.split('/')[0])}>
          {own.showOn.building}
        </a>
      )}
      <a class="button" href={href('alarms', null, { list: 'history', alarm: alarm.id })}>
        {own.showOn.history}
      </a>
    </p>
  )
}

function Rule({ alarm, explain }: { alarm: AlarmJson; explain: ExplainJson }) {
  const app = useApp()
  const { words, format } = useSpeech()
  const own = useWords(WORDS)
  const { limit, now, rule, site_line, site_text } = explain
  const amount = (value: number) => format.inUnit(value, alarm.unit, alarm.kind)
  return (
    <>
      {rule !== null && <p>{rule[app.language.value]}</p>}
      <dl class="facts is-roomy">
        <div class="fact is-wide">
          <dt>{own.now}</dt>
          <dd class="number">
            {now === null || now.value === null ? (
              <span class="unknown">
                {words.unknownValue} {reasonWords(words, now?.reason ?? null)}
              </span>
            ) : (
              `${format.inUnit(now.value, app.live.value.devices.get(splitChannel(alarm.channel).device)?.channels.find((c) => c.id === alarm.channel)?.unit ?? alarm.unit)} · ${format.instant(msOf(now.t_ns), app.now_ms.value)}`
            )}
          </dd>
        </div>
        {now !== null && (
          <div class="fact is-wide">
            <dt>{own.quality}</dt>
            <dd>{words.flagLabel(now.flag, words.flag[now.flag as keyof typeof words.flag] ?? '')}</dd>
          </div>
        )}
        {limit !== null && (
          <>
            <div class="fact is-wide">
              <dt>{own.limitHead}</dt>
              <dd class="number">{own.direction[limit.direction](amount(limit.limit))}</dd>
            </div>
            <div class="fact is-wide">
              <dt>{own.deadband}</dt>
              <dd class="number">{amount(limit.deadband)}</dd>
            </div>
            <div class="fact is-wide">
              <dt>{own.onDelay}</dt>
              <dd class="number">{format.duration(limit.on_delay_s * 1000)}</dd>
            </div>
            <div class="fact is-wide">
              <dt>{own.offDelay}</dt>
              <dd class="number">{format.duration(limit.off_delay_s * 1000)}</dd>
            </div>
            <div class="fact is-wide">
              <dt>{own.latch}</dt>
              <dd>{limit.latch ? own.yes : own.no}</dd>
            </div>
          </>
        )}
      </dl>
      {limit === null && <p class="unknown">{own.limitNotTold}</p>}
      {site_line === null ? (
        <p class="muted">{own.siteLineNone}</p>
      ) : (
        <figure>
          <figcaption class="muted">
            <a class="row-link" href={href('system', 'site', { line: String(site_line) })}>
              {own.siteLine(site_line)}
            </a>
          </figcaption>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long line scrolls, and must do so by keyboard as well */}
          <pre class="code" tabIndex={0}>
            {site_text}
          </pre>
        </figure>
      )}
    </>
  )
}

function Occurrences({ alarm, occurrences }: { alarm: AlarmJson; occurrences: ExplainJson['occurrences'] }) {
  const app = useApp()
  const { words, format } = useSpeech()
  const own = useWords(WORDS)
  const now_ms = app.now_ms.value
  return (
    <section class="panel" aria-labelledby="explain-last">
      <h2 id="explain-last">{own.lastOnes}</h2>
      {occurrences.length === 0 ? (
        <p>{own.lastNone}</p>
      ) : (
        <table class="table">
          <thead>
            <tr>
              <th scope="col">{own.began}</th>
              <th scope="col">{own.ended}</th>
              <th scope="col">{own.peak}</th>
              <th scope="col">{own.answeredBy}</th>
            </tr>
          </thead>
          <tbody>
            {occurrences.map((o) => {
              const returned_ms = msOrNull(o.returned_ns)
              // The journal learns how far it went with its return; until then the alarm knows.
              const isPresent = o.returned_ns === null && o.occurrence === alarm.occurrence
              const peak = isPresent ? (alarm.peak ?? o.peak) : o.peak
              return (
                <tr key={o.occurrence}>
                  <th scope="row" class="number" data-label={own.began}>
                    {format.instant(msOf(o.onset_ns), now_ms)}{' '}
                    <span class="muted">{words.occurrence(o.occurrence)}</span>
                  </th>
                  <td class="number" data-label={own.ended}>
                    {returned_ms === null ? own.stillOn : format.instant(returned_ms, now_ms)}
                  </td>
                  <td class="number" data-label={own.peak}>
                    {peak === null ? '–' : format.inUnit(peak, alarm.unit, alarm.kind)}
                  </td>
                  <td data-label={own.answeredBy}>
                    {o.acknowledged_by === null
                      ? own.nobody
                      : own.answeredAfter(o.acknowledged_by, format.duration((o.acknowledged_after_s ?? 0) * 1000))}
                  </td>
                </tr>
              )
            })}
          </tbody>
        </table>
      )}
    </section>
  )
}

function Told({ deliveries }: { deliveries: readonly DeliveryJson[] }) {
  const app = useApp()
  const { format } = useSpeech()
  const own = useWords(WORDS)
  return (
    <section class="panel" aria-labelledby="explain-told">
      <h2 id="explain-told">{own.told}</h2>
      {deliveries.length === 0 ? (
        <p>{own.toldNone}</p>
      ) : (
        <table class="table">
          <thead>
            <tr>
              <th scope="col">{own.contact}</th>
              <th scope="col">{own.channel}</th>
              <th scope="col">{own.step}</th>
              <th scope="col">{own.at}</th>
              <th scope="col">{own.detail}</th>
            </tr>
          </thead>
          <tbody>
            {deliveries.map((d) => (
              <tr key={d.id}>
                <th scope="row" data-label={own.contact}>
                  {d.contact}
                </th>
                <td data-label={own.channel}>{d.channel}</td>
                <td class="number" data-label={own.step}>
                  {d.step + 1}
                </td>
                <td class="number" data-label={own.at}>
                  {format.instant(msOf(d.at_ns), app.now_ms.value)}
                </td>
                <td data-label={own.detail}>
                  <span class={`mark delivery-${d.state}`}>{own.deliveryState[d.state]}</span>{' '}
                  {[d.detail, d.possible_repeat ? own.repeat : null].filter((t) => t !== null).join(' · ')}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  )
}
