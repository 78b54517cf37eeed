/**
 * What a server said when it did not do as asked: its reason in words, and which lines of a write it named. Source of the
 * three shapes: 1.x {error}; 2.x {code, message}; 3.x {error, data} with one line or a list of them.
 */

/** A line of the body that a server named: by its place (1 is the first), or by its text. */
export type Named = { readonly line_number?: number; readonly text?: string }
export type Said = { readonly why: string; readonly named: readonly Named[] }

type Line = { error_message?: string; line_number?: number }
type Body = { error?: string; message?: string; data?: Line | Line[] | null }

/** 1.x and 2.x: one such text for every line that they cannot read. */
const UNREADABLE = ["unable to parse '", "': "] as const
const WHY_MAX = 500

export function saidIn(body: string | undefined, otherwise: string): Said {
  let parsed: Body
  try {
    parsed = JSON.parse(body ?? '') as Body
  } catch {
    return { why: (body || otherwise || 'no reason').slice(0, WHY_MAX), named: [] }
  }
  const { error, message, data } = parsed
  const lines = data === undefined || data === null ? [] : Array.isArray(data) ? data : [data]
  const said = String(error ?? message ?? body)
  const why = [said, ...lines.slice(0, 3).map((line) => line.error_message)].filter(Boolean).join('; ')
  const named: Named[] = lines.flatMap(({ line_number }) => (line_number === undefined ? [] : [{ line_number }]))
  for (const line of said.split('\n')) {
    const from = line.indexOf(UNREADABLE[0]) + UNREADABLE[0].length
    const to = line.lastIndexOf(UNREADABLE[1])
    if (from >= UNREADABLE[0].length && to >= from) named.push({ text: line.slice(from, to) })
  }
  return { why: why.length > WHY_MAX ? `${why.slice(0, WHY_MAX)}...` : why, named }
}

/** Places in `lines` of what was named, ascending, each once. */
export function placesOf(named: readonly Named[], lines: readonly string[]): number[] {
  const places = named.map(({ line_number, text }) =>
    line_number === undefined ? lines.indexOf(text ?? '') : line_number - 1,
  )
  return [...new Set(places)].filter((i) => i >= 0 && i < lines.length).sort((a, b) => a - b)
}

/** "partial write: points beyond retention policy dropped=12": so many were too old. */
export function droppedAsOld(why: string): number {
  const found = /beyond retention policy dropped=(\d+)|dropped (\d+) points outside retention policy/.exec(why)
  return Number(found?.[1] ?? found?.[2] ?? 0)
}
