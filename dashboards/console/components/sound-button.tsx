/** The sound of alarms: off until a person presses, then armed, and muted for ten minutes with the time left in sight. */
import { useApp, useSpeech } from './app-context.ts'

export function SoundButton() {
  const app = useApp()
  const { words, format } = useSpeech()
  const { voice } = app
  const mute = voice.mute.value
  if (!voice.armed.value)
    return (
      <button type="button" class="button sound sound-off" onClick={() => void voice.arm()}>
        <s aria-hidden="true">♪</s>&nbsp;
        {words.soundOff}
      </button>
    )
  if (mute !== null)
    return (
      <button type="button" class="button sound sound-muted" onClick={() => voice.unmute()}>
        {words.soundMuted(format.duration(mute.until_ms - app.now_ms.value))}
      </button>
    )
  return (
    <button type="button" class="button sound" onClick={() => voice.muteNow()}>
      <span aria-hidden="true">♪</span>&nbsp;
      {words.soundMute}
    </button>
  )
}
