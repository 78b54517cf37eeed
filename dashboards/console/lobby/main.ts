/**
 * The page in the lobby, `/lobby/{structure}`: one large sentence in both languages. It holds the live line by itself and
 * goes on telling, with the age of what it knows, while the network is down. No framework: a weak panel keeps it for years.
 */
import type { SiteJson } from '../../../domain/api.ts'
import { createFormat, type Language } from '../format.ts'
import { WORDS } from '../i18n/index.ts'
import { createApi } from '../io/api-client.ts'
import { browserNow, every } from '../io/browser-clock.ts'
import { onMachineScheme, showTheme } from '../io/color-scheme.ts'
import { startLive } from '../io/live-client.ts'
import { keepLoading } from '../io/loading.ts'
import { msOf } from '../state/instants.ts'
import { deskNow_ms, linkAt, type Pulse } from '../state/link.ts'
import { applyEvent, NOTHING_YET } from '../state/live-state.ts'
import { lobbySays } from '../state/lobby.ts'
import { structureView } from '../state/structure.ts'

/** Letters of a sentence from which on both languages fit on a screen only in smaller type. */
const LONG = 90

const LANGUAGES: readonly Language[] = ['zh-TW', 'en']
const structure = decodeURIComponent(location.pathname.split('/')[2] ?? '')
const opened = browserNow()
let site: SiteJson | null = null
let live = NOTHING_YET
let pulse: Pulse | null = null

const page = document.getElementById('lobby')!
const make = (tag: string, name: string, lang?: Language) => {
  const element = document.createElement(tag)
  element.className = name
  if (lang !== undefined) element.lang = lang
  page.append(element)
  return element
}
const exercise = make('p', 'lobby-exercise')
exercise.textContent = `EXERCISE / ${WORDS['zh-TW'].exercise}`
const title = make('h1', 'lobby-title')
const said = LANGUAGES.map((language) => ({
  language,
  text: make('p', 'lobby-said', language),
  age: make('p', 'lobby-age', language),
}))

/** Changes the page only where it differs: a screen reader hears what changed, and nothing else. */
const put = (element: HTMLElement, text: string) => {
  if (element.textContent !== text) element.textContent = text
}

function draw(): void {
  const now = browserNow()
  const now_ms = Math.floor(deskNow_ms(pulse, now) / 1000) * 1000
  const link = linkAt(pulse, opened, now)
  const known = site?.structures.find((s) => s.id === structure)
  const view = known && site && structureView(known, site, live, now_ms)
  exercise.hidden = !(view?.exercise || live.drill !== null)
  put(title, known?.name ?? site?.name ?? 'Plumbline')
  document.title = `${known?.name ?? structure} · Plumbline`
  for (const { language, text, age } of said) {
    const format = createFormat(language, site?.time_zone ?? 'UTC')
    const one = lobbySays(site, structure, live, link, now_ms, { words: WORDS[language], format })
    put(text, one.text)
    put(age, one.age)
    page.className = `lobby lobby-${one.tone}`
  }
  page.classList.toggle('is-long', Math.max(...said.map(({ text }) => text.textContent.length)) > LONG)
}

const loadSite = keepLoading(createApi().site, (value) => {
  site = value
  draw()
})
showTheme('auto')
onMachineScheme(() => showTheme('auto'))
startLive((event) => {
  live = applyEvent(live, event)
  if (event.event === 'snapshot' || event.event === 'tick')
    pulse = { desk_ms: msOf(event.data.now_ns), at: browserNow() }
  if (event.event === 'snapshot') loadSite()
})
page.setAttribute('aria-live', 'polite')
every(500, draw)
draw()
