/** The files of a call to `replay`, read, and which device each is for, as the simulator wants to know it. */
import { readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { PlumblineError } from '../../domain/errors.ts'
import type { PlayRequest, RecordingFile } from '../../domain/simulator-control.ts'
import { readInputs } from '../analyze/inputs.ts'

/** As base64 below the 64 MiB that the simulator takes. */
export const FILES_BYTES_MAX = 47 * 1024 * 1024
export const FILES_MAX = 100

/** Files as named, or those of one folder: hidden ones, `*.md` and folders in it are passed over. */
export async function filesOf(words: readonly string[]): Promise<string[]> {
  const out: string[] = []
  for (const word of words) {
    const folder = (await stat(word).catch(() => undefined))?.isDirectory() === true
    if (folder && words.length > 1)
      throw new PlumblineError('USAGE', `expected files, or one folder alone, got ${word} among others`)
    out.push(...(folder ? await inFolder(word) : [word]))
  }
  return out
}

async function inFolder(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  const files = entries.filter((e) => e.isFile() && !/^\.|\.md$/i.test(e.name)).map((e) => join(folder, e.name))
  if (files.length === 0)
    throw new PlumblineError('RECORDING_INVALID', `${folder}: expected at least one file, got none`)
  return files.sort()
}

/** @throws PlumblineError RECORDING_INVALID, USAGE */
export async function requestFiles(paths: readonly string[]): Promise<RecordingFile[]> {
  if (paths.length > FILES_MAX)
    throw new PlumblineError('USAGE', `expected at most ${FILES_MAX} files, got ${paths.length}`)
  const inputs = await readInputs(paths)
  const bytes = inputs.reduce((sum, input) => sum + input.bytes.length, 0)
  if (bytes > FILES_BYTES_MAX)
    throw new PlumblineError('USAGE', `expected at most ${FILES_BYTES_MAX} bytes of recordings, got ${bytes}`)
  return inputs.map(({ name, bytes: data }) => ({ name: basename(name), base64: Buffer.from(data).toString('base64') }))
}

/**
 * `--as CHANNEL|DEVICE`, or for an array `--as DEVICE=FILE|STATION` for each.
 * @throws PlumblineError USAGE
 */
export function asOf(given: readonly string[]): PlayRequest['as'] {
  const [first] = given
  if (first !== undefined && given.length === 1 && !first.includes('=')) return first
  const pairs = given.map((text) => {
    const at = text.indexOf('=')
    const [device, file] = [text.slice(0, at), text.slice(at + 1)]
    if (at < 1 || file === '')
      throw new PlumblineError(
        'USAGE',
        `--as: expected one CHANNEL or DEVICE, or DEVICE=FILE|STATION for each, got "${text}"`,
      )
    return [basename(file), device] as const
  })
  const names = pairs.map(([file]) => file)
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined) throw new PlumblineError('USAGE', `--as: expected one device for ${twice}, got two`)
  return Object.fromEntries(pairs)
}
