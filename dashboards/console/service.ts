/**
 * The console's wiring: one `App` holds what the desk told (`live`), whether the line lives (`link`), the desk's clock,
 * how the person wants to see it and who is signed in, all as signals that the components read. Judging is `state/`'s
 * (pure), the world is `io/`'s, drawing is `charts/`', `components/`' and `screens/`'. Every screen reads the same `App`.
 */
import { batch, computed, type ReadonlySignal, type Signal, signal } from '@preact/signals'
import type { LiveEvent, SessionJson, SiteJson } from '../../domain/api.ts'
import { createDialogs, type Dialogs } from './dialogs.ts'
import { createFormat, type Format, type Language } from './format.ts'
import { firstLanguage, WORDS, type Words } from './i18n/index.ts'
import { type Api, createApi } from './io/api-client.ts'
import { browserNow, every } from './io/browser-clock.ts'
import { inBunches } from './io/bunch.ts'
import { onMachineScheme, showTheme } from './io/color-scheme.ts'
import { startLive } from './io/live-client.ts'
import { keepLoading } from './io/loading.ts'
import { remember, remembered } from './io/preferences.ts'
import { createSeriesKeeper, type SeriesKeeper } from './series-keeper.ts'
import { msOf } from './state/instants.ts'
import { deskNow_ms, type Link, linkAt, type Pulse } from './state/link.ts'
import { applyEvent, type LiveState, NOTHING_YET } from './state/live-state.ts'
import { type Preferences, readPreferences, zoneOf } from './state/preferences.ts'
import { type Route, routeOf } from './state/route.ts'
import { createVoice, type Voice } from './voice.ts'

export type App = Dialogs & {
  readonly api: Api
  readonly site: ReadonlySignal<SiteJson | null>
  readonly live: ReadonlySignal<LiveState>
  readonly link: ReadonlySignal<Link>
  /** The desk's clock, in steps of a second. */
  readonly now_ms: ReadonlySignal<number>
  /** Noon of the present day in the zone shown: another once a day, for what says the day only of others. */
  readonly today_ms: ReadonlySignal<number>
  /** The desk's clock at this instant, for what moves with every frame. */
  deskNow_ms(): number
  readonly histories: SeriesKeeper
  readonly language: ReadonlySignal<Language>
  readonly words: ReadonlySignal<Words>
  readonly format: ReadonlySignal<Format>
  readonly preferences: ReadonlySignal<Preferences>
  prefer(change: Partial<Preferences>): void
  readonly session: Signal<SessionJson | null>
  /** The desk shows nothing of this site to whoever is not signed in. */
  readonly denied: ReadonlySignal<boolean>
  /** Somebody signed in: what was denied is asked for again. */
  signedIn(session: SessionJson): void
  readonly route: ReadonlySignal<Route>
  readonly voice: Voice
}

export function startConsole(): App {
  const api = createApi()
  const opened = browserNow()
  const site = signal<SiteJson | null>(null)
  const live = signal<LiveState>(NOTHING_YET)
  const pulse = signal<Pulse | null>(null)
  const link = signal<Link>({ state: 'connecting', since: opened })
  const now_ms = signal(opened.wall_ms)
  const session = signal<SessionJson | null>(null)
  const denied = signal(false)
  const route = signal<Route>(routeOf(location.hash))
  const { preferences, prefer } = createPreferences(session)
  const language = computed(() => preferences.value.language)
  const words = computed(() => WORDS[language.value])
  const format = computed(() => {
    const { clock, units } = preferences.value
    const local = new Intl.DateTimeFormat().resolvedOptions().timeZone
    return createFormat(language.value, zoneOf(clock, site.value?.time_zone ?? 'UTC', local), units)
  })
  const today = computed(() => format.value.day(now_ms.value))
  const today_ms = computed(() => format.value.fromField(`${today.value}T12:00`) ?? now_ms.peek())
  const deskNow = () => deskNow_ms(pulse.value, browserNow())
  const histories = createSeriesKeeper(api, deskNow)
  const voice = createVoice({ live, words, now_ms: deskNow })

  const loadSite = keepLoading(
    api.site,
    (value) => {
      site.value = value
      denied.value = false
    },
    ({ status }) => {
      denied.value = status === 401
    },
  )
  const loadSession = keepLoading(api.session, (value) => {
    session.value = value
  })

  const onEvent = (event: LiveEvent) => {
    const storeWasAway = !live.value.store_available
    live.value = applyEvent(live.value, event)
    if (event.event === 'snapshot' || event.event === 'tick')
      pulse.value = { desk_ms: msOf(event.data.now_ns), at: browserNow() }
    if (event.event === 'readings') histories.add(event.data)
    if (event.event === 'snapshot') {
      histories.add(event.data.readings)
      loadSite()
      loadSession()
    }
    if (event.event === 'snapshot' || (storeWasAway && live.value.store_available)) histories.reload()
  }
  const onEvents = inBunches((events: readonly LiveEvent[]) =>
    batch(() => {
      for (const event of events) onEvent(event)
      step()
    }),
  )

  const step = () =>
    batch(() => {
      const now = browserNow()
      const before = link.value.state
      link.value = linkAt(pulse.value, opened, now)
      // Lost, or no longer allowed to see it? The answer to a plain question tells.
      if (link.value.state === 'lost' && before !== 'lost') loadSite()
      voice.hear(link.value.state, before, now.mono_ms)
      const second_ms = Math.floor(deskNow_ms(pulse.value, now) / 1000) * 1000
      if (second_ms === now_ms.value) return
      now_ms.value = second_ms
      histories.everySecond()
    })

  const line = startLive(onEvents)
  every(250, step)
  addEventListener('hashchange', () => {
    route.value = routeOf(location.hash)
  })

  return {
    ...createDialogs(api, session),
    api,
    site,
    live,
    link,
    now_ms,
    today_ms,
    deskNow_ms: deskNow,
    histories,
    language,
    words,
    format,
    preferences,
    prefer,
    session,
    denied,
    signedIn: (next) => {
      session.value = next
      if (link.value.state === 'live') return
      loadSite()
      line.retryNow()
    },
    route,
    voice,
  }
}

/** Kept per person on this browser; who is not signed in has those of the browser. */
function createPreferences(session: Signal<SessionJson | null>) {
  const key = (name: string | undefined) => (name === undefined ? 'preferences' : `preferences.${name}`)
  const fallback = firstLanguage(null, navigator.languages)
  const ofBrowser = signal(remembered(key(undefined)))
  const ofPerson = signal<string | null>(null)
  const person = computed(() => session.value?.user?.name)
  person.subscribe((name) => {
    ofPerson.value = name === undefined ? null : remembered(key(name))
  })
  const preferences = computed(() => readPreferences(ofPerson.value ?? ofBrowser.value, fallback))
  preferences.subscribe(({ theme }) => showTheme(theme))
  onMachineScheme(() => showTheme(preferences.value.theme))
  return {
    preferences,
    prefer: (change: Partial<Preferences>) => {
      const text = JSON.stringify({ ...preferences.value, ...change })
      const name = person.value
      if (name !== undefined) {
        remember(key(name), text)
        ofPerson.value = text
      }
      // The browser keeps the newest as well: the page looks the same before somebody has signed in again.
      remember(key(undefined), text)
      ofBrowser.value = text
    },
  }
}
