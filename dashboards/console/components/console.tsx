/** The frame of every page: banners, top bar, the page the address asks for, dialogs and the voice for screen readers. */
import { useSignalEffect } from '@preact/signals'
import { needsAnswer } from '../state/alarms.ts'
import { Announcer } from './announcer.tsx'
import { useApp, useSpeech } from './app-context.ts'
import { ExerciseBanner, LostBanner } from './banners.tsx'
import { CommandDialog } from './command-dialog.tsx'
import { FirstUser } from './first-user.tsx'
import { Overview } from './overview.tsx'
import { SignInDialog } from './sign-in.tsx'
import { TopBar } from './top-bar.tsx'

export function Console() {
  const app = useApp()
  const { words } = useSpeech()
  useSignalEffect(() => {
    document.documentElement.lang = app.language.value
    // The tab tells in the background: how many alarms wait, or that nothing is known.
    const waiting = [...app.live.value.alarms.values()].filter(needsAnswer).length
    const sign = app.link.value.state === 'lost' ? '(?) ' : waiting > 0 ? `(${waiting}) ` : ''
    document.title = `${sign}${app.site.value?.name ?? 'Plumbline'} · Plumbline`
  })
  const lost = app.link.value.state === 'lost'
  const dialog = app.dialog.value
  const site = app.site.value
  return (
    <div class={`console${lost ? ' is-lost' : ''}`}>
      <button type="button" class="button skip" onClick={focusAlarms}>
        {words.skipToAlarms}
      </button>
      <ExerciseBanner />
      <TopBar />
      <LostBanner />
      {app.route.value.page === 'first-user' ? <FirstUser token={app.route.value.token} /> : <Overview />}
      {site && <footer class="footer">{words.footer(site.software, site.hash.slice(0, 12))}</footer>}
      {dialog?.kind === 'command' && <CommandDialog dialog={dialog} />}
      {dialog?.kind === 'sign-in' && <SignInDialog next={dialog.next} />}
      <Announcer />
    </div>
  )
}

const focusAlarms = () => document.getElementById('alarms')?.focus()
