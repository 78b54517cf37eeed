/** One play of a recording: where it stands, and the hand on it: pause, go on, jump, stop. */
import { useState } from 'preact/hooks'
import type { PlayStatus, Steer } from '../../../../domain/simulator-control.ts'
import { useSpeech, useWords } from '../../components/app-context.ts'
import { words as WORDS } from './words.ts'

export function PlayRow({ play, onSteer }: { play: PlayStatus; onSteer: (steer: Steer) => void }) {
  const { words, format } = useSpeech()
  const own = useWords(WORDS)
  const [to_s, setTo] = useState('0')
  const time = (s: number) => format.duration(s * 1000)
  return (
    <li>
      <strong>{play.name}</strong>
      <span class="muted number">
        {play.devices.join(words.listJoin)} · {own.state[play.state]} ·{' '}
        {own.position(time(play.position_s), time(play.length_s))} · ×{play.speed}
      </span>
      {play.state !== 'ended' && (
        <>
          <button
            type="button"
            class="button"
            onClick={() => onSteer({ action: play.state === 'paused' ? 'resume' : 'pause' })}
          >
            {play.state === 'paused' ? own.resume : own.pause}
            <span class="unseen"> {play.name}</span>
          </button>
          <button type="button" class="button" onClick={() => onSteer({ action: 'stop' })}>
            {own.stop}
            <span class="unseen"> {play.name}</span>
          </button>
          <form
            class="actions"
            onSubmit={(event) => {
              event.preventDefault()
              onSteer({ action: 'seek', position_s: Number(to_s) })
            }}
          >
            <label class="field is-inline">
              {own.seekTo}
              <input
                required
                type="number"
                min={0}
                max={play.length_s}
                step="any"
                value={to_s}
                onInput={(event) => setTo(event.currentTarget.value)}
              />
            </label>
            <button type="submit" class="button">
              {own.seek}
              <span class="unseen"> {play.name}</span>
            </button>
          </form>
        </>
      )}
    </li>
  )
}
