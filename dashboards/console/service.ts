/**
 * The console's wiring: one `App` holds what the desk told (`live`), whether the line lives (`link`), the desk's clock,
 * the language and who is signed in, all as signals that the components read. Judging is `state/`'s (pure), the world is
 * `io/`'s, drawing is `charts/`' and `components/`'. A further page reads the same `App`.
 */
import { batch, computed, type ReadonlySignal, type Signal, signal } from '@preact/signals'
import type { AlarmJson } from '../../domain/alarm.ts'
import type { LiveEvent, SessionJson, SiteJson } from '../../domain/api.ts'
import { createFormat, type Format, type Language } from './format.ts'
import { firstLanguage, WORDS, type Words } from './i18n/index.ts'
import { type Answer, type Api, createApi, type Refusal } from './io/api-client.ts'
import { after, browserNow, every, retryDelay_ms } from './io/browser-clock.ts'
import { startLive } from './io/live-client.ts'
import { rememberedLanguage, rememberLanguage } from './io/preferences.ts'
import { createSeriesKeeper, type SeriesKeeper } from './series-keeper.ts'
import { highestSeen } from './state/alarms.ts'
import { type Announcement, announce, announceFirst, SILENCE } from './state/announce.ts'
import { type Failure, failureOf } from './state/commands.ts'
import { msOf } from './state/instants.ts'
import { deskNow_ms, type Link, linkAt, type Pulse } from './state/link.ts'
import { applyEvent, type LiveState, NOTHING_YET } from './state/live-state.ts'
import { type Route, routeOf } from './state/route.ts'

/** Changes of this long are one announcement: an earthquake raises many alarms at once. */
const ANNOUNCE_MS = 1000

export type AlarmCommand = 'acknowledge' | 'comment' | 'reset'
export type Dialog =
  | { readonly kind: 'sign-in'; readonly next: Dialog | null }
  | {
      readonly kind: 'command'
      readonly command: AlarmCommand
      readonly seen: AlarmJson
      readonly failure: Failure | null
    }

export type App = {
  readonly api: Api
  readonly site: ReadonlySignal<SiteJson | null>
  readonly live: ReadonlySignal<LiveState>
  readonly link: ReadonlySignal<Link>
  /** The desk's clock, in steps of a second. */
  readonly now_ms: ReadonlySignal<number>
  /** The desk's clock at this instant, for what moves with every frame. */
  deskNow_ms(): number
  readonly histories: SeriesKeeper
  readonly language: ReadonlySignal<Language>
  readonly words: ReadonlySignal<Words>
  readonly format: ReadonlySignal<Format>
  setLanguage(language: Language): void
  readonly session: Signal<SessionJson | null>
  /** The desk shows nothing of this site to whoever is not signed in. */
  readonly denied: ReadonlySignal<boolean>
  /** Somebody signed in: what was denied is asked for again. */
  signedIn(session: SessionJson): void
  readonly route: ReadonlySignal<Route>
  readonly announcement: ReadonlySignal<Announcement>
  readonly dialog: Signal<Dialog | null>
  /** Opens the dialog of a command; somebody who is not signed in is asked to sign in first. */
  ask(command: AlarmCommand, seen: AlarmJson): void
  /** Sends the command for exactly what was seen. */
  send(command: AlarmCommand, seen: AlarmJson, text: string): Promise<void>
}

