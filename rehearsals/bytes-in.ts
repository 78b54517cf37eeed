/** How much lies in a folder. */
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** @returns bytes of all files in it and below that are `counted`; one that goes meanwhile counts nothing */
export function bytesIn(folder: string, counted: (name: string) => boolean = () => true): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && counted(entry.name))
    .reduce(
      (sum, { parentPath, name }) => sum + (statSync(join(parentPath, name), { throwIfNoEntry: false })?.size ?? 0),
      0,
    )
}
