/** The way between the screens: a row on top, and on a phone a bar at the bottom where the thumb is. */
import { useState } from 'preact/hooks'
import { needsAnswer } from '../state/alarms.ts'
import { href, PAGES, type Page } from '../state/route.ts'
import { useApp, useSpeech } from './app-context.ts'

/** In the bar of a phone; the others stand behind “More”. */
const AT_HAND: ReadonlySet<Page> = new Set(['overview', 'alarms', 'water', 'building'])

export function Navigation() {
  const { words } = useSpeech()
  const [open, setOpen] = useState(false)
  const close = () => setOpen(false)
  return (
    <nav class={`navigation${open ? ' is-open' : ''}`} aria-label={words.navigation}>
      <ul>
        {PAGES.map((page) => (
          <li key={page} class={AT_HAND.has(page) ? '' : 'is-more'}>
            <PageLink page={page} onClick={close} />
          </li>
        ))}
        <li class="more">
          <button type="button" aria-expanded={open} onClick={() => setOpen(!open)}>
            <span class="nav-sign" aria-hidden="true">
              ⋯
            </span>
            {words.more}
          </button>
        </li>
      </ul>
    </nav>
  )
}

/** Shapes, so that a page is known without reading: none of them means a state. */
const SIGN: Readonly<Record<Page, string>> = {
  overview: '▦',
  alarms: '△',
  water: '≈',
  building: '▤',
  waveforms: '∿',
  drills: '⟲',
  system: '⚙',
}

function PageLink({ page, onClick }: { page: Page; onClick: () => void }) {
  const app = useApp()
  const { words } = useSpeech()
  const here = app.route.value.page === page
  const waiting = page === 'alarms' ? [...app.live.value.alarms.values()].filter(needsAnswer).length : 0
  return (
    <a href={href(page)} aria-current={here ? 'page' : undefined} onClick={onClick}>
      <span class="nav-sign" aria-hidden="true">
        {SIGN[page]}
      </span>
      {words.page[page]}
      {waiting > 0 && (
        <span class="nav-count">
          {waiting}
          <span class="unseen"> {words.waitingAlarms}</span>
        </span>
      )}
    </a>
  )
}
