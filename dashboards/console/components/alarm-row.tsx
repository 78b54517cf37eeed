/** One alarm: what, since when, how much, who answered, and what a person may do now. */
import { type AlarmJson, STATE_LETTER } from '../../../domain/alarm.ts'
import { VALUE_KINDS } from '../../../domain/condition.ts'
import { splitChannel } from '../../../domain/ids.ts'
import { hasAmount } from '../../../domain/limit-words.ts'
import { reasonWords } from '../i18n/index.ts'
import { duration_ms, isConditionTrue, isLatched, LEARNED_LATE_MS, lateViews, needsAnswer } from '../state/alarms.ts'
import { commandsFor, isOffered, ROLE_NEEDED } from '../state/commands.ts'
import { msOf, msOrNull } from '../state/instants.ts'
import { href } from '../state/route.ts'
import { ruleText } from '../state/rules.ts'
import { useApp, useSpeech } from './app-context.ts'
import { ExerciseMark, PriorityMark } from './marks.tsx'
import { LiveText, useRead } from './read.tsx'

type Props = { alarm: AlarmJson; children?: preact.ComponentChildren }

export function AlarmRow({ alarm, children }: Props) {
  const { words } = useSpeech()
  const open = needsAnswer(alarm)
  return (
    <li class={`alarm alarm-${alarm.priority}${open ? ' is-open' : ''}`}>
      <div class="alarm-head">
        <PriorityMark priority={alarm.priority} quiet={!open} />
        <h3>
          <a href={href('alarms', alarm.id)}>{alarm.name}</a>
        </h3>
        {alarm.exercise && <ExerciseMark />}
      </div>
      <p class="alarm-state">
        <strong>{words.state[alarm.state]}</strong>{' '}
        <span class="muted">
          {words.stateLetter(STATE_LETTER[alarm.state])} · {words.occurrence(alarm.occurrence)}
        </span>
      </p>
      {children}
      <Numbers alarm={alarm} />
      <Notes alarm={alarm} />
      <Actions alarm={alarm} />
    </li>
  )
}

function Numbers({ alarm }: { alarm: AlarmJson }) {
  const app = useApp()
  const { words, format } = useSpeech()
  const today_ms = app.today_ms.value
  const onset_ms = msOrNull(alarm.onset_ns)
  const returned_ms = msOrNull(alarm.returned_ns)
  const learned_ms = msOrNull(alarm.learned_ns)
  const of = splitChannel(alarm.channel).device
  const device = useRead(() => app.live.value.devices.get(of), [app, of])
  const learnedLate = onset_ms !== null && learned_ms !== null && learned_ms - onset_ms > LEARNED_LATE_MS
  return (
    <dl class="facts">
      {onset_ms !== null && (
        <Fact name={words.onset} wide>
          {format.instant(onset_ms, today_ms)} <Ago at_ms={onset_ms} />
        </Fact>
      )}
      {!isConditionTrue(alarm) && returned_ms !== null && (
        <Fact name={words.returned} wide>
          {format.instant(returned_ms, today_ms)} <Ago at_ms={returned_ms} />
        </Fact>
      )}
      {learnedLate && (
        <Fact name={words.learned} wide>
          {format.instant(learned_ms, today_ms)}
        </Fact>
      )}
      <Amounts alarm={alarm} />
      {onset_ms !== null && (
        <Fact name={words.duration}>
          <LiveText read={() => format.duration(duration_ms(alarm, app.now_ms.value) ?? 0)} by={[app, format, alarm]} />
        </Fact>
      )}
      <Fact name={words.sensor} wide>
        {device?.name ?? of} <span class="muted">{alarm.channel}</span>{' '}
        {device !== undefined && device.time_scale !== 1 && <span class="scale">×{device.time_scale}</span>}
      </Fact>
    </dl>
  )
}

function Ago({ at_ms }: { at_ms: number }) {
  const app = useApp()
  const { words, format } = useSpeech()
  const read = () => `(${words.ago(format.duration(app.now_ms.value - at_ms))})`
  return (
    <span class="muted">
      <LiveText read={read} by={[app, words, format, at_ms]} />
    </span>
  )
}

/** Value and peak against the limit; where something else is judged, its rule, and the amount if that says more. */
function Amounts({ alarm }: { alarm: AlarmJson }) {
  const app = useApp()
  const speech = useSpeech()
  const { words, format } = speech
  const { kind, unit, value, peak, limit } = alarm
  const rule = useRead(() => ruleText(alarm, app.site.value, app.live.value, speech), [app, alarm, words, format])
  const amount = (si: number | null) => (si === null ? '–' : format.inUnit(si, unit, kind))
  const ofValue = VALUE_KINDS.includes(kind)
  // The worst of a rate or a difference comes with its return: what it was at the onset is not called the peak.
  const hasPeak = ofValue || (hasAmount(kind) && kind !== 'reaching' && !isConditionTrue(alarm))
  return (
    <>
      {rule !== null && (
        <Fact name={words.ruleName} wide strong={!ofValue}>
          {rule}
        </Fact>
      )}
      {hasPeak && (
        <Fact name={words.peak} strong={ofValue}>
          {amount(peak)}
        </Fact>
      )}
      {hasAmount(kind) && <Fact name={words.value}>{amount(value)}</Fact>}
      {ofValue && rule === null && <Fact name={words.limit}>{amount(limit)}</Fact>}
    </>
  )
}

