/**
 * How long a line of the log may be: what came from outside (an answer of a server, a body that is no JSON) must not fill the disk in a
 * few lines. A longer one stays JSON, with its texts cut and its true length beside them.
 */

/** Characters of a line, its break included. */
export const LINE_MAX = 4096
/** Of each text in a line that is too long. */
const TEXT_MAX = 300

/** @param line one JSON object and a line break */
export function boundedLine(line: string): string {
  if (line.length <= LINE_MAX) return line
  const fields = JSON.parse(line) as Record<string, unknown>
  const cut = Object.entries(fields).map(([key, value]) => [key.slice(0, TEXT_MAX), shortened(value)])
  const short = written({ ...Object.fromEntries(cut), cut_from: line.length })
  if (short.length <= LINE_MAX) return short
  // Too many fields: what everybody looks for first.
  const { level, at, message } = fields
  return written({ level, at, message: shortened(message), cut_from: line.length })
}

const written = (fields: object): string => `${JSON.stringify(fields)}\n`

function shortened(value: unknown): unknown {
  if (typeof value !== 'string' && (typeof value !== 'object' || value === null)) return value
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.length <= TEXT_MAX ? value : `${text.slice(0, TEXT_MAX)}…`
}
