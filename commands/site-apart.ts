/**
 * Reads a site in a process of its own that then ends. Checking a site file takes schemas and their library, some 20 MB that an
 * edge node, which runs for years beside other programs, would never use again.
 */
import { fork } from 'node:child_process'
import { join } from 'node:path'
import type { Site } from '../domain/channel.ts'
import { type ErrorCode, PlumblineError } from '../domain/errors.ts'

/** What that process tells (`site-reader.ts`). */
export type SiteAnswer = { readonly site: Site } | { readonly code: ErrorCode; readonly detail: string }

/** @throws PlumblineError SITE_UNREADABLE, SITE_INVALID, MODEL_INVALID */
export async function readSiteApart(path: string): Promise<Site> {
  const reader = fork(join(import.meta.dirname, 'site-reader.ts'), [path], {
    // Maps and undefined come as they are.
    serialization: 'advanced',
    execArgv: ['--disable-warning=ExperimentalWarning'],
  })
  const answer = await new Promise<SiteAnswer>((resolve, reject) => {
    reader.once('message', (message) => resolve(message as SiteAnswer))
    reader.once('error', reject)
    reader.once('exit', (code, signal) => reject(new Error(`the site was not read: ${signal ?? `exit code ${code}`}`)))
  })
  if ('site' in answer) return answer.site
  throw new PlumblineError(answer.code, answer.detail)
}
