/** Acknowledge, comment or reset one alarm as the signed-in person, for exactly the state that is shown here. */
import { useState } from 'preact/hooks'
import { STATE_LETTER } from '../../../domain/alarm.ts'
import { VALUE_KINDS } from '../../../domain/condition.ts'
import type { AlarmCommand, Dialog } from '../service.ts'
import { lateViews } from '../state/alarms.ts'
import { failureText } from '../state/commands.ts'
import { msOrNull } from '../state/instants.ts'
import { ruleText } from '../state/rules.ts'
import { useApp, useSpeech } from './app-context.ts'
import { DialogFrame } from './dialog-frame.tsx'
import { ExerciseMark, PriorityMark } from './marks.tsx'

export function CommandDialog({ dialog }: { dialog: Extract<Dialog, { kind: 'command' }> }) {
  const app = useApp()
  const { words } = useSpeech()
  const [text, setText] = useState('')
  const [busy, setBusy] = useState(false)
  const { command, seen, failure } = dialog
  const name = app.session.value?.user?.name ?? ''
  const say = SAY[command]
  const close = () => {
    app.dialog.value = null
  }
  const submit = async () => {
    if (busy || (command === 'comment' && text.trim() === '')) return
    setBusy(true)
    await app.send(command, seen, text)
    setBusy(false)
  }
  return (
    <DialogFrame title={words[say.title]} onClose={close} onSubmit={() => void submit()}>
      <Seen alarm={seen} />
      {app.link.value.state === 'lost' && <p class="problem">{words.lostInDialog}</p>}
      {failure && (
        <p class="problem" role="alert">
          {failureText(failure, words)}
        </p>
      )}
      {command !== 'comment' && <p class="muted">{command === 'reset' ? words.resetWhat : words.acknowledgeWhat}</p>}
      {command !== 'reset' && (
        <label class="field">
          {command === 'comment' ? words.commentLabel : words.commentOptional}
          <textarea
            rows={3}
            maxLength={2000}
            value={text}
            required={command === 'comment'}
            data-first={command === 'comment' ? '' : undefined}
            onInput={(event) => setText(event.currentTarget.value)}
          />
        </label>
      )}
      <div class="actions">
        <button
          type="submit"
          class="button is-primary"
          disabled={busy}
          data-first={command === 'comment' ? undefined : ''}
        >
          {words[say.submit](name)}
        </button>
        <button type="button" class="button" onClick={close}>
          {words.cancel}
        </button>
      </div>
    </DialogFrame>
  )
}

const SAY = {
  acknowledge: { title: 'acknowledgeTitle', submit: 'acknowledgeAs' },
  comment: { title: 'commentTitle', submit: 'commentAs' },
  reset: { title: 'resetTitle', submit: 'resetAs' },
} as const satisfies Record<AlarmCommand, { title: string; submit: string }>

/** The alarm as it will be answered. */
function Seen({ alarm }: { alarm: Extract<Dialog, { kind: 'command' }>['seen'] }) {
  const app = useApp()
  const speech = useSpeech()
  const { words, format } = speech
  const now_ms = app.now_ms.value
  const onset_ms = msOrNull(alarm.onset_ns)
  const rule = ruleText(alarm, app.site.value, app.live.value, speech)
  const hasPeak = alarm.peak !== null && VALUE_KINDS.includes(alarm.kind)
  return (
    <div class={`seen alarm-${alarm.priority}`}>
      <div class="alarm-head">
        <PriorityMark priority={alarm.priority} />
        <h3>{alarm.name}</h3>
        {alarm.exercise && <ExerciseMark />}
      </div>
      <p class="number">
        {words.state[alarm.state]} ({words.stateLetter(STATE_LETTER[alarm.state])}, {words.occurrence(alarm.occurrence)}
        ){onset_ms !== null && ` · ${words.onset} ${format.instant(onset_ms, now_ms)}`}
        {hasPeak && ` · ${words.peak} ${format.inUnit(alarm.peak!, alarm.unit)}`}
        {rule !== null && ` · ${rule}`}
      </p>
      {lateViews(alarm).map((late) => (
        <p key={late.occurrence} class="late number">
          {words.late(format.instant(late.onset_ms, now_ms), format.instant(late.learned_ms, now_ms))}
        </p>
      ))}
    </div>
  )
}
