/** Site, connection, the desk's time, sound, language, settings and who is signed in; below it the way between screens. */
import { useApp, useSpeech } from './app-context.ts'
import { Navigation } from './navigation.tsx'
import { SoundButton } from './sound-button.tsx'

export function TopBar() {
  const app = useApp()
  const { words, format } = useSpeech()
  const link = app.link.value.state
  const now_ms = app.now_ms.value
  return (
    <header class="top-bar">
      <h1>
        <a href="#/">{app.site.value?.name ?? 'Plumbline'}</a>
      </h1>
      <p class="top-link">
        <span class={`mark link-mark link-${link}`}>
          {link === 'live' ? words.live : link === 'lost' ? words.lostTitle : words.connecting}
        </span>
        {link === 'live' && (
          <span class="desk-time">
            {words.deskTime('')}
            <time class="number">{`${format.clock(now_ms)} ${format.offset(now_ms)}`}</time>
          </span>
        )}
      </p>
      <div class="top-actions">
        <SoundButton />
        <button
          type="button"
          class="button"
          lang={app.language.value === 'en' ? 'zh-TW' : 'en'}
          onClick={() => app.prefer({ language: app.language.value === 'en' ? 'zh-TW' : 'en' })}
        >
          {words.otherLanguage}
        </button>
        <button
          type="button"
          class="button"
          onClick={() => {
            app.dialog.value = { kind: 'settings' }
          }}
        >
          {words.settings}
        </button>
        <SessionButtons />
      </div>
      <Navigation />
    </header>
  )
}

function SessionButtons() {
  const app = useApp()
  const { words } = useSpeech()
  const user = app.session.value?.user
  const signOut = async () => {
    const answer = await app.api.signOut()
    if (answer.ok) app.session.value = answer.value
  }
  if (user == null)
    return (
      <button
        type="button"
        class="button"
        onClick={() => {
          app.dialog.value = { kind: 'sign-in', next: null }
        }}
      >
        {words.signIn}
      </button>
    )
  return (
    <>
      <span class="signed-in">
        <span>{words.signedInAs(user.name)}</span> <span class="muted">({words.role[user.role]})</span>
      </span>
      <button type="button" class="button" onClick={() => void signOut()}>
        {words.signOut}
      </button>
    </>
  )
}
