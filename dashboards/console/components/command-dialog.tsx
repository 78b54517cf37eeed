/** A command about one alarm, given as the signed-in person, for exactly the state that is shown here. */
import { useState } from 'preact/hooks'
import { STATE_LETTER } from '../../../domain/alarm.ts'
import { VALUE_KINDS } from '../../../domain/condition.ts'
import type { Dialog } from '../dialogs.ts'
import { lateViews } from '../state/alarms.ts'
import { type AlarmCommand, type CommandInput, failureText } from '../state/commands.ts'
import { msOrNull } from '../state/instants.ts'
import { ruleText } from '../state/rules.ts'
import { useApp, useSpeech } from './app-context.ts'
import { DialogFrame } from './dialog-frame.tsx'
import { ExerciseMark, PriorityMark } from './marks.tsx'

type CommandDialogState = Extract<Dialog, { kind: 'command' }>

const FIRST: CommandInput = { text: '', minutes: 30, one_shot: false, until_ms: null }

export function CommandDialog({ dialog }: { dialog: CommandDialogState }) {
  const app = useApp()
  const { words } = useSpeech()
  const [input, setInput] = useState(FIRST)
  const [busy, setBusy] = useState(false)
  const { command, seen, failure } = dialog
  const name = app.session.value?.user?.name ?? ''
  const say = words.command[command]
  const close = () => {
    app.dialog.value = null
  }
  const submit = async () => {
    if (busy || (TEXT[command] === 'needed' && input.text.trim() === '')) return
    setBusy(true)
    await app.send(command, seen, input)
    setBusy(false)
  }
  const typesFirst = TEXT[command] === 'needed'
  return (
    <DialogFrame title={say.title} onClose={close} onSubmit={() => void submit()}>
      <Seen alarm={seen} />
      {app.link.value.state === 'lost' && <p class="problem">{words.lostInDialog}</p>}
      {failure && (
        <p class="problem" role="alert">
          {failureText(failure, words)}
        </p>
      )}
      <p class="muted">{say.what}</p>
      {command === 'shelve' && <ShelveFields input={input} onInput={setInput} />}
      {command === 'out-of-service' && <UntilField input={input} onInput={setInput} />}
      <TextField command={command} input={input} onInput={setInput} />
      <div class="actions">
        <button type="submit" class="button is-primary" disabled={busy} data-first={typesFirst ? undefined : ''}>
          {say.as(name)}
        </button>
        <button type="button" class="button" onClick={close}>
          {words.cancel}
        </button>
      </div>
    </DialogFrame>
  )
}

/** Whether a command carries a text: putting an alarm aside always has a reason. */
const TEXT: Readonly<Record<AlarmCommand, 'needed' | 'may' | 'none'>> = {
  acknowledge: 'may',
  comment: 'needed',
  reset: 'none',
  shelve: 'needed',
  unshelve: 'none',
  'out-of-service': 'needed',
  'return-to-service': 'none',
}

type FieldProps = { input: CommandInput; onInput: (input: CommandInput) => void }

function TextField({ command, input, onInput }: FieldProps & { command: AlarmCommand }) {
  const { words } = useSpeech()
  const kind = TEXT[command]
  if (kind === 'none') return null
  const label =
    command === 'comment' ? words.commentLabel : kind === 'needed' ? words.reasonLabel : words.commentOptional
  return (
    <label class="field">
      {label}
      <textarea
        rows={3}
        maxLength={2000}
        value={input.text}
        required={kind === 'needed'}
        data-first={kind === 'needed' ? '' : undefined}
        onInput={(event) => onInput({ ...input, text: event.currentTarget.value })}
      />
    </label>
  )
}

const SHELVE_MIN = [5, 15, 30, 60, 120, 240, 480] as const

function ShelveFields({ input, onInput }: FieldProps) {
  const app = useApp()
  const { words, format } = useSpeech()
  const until_ms = app.now_ms.value + input.minutes * 60_000
  return (
    <>
      <label class="field">
        {words.shelveFor}
        <select
          value={String(input.minutes)}
          onChange={(event) => onInput({ ...input, minutes: Number(event.currentTarget.value) })}
        >
          {SHELVE_MIN.map((minutes) => (
            <option key={minutes} value={String(minutes)}>
              {format.span(minutes * 60_000)}
            </option>
          ))}
        </select>
      </label>
      <p class="muted number">{words.shelveUntil(format.instant(until_ms, app.now_ms.value))}</p>
      <label class="check">
        <input
          type="checkbox"
          checked={input.one_shot}
          onChange={(event) => onInput({ ...input, one_shot: event.currentTarget.checked })}
        />
        {words.shelveOneShot}
      </label>
    </>
  )
}

const SERVICE_H = [1, 4, 8, 24, 72, 168] as const

function UntilField({ input, onInput }: FieldProps) {
  const app = useApp()
  const { words, format } = useSpeech()
  const [hours, setHours] = useState('')
  const choose = (text: string) => {
    setHours(text)
    onInput({ ...input, until_ms: text === '' ? null : app.now_ms.value + Number(text) * 3600_000 })
  }
  return (
    <label class="field">
      {words.outOfServiceFor}
      <select value={hours} onChange={(event) => choose(event.currentTarget.value)}>
        <option value="">{words.untilReturned}</option>
        {SERVICE_H.map((h) => (
          <option key={h} value={String(h)}>
            {format.span(h * 3600_000)}
          </option>
        ))}
      </select>
    </label>
  )
}

/** The alarm as it will be answered. */
function Seen({ alarm }: { alarm: CommandDialogState['seen'] }) {
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
