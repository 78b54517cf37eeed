/** What must be seen before anything else: that this is an exercise, and that the page no longer gets data. */
import { useApp, useSpeech } from './app-context.ts'

export function ExerciseBanner() {
  const app = useApp()
  const { words } = useSpeech()
  const { alarms, devices, drill } = app.live.value
  const exercise =
    app.site.value?.exercise ||
    drill !== null ||
    [...devices.values()].some((d) => d.simulated) ||
    [...alarms.values()].some((a) => a.exercise)
  if (!exercise) return null
  const someReal = [...devices.values()].some((d) => !d.simulated)
  return (
    <aside class="banner exercise-banner" aria-label="EXERCISE / 演習">
      <strong>EXERCISE / 演習</strong>{' '}
      {drill !== null && <span class="drill">{words.exerciseDrill(drill.name, drill.owner)} </span>}
      <span>{someReal ? words.exercisePart : words.exerciseBanner}</span>
    </aside>
  )
}

export function LostBanner() {
  const { words, format } = useSpeech()
  const app = useApp()
  const link = app.link.value
  if (link.state !== 'lost') return null
  if (app.denied.value)
    return (
      <aside class="banner lost-banner" aria-label={words.signInToSee}>
        <strong>{words.signInToSee}</strong> <span>{words.signInToSeeBody}</span>
      </aside>
    )
  const desk_ms = link.pulse?.desk_ms
  return (
    <aside class="banner lost-banner" aria-label={words.lostTitle}>
      <strong>{words.lostTitle}</strong>{' '}
      <span>
        {desk_ms === undefined
          ? words.lostNothing
          : words.lostBody(format.instant(desk_ms, desk_ms + link.for_ms), format.duration(link.for_ms))}
      </span>
    </aside>
  )
}
