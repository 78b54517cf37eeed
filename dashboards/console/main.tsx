/** Starts the console and puts it on the page. */
import { render } from 'preact'
import { AppContext } from './components/app-context.ts'
import { Console } from './components/console.tsx'
import { startConsole } from './service.ts'

render(
  <AppContext.Provider value={startConsole()}>
    <Console />
  </AppContext.Provider>,
  document.getElementById('app')!,
)
