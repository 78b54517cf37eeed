/** CAP messages: drafts that a person releases or withdraws, and what went out. */
import { useState } from 'preact/hooks'
import type { CapJson } from '../../../../domain/api-desk.ts'
import { useApp, useSpeech, useWords } from '../../components/app-context.ts'
import { Await, useAsked } from '../../components/asked.tsx'
import { DialogFrame } from '../../components/dialog-frame.tsx'
import { ExerciseMark } from '../../components/marks.tsx'
import { Problem } from '../../components/problem.tsx'
import { failureText, isOffered } from '../../state/commands.ts'
import { msOf } from '../../state/instants.ts'
import { words as WORDS } from './words.ts'

const ASK_MS = 10_000

type Wanted = { readonly action: 'release' | 'withdraw'; readonly cap: CapJson }

export function CapList() {
  const app = useApp()
  const own = useWords(WORDS)
  const asked = useAsked(() => app.api.get<{ alerts: CapJson[] }>('/cap'), [], ASK_MS)
  const [wanted, setWanted] = useState<Wanted | null>(null)
  return (
    <section class="panel" aria-labelledby="cap-title">
      <h2 id="cap-title">{own.list.cap}</h2>
      <p class="muted">{own.capAbout}</p>
      <Await asked={asked}>
        {({ alerts }) =>
          alerts.length === 0 ? (
            <p>{own.capNone}</p>
          ) : (
            <ul class="alarm-rows">
              {alerts.map((cap) => (
                <Cap key={cap.id} cap={cap} onWant={(action) => setWanted({ action, cap })} />
              ))}
            </ul>
          )
        }
      </Await>
      {wanted !== null && (
        <CapDialog
          wanted={wanted}
          onClose={() => {
            setWanted(null)
            asked.again()
          }}
        />
      )}
    </section>
  )
}

function Cap({ cap, onWant }: { cap: CapJson; onWant: (action: Wanted['action']) => void }) {
  const app = useApp()
  const { format } = useSpeech()
  const own = useWords(WORDS)
  const isDraft = cap.status === 'Draft' && cap.withdrawn_by === null
  const may = isOffered(app.session.value, 'operator') && app.session.value?.user != null
  return (
    <li class={`alarm${isDraft ? ' is-open' : ''}`}>
      <div class="alarm-head">
        <span class={`mark cap-${cap.status.toLowerCase()}`}>{own.capStatus[cap.status]}</span>
        <h3>{cap.headline[app.language.value]}</h3>
        {cap.exercise && <ExerciseMark />}
      </div>
      <p class="muted number">
        {own.capType[cap.msg_type]} · {cap.identifier} · {format.instant(msOf(cap.sent_ns), app.now_ms.value)}
      </p>
      {cap.unconfirmed && <p class="unknown">{own.unconfirmed}</p>}
      {cap.released_by !== null && <p>{own.releasedBy(cap.released_by)}</p>}
      {cap.withdrawn_by !== null && <p>{own.withdrawnBy(cap.withdrawn_by)}</p>}
      <div class="actions">
        {isDraft && may && (
          <button type="button" class="button is-primary" onClick={() => onWant('release')}>
            {own.release}
          </button>
        )}
        {cap.withdrawn_by === null && may && (
          <button type="button" class="button" onClick={() => onWant('withdraw')}>
            {own.withdraw}
          </button>
        )}
        <a class="button" href={`/cap/${encodeURIComponent(cap.id)}.xml`}>
          {own.xml}
        </a>
      </div>
    </li>
  )
}

function CapDialog({ wanted: { action, cap }, onClose }: { wanted: Wanted; onClose: () => void }) {
  const app = useApp()
  const { words } = useSpeech()
  const own = useWords(WORDS)
  const [comment, setComment] = useState('')
  const [problem, setProblem] = useState('')
  const [busy, setBusy] = useState(false)
  const name = app.session.value?.user?.name ?? ''
  const submit = async () => {
    if (busy) return
    setBusy(true)
    const text = comment.trim()
    const body = { etag: cap.etag, ...(text !== '' && { comment: text }) }
    const answer = await app.api.send<CapJson>('POST', `/cap/${encodeURIComponent(cap.id)}/${action}`, body)
    setBusy(false)
    if (answer.ok) onClose()
    else
      setProblem(
        answer.status === 0
          ? failureText({ kind: 'unreachable' }, words)
          : failureText({ kind: 'refused', message: answer.message }, words),
      )
  }
  return (
    <DialogFrame
      title={action === 'release' ? own.releaseTitle : own.withdrawTitle}
      onClose={onClose}
      onSubmit={() => void submit()}
    >
      <p class="seen">
        {cap.headline[app.language.value]} {cap.exercise && <ExerciseMark />}
      </p>
      {cap.unconfirmed && <p class="unknown">{own.unconfirmed}</p>}
      <Problem text={problem} />
      <label class="field">
        {own.comment}
        <textarea
          rows={3}
          maxLength={2000}
          value={comment}
          onInput={(event) => setComment(event.currentTarget.value)}
        />
      </label>
      <div class="actions">
        <button type="submit" class="button is-primary" disabled={busy} data-first="">
          {action === 'release' ? own.releaseAs(name) : own.withdrawAs(name)}
        </button>
        <button type="button" class="button" onClick={onClose}>
          {words.cancel}
        </button>
      </div>
    </DialogFrame>
  )
}