type FactProps = { name: string; wide?: boolean; strong?: boolean; children: preact.ComponentChildren }
function Fact({ name, wide, strong, children }: FactProps) {
  return (
    <div class={`fact${wide ? ' is-wide' : ''}${strong ? ' is-strong' : ''}`}>
      <dt>{name}</dt>
      <dd class="number">{children}</dd>
    </div>
  )
}

function Notes({ alarm }: { alarm: AlarmJson }) {
  const app = useApp()
  const { words, format } = useSpeech()
  const today_ms = app.today_ms.value
  const at = (ns_ms: number) => format.instant(ns_ms, today_ms)
  const flag = words.flagLabel(alarm.flag, words.flag[alarm.flag])
  return (
    <div class="notes">
      {lateViews(alarm).map((late) => (
        <p key={late.occurrence} class="late">
          <strong>{words.late(at(late.onset_ms), at(late.learned_ms))}</strong>{' '}
          <span class="muted">
            {late.returned_ms !== null && `${words.lateUntil(at(late.returned_ms))} · `}
            {words.occurrence(late.occurrence)}
          </span>
        </p>
      ))}
      {alarm.unknown !== null && (
        <p class="unknown">
          {words.conditionUnknown(at(msOf(alarm.unknown.since_ns)), reasonWords(words, alarm.unknown.cause))}
        </p>
      )}
      <Aside alarm={alarm} />
      {isLatched(alarm) && <p>{words.latched}</p>}
      {alarm.unconfirmed && <p class="unknown">{words.unconfirmed}</p>}
      {alarm.flag !== 1 && alarm.flag !== 2 && <p class="unknown">{flag}</p>}
      {alarm.acknowledged_by !== null && alarm.acknowledged_ns !== null && (
        <p>{words.acknowledgedBy(alarm.acknowledged_by, at(msOf(alarm.acknowledged_ns)))}</p>
      )}
      {alarm.comments.length > 0 && (
        <ul class="comments" aria-label={words.comments(alarm.comments.length)}>
          {alarm.comments.map((comment) => (
            <li key={comment.at_ns}>
              <span class="comment-text">{comment.text}</span>{' '}
              <span class="muted">
                {comment.by}, {at(msOf(comment.at_ns))}
              </span>
            </li>
          ))}
        </ul>
      )}
      {alarm.state === 'latched-unacknowledged' && <p class="muted">{words.resetHint}</p>}
    </div>
  )
}

function Actions({ alarm }: { alarm: AlarmJson }) {
  const app = useApp()
  const { words } = useSpeech()
  const session = app.session.value
  const offered = commandsFor(alarm).filter((command) => isOffered(session, ROLE_NEEDED[command]))
  if (offered.length === 0) return null
  return (
    <div class="actions">
      {offered.map((command) => (
        <button
          key={command}
          type="button"
          class={`button${command === 'acknowledge' ? ' is-primary' : ''}`}
          onClick={() => app.ask(command, alarm)}
        >
          {words.command[command].button}
          <span class="unseen"> {alarm.name}</span>
        </button>
      ))}
    </div>
  )
}

/** Who or what put it aside, until when, and what goes on underneath. */
function Aside({ alarm }: { alarm: AlarmJson }) {
  const app = useApp()
  const { words, format } = useSpeech()
  if (alarm.aside === null) return null
  const { shelved, suppressed, out_of_service, underlying } = alarm.aside
  const at = (ns: string) => format.instant(msOf(ns), app.today_ms.value)
  return (
    <>
      {shelved && (
        <p>
          {words.shelvedBy(shelved.by, at(shelved.until_ns))}
          {shelved.one_shot && ` (${words.shelvedOnce})`}: <span class="comment-text">{shelved.reason}</span>
        </p>
      )}
      {suppressed && (
        <p>
          {words.suppressedSince(at(suppressed.since_ns))} ({words.suppressCause[suppressed.cause]}):{' '}
          <span class="comment-text">{suppressed.reason}</span>
        </p>
      )}
      {out_of_service && (
        <p>
          {words.outOfServiceBy(out_of_service.by, at(out_of_service.at_ns))}
          {out_of_service.until_ns !== null && ` ${words.outOfServiceUntil(at(out_of_service.until_ns))}`}:{' '}
          <span class="comment-text">{out_of_service.reason}</span>
        </p>
      )}
      <p class={isConditionTrue(alarm) ? 'problem' : 'muted'}>{words.underneath(words.state[underlying])}</p>
    </>
  )
}
