/** Secrets that a service is given as files: its MQTT password, read anew before every CONNECT, and the desk's first user. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PASSWORD_FILE } from '../domain/data-folder.ts'
import { PlumblineError } from '../domain/errors.ts'

/** @param file in place of the one in the folder */
export function passwordFrom(folder: string, user: string, file?: string): () => Promise<string> {
  const path = file ?? join(folder, PASSWORD_FILE)
  return async () => {
    try {
      return (await readFile(path, 'utf8')).trim()
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? String(error)
      throw new PlumblineError('PASSWORD_MISSING', `${path} (${code}), the password of ${user}`, { cause: error })
    }
  }
}

export type FirstUser = { readonly name: string; readonly passphrase: string }

/** @throws PlumblineError USAGE */
export async function firstUserFrom(path: string): Promise<FirstUser> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error)
    throw new PlumblineError('USAGE', `first user: ${path} cannot be read (${code})`, { cause: error })
  }
  const [name = '', passphrase = ''] = text.split('\n').map((line) => line.trim())
  if (name === '' || passphrase === '')
    throw new PlumblineError('USAGE', `first user: ${path}: expected a line with the name and one with the passphrase`)
  return { name, passphrase }
}
