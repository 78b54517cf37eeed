/** The frame of every screen: banners, top bar, the screen the address asks for, dialogs and the voice for screen readers. */
import { useSignalEffect } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { App } from '../service.ts'
import { needsAnswer } from '../state/alarms.ts'
import { Announcer } from './announcer.tsx'
import { useApp, useSpeech } from './app-context.ts'
import { ExerciseBanner, LostBanner } from './banners.tsx'
import { CommandDialog } from './command-dialog.tsx'
import { useRead } from './read.tsx'
import { ScreenHost } from './screen-host.tsx'
import { SettingsDialog } from './settings-dialog.tsx'
import { SignInDialog } from './sign-in.tsx'
import { TopBar } from './top-bar.tsx'

export function Console() {
  const app = useApp()
  const { words } = useSpeech()
  // By itself: each time it is set, even to what it is, the browser styles the whole page anew.
  useSignalEffect(() => {
    document.documentElement.lang = app.language.value
  })
  const title = useRead(() => titleOf(app), [app])
  useEffect(() => {
    document.title = title
  }, [title])
  const lost = app.link.value.state === 'lost'
  const dialog = app.dialog.value
  const site = app.site.value
  return (
    <div class={`console${lost ? ' is-lost' : ''}`}>
      <button type="button" class="button skip" onClick={() => document.getElementById('main')?.focus()}>
        {words.skipToMain}
      </button>
      <ExerciseBanner />
      <TopBar />
      <LostBanner />
      <ScreenHost />
      {site && <footer class="footer">{words.footer(site.software, site.hash.slice(0, 12))}</footer>}
      {dialog?.kind === 'command' && <CommandDialog dialog={dialog} />}
      {dialog?.kind === 'sign-in' && <SignInDialog next={dialog.next} />}
      {dialog?.kind === 'settings' && <SettingsDialog />}
      <Announcer />
    </div>
  )
}

/** The tab tells in the background: how many alarms wait, or that nothing is known. */
function titleOf(app: App): string {
  const waiting = [...app.live.value.alarms.values()].filter(needsAnswer).length
  const sign = app.link.value.state === 'lost' ? '(?) ' : waiting > 0 ? `(${waiting}) ` : ''
  const { page } = app.route.value
  const named =
    page === 'first-user' || page === 'invitation' || page === 'unknown' ? '' : `${app.words.value.page[page]} · `
  return `${sign}${named}${app.site.value?.name ?? 'Plumbline'} · Plumbline`
}
