/** Gives every component the one `App`; who makes it is `main.tsx`. */
import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { Same, ScreenWords } from '../i18n/index.ts'
import type { App } from '../service.ts'
import type { Speech } from '../state/status-sentence.ts'

export const AppContext = createContext<App | null>(null)

export function useApp(): App {
  const app = useContext(AppContext)
  if (app === null) throw new Error('useApp outside of AppContext')
  return app
}

/** Words and format of the present language. */
export function useSpeech(): Speech {
  const app = useApp()
  return { words: app.words.value, format: app.format.value }
}

/** The present language's part of a screen's own words. */
export function useWords<T>(table: ScreenWords<T>): T | Same<T> {
  return table[useApp().language.value]
}
