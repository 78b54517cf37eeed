/** How much lies in a folder. */
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** @returns bytes of all files in it and below; one that goes meanwhile counts nothing */
export function bytesIn(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce(
      (sum, { parentPath, name }) => sum + (statSync(join(parentPath, name), { throwIfNoEntry: false })?.size ?? 0),
      0,
    )
}
