/** When the site was last backed up whole: written beside the series by the backup, read by whoever asks how the store stands. */
import { join } from 'node:path'
import { type Instant, instant } from '../../domain/time.ts'
import { readFileIfThere, writeFileDurably } from '../../runtime/atomic-file.ts'

const NAME = 'last-backup.json'

export const noteBackup = (folder: string, at: Instant, to: string): Promise<void> =>
  writeFileDurably(join(folder, NAME), `${JSON.stringify({ at_ns: String(at), to })}\n`)

/** `undefined` where there was none, or nobody can tell any more. */
export async function lastBackup(folder: string): Promise<Instant | undefined> {
  const bytes = await readFileIfThere(join(folder, NAME)).catch(() => undefined)
  const at_ns = /"at_ns":"(-?\d{1,19})"/.exec(bytes?.toString('utf8') ?? '')?.[1]
  return at_ns === undefined ? undefined : instant(BigInt(at_ns))
}
