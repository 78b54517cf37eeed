/** Shows the screen that the address asks for, loading it when it is first opened; says so while it cannot be loaded. */
import { type Signal, signal } from '@preact/signals'
import type { ComponentType } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { SCREENS, type ScreenProps } from '../screens/index.ts'
import type { Page } from '../state/route.ts'
import { useApp, useSpeech } from './app-context.ts'
import { FirstUser } from './first-user.tsx'

type Screen = ComponentType<ScreenProps>
/** Kept for the life of the page: a screen that was open once needs no network. */
const loaded = new Map<Page, Signal<Screen | 'loading' | 'failed'>>()

function screenOf(page: Page): Signal<Screen | 'loading' | 'failed'> {
  const known = loaded.get(page)
  if (known !== undefined) return known
  const state = signal<Screen | 'loading' | 'failed'>('loading')
  loaded.set(page, state)
  void load(page)
  return state
}

async function load(page: Page): Promise<void> {
  const state = loaded.get(page)!
  state.value = 'loading'
  state.value = await SCREENS[page]().then(
    (module) => module.default,
    () => 'failed',
  )
}

export function ScreenHost() {
  const app = useApp()
  const { words } = useSpeech()
  const route = app.route.value
  const main = useRef<HTMLElement>(null)
  const first = useRef(true)
  // A new screen is announced by its focus; the first one leaves the focus where the browser has it.
  useEffect(() => {
    if (!first.current) main.current?.focus()
    first.current = false
    scrollTo(0, 0)
  }, [route.page, route.id])
  return (
    <main ref={main} id="main" class={`screen screen-${route.page}`} tabIndex={-1}>
      {(route.page === 'first-user' || route.page === 'invitation') && (
        <FirstUser key={route.page} page={route.page} token={route.query.token ?? ''} />
      )}
      {route.page === 'unknown' && (
        <section class="panel">
          <h2>{words.noSuchPage}</h2>
          <p>
            <a class="button" href="#/">
              {words.page.overview}
            </a>
          </p>
        </section>
      )}
      {route.page !== 'first-user' && route.page !== 'invitation' && route.page !== 'unknown' && (
        <Shown page={route.page} />
      )}
    </main>
  )
}

function Shown({ page }: { page: Page }) {
  const app = useApp()
  const { words } = useSpeech()
  const state = screenOf(page).value
  if (state === 'loading') return <p class="panel muted">{words.screenLoading}</p>
  if (state === 'failed')
    return (
      <section class="panel">
        <p class="problem" role="alert">
          {words.screenFailed}
        </p>
        <div class="actions">
          <button type="button" class="button" onClick={() => void load(page)}>
            {words.tryAgain}
          </button>
        </div>
      </section>
    )
  const Screen = state
  return <Screen route={app.route.value} />
}
