/** The process of `site-apart.ts`: reads the site that its argument names, tells it or what is wrong with it, and ends. */
import { PlumblineError } from '../domain/errors.ts'
import { readSite } from './load-site.ts'
import type { SiteAnswer } from './site-apart.ts'

const tell = (answer: SiteAnswer): void => {
  process.send!(answer, undefined, undefined, () => process.disconnect())
}

try {
  tell({ site: await readSite(process.argv[2]!) })
} catch (error) {
  if (!(error instanceof PlumblineError)) throw error
  tell({ code: error.code, detail: error.message.slice(error.code.length + 2) })
}