export function startConsole(): App {
  const api = createApi()
  const opened = browserNow()
  const site = signal<SiteJson | null>(null)
  const live = signal<LiveState>(NOTHING_YET)
  const pulse = signal<Pulse | null>(null)
  const link = signal<Link>({ state: 'connecting', since: opened })
  const now_ms = signal(opened.wall_ms)
  const announcement = signal<Announcement>(SILENCE)
  const session = signal<SessionJson | null>(null)
  const denied = signal(false)
  const dialog = signal<Dialog | null>(null)
  const route = signal<Route>(routeOf(location.hash))
  const language = signal<Language>(firstLanguage(rememberedLanguage(), navigator.languages))
  const words = computed(() => WORDS[language.value])
  const format = computed(() => createFormat(language.value, site.value?.time_zone ?? 'UTC'))
  const deskNow = () => deskNow_ms(pulse.value, browserNow())
  const histories = createSeriesKeeper(api, deskNow)

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

  const onEvent = (event: LiveEvent) =>
    batch(() => {
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
      step()
    })

  let announced: LiveState | null = null
  let announced_mono_ms = 0
  /** What stands there is said at once; after that the changes of a second together. */
  const speak = (mono_ms: number) => {
    if (!live.value.known || (announced !== null && mono_ms - announced_mono_ms < ANNOUNCE_MS)) return
    const said = announced
      ? announce(announced.alarms, live.value.alarms, words.value)
      : announceFirst(live.value.alarms, words.value)
    announced = live.value
    announced_mono_ms = mono_ms
    if (said.polite !== '' || said.assertive !== '') announcement.value = said
  }
  const step = () =>
    batch(() => {
      const now = browserNow()
      const before = link.value.state
      link.value = linkAt(pulse.value, opened, now)
      // Lost, or no longer allowed to see it? The answer to a plain question tells.
      if (link.value.state === 'lost' && before !== 'lost') {
        loadSite()
        announcement.value = SILENCE
      }
      if (link.value.state === 'live' && before === 'lost')
        announcement.value = { polite: words.value.announceBack, assertive: '' }
      speak(now.mono_ms)
      const second_ms = Math.floor(deskNow_ms(pulse.value, now) / 1000) * 1000
      if (second_ms === now_ms.value) return
      now_ms.value = second_ms
      histories.everySecond()
    })

  const line = startLive(onEvent)
  every(250, step)
  addEventListener('hashchange', () => {
    route.value = routeOf(location.hash)
  })

  return {
    api,
    site,
    live,
    link,
    now_ms,
    deskNow_ms: deskNow,
    histories,
    language,
    words,
    format,
    setLanguage: (next) => {
      language.value = next
      rememberLanguage(next)
    },
    session,
    denied,
    signedIn: (next) => {
      session.value = next
      if (link.value.state === 'live') return
      loadSite()
      line.retryNow()
    },
    route,
    announcement,
    dialog,
    ask: (command, seen) => {
      const wanted: Dialog = { kind: 'command', command, seen, failure: null }
      dialog.value = session.value?.user == null ? { kind: 'sign-in', next: wanted } : wanted
    },
    send: async (command, seen, text) => {
      const answer = await sendCommand(api, command, seen, text)
      const open = dialog.value
      if (open?.kind !== 'command' || open.seen !== seen) return
      if (answer.ok) {
        // The row itself changes when the live line says so: an answer may be older than what the line has told since.
        dialog.value = null
        return
      }
      const asked = answer.status === 409 ? await api.alarms() : undefined
      const latest = asked?.ok ? asked.value.alarms.find((a) => a.id === seen.id) : undefined
      const failure = failureOf(answer, seen, latest)
      const again: Dialog = { kind: 'command', command, seen: latest ?? seen, failure }
      if (failure.kind === 'sign-in') session.value = null
      dialog.value = failure.kind === 'sign-in' ? { kind: 'sign-in', next: { ...again, failure: null } } : again
    },
  }
}

function sendCommand(api: Api, command: AlarmCommand, seen: AlarmJson, text: string): Promise<Answer<AlarmJson>> {
  const comment = text.trim()
  if (command === 'comment') return api.comment(seen.id, comment)
  if (command === 'reset') return api.reset(seen.id, seen.etag)
  return api.acknowledge(seen.id, {
    occurrence: highestSeen(seen),
    etag: seen.etag,
    ...(comment === '' ? {} : { comment }),
  })
}

/** Asks until there is an answer; asking again meanwhile starts over instead of asking twice. */
function keepLoading<T>(
  ask: () => Promise<Answer<T>>,
  use: (value: T) => void,
  onRefusal: (refusal: Refusal) => void = () => {},
): () => void {
  let attempt = 0
  let round = 0
  let cancel = () => {}
  const load = async (mine: number): Promise<void> => {
    const answer = await ask()
    if (mine !== round) return
    if (answer.ok) {
      attempt = 0
      use(answer.value)
    } else {
      onRefusal(answer)
      cancel = after(retryDelay_ms(attempt), () => void load(mine))
      attempt += 1
    }
  }
  return () => {
    cancel()
    round += 1
    void load(round)
  }
}
