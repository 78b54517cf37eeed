/** A client's MQTT password: a file that the broker makes at its first start, read anew before every CONNECT. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PASSWORD_FILE } from '../domain/data-folder.ts'
import { PlumblineError } from '../domain/errors.ts'

export function passwordFrom(folder: string, user: string): () => Promise<string> {
  const path = join(folder, PASSWORD_FILE)
  return async () => {
    try {
      return (await readFile(path, 'utf8')).trim()
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? String(error)
      throw new PlumblineError('PASSWORD_MISSING', `${path} (${code}), the password of ${user}`, { cause: error })
    }
  }
}
