/** The voice for screen readers: polite for the list, assertive for critical alarms and a lost line. Not visible. */
import { useApp, useSpeech } from './app-context.ts'

export function Announcer() {
  const app = useApp()
  const { words } = useSpeech()
  const { polite, assertive } = app.voice.announcement.value
  const lost = app.link.value.state === 'lost'
  return (
    <>
      <div class="unseen" role="log" aria-live="polite" aria-relevant="additions text">
        {polite}
      </div>
      <div class="unseen" role="alert" aria-live="assertive">
        {lost ? words.announceLost : assertive}
      </div>
    </>
  )
}
