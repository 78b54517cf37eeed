/** Day lines that can no longer change, so that a day is read once; and one line is read at a time. */
import type { SeriesColumn } from '../../domain/ports.ts'

/** Four channels of a day in lines of half an hour. */
const LINES_MAX = 200

export class LineCache {
  readonly #lines = new Map<string, readonly SeriesColumn[]>()
  #turn: Promise<unknown> = Promise.resolve()

  read(
    read: () => Promise<readonly SeriesColumn[]>,
    { key, final }: { key: string; final: boolean },
  ): Promise<readonly SeriesColumn[]> {
    const known = this.#lines.get(key)
    if (known !== undefined) return Promise.resolve(known)
    const mine = this.#turn
      .catch(() => {})
      .then(async () => {
        const columns = await read()
        if (final) this.#lines.set(key, columns)
        if (this.#lines.size > LINES_MAX) this.#lines.delete(this.#lines.keys().next().value!)
        return columns
      })
    this.#turn = mine
    return mine
  }
}
