/** InfluxDB line protocol: how names and values are written. Which names there are is left to `points.ts`. */

/** Tag values and keys of tags and fields: comma, equals sign and space are escaped, the rest stands as it is. */
export const escapeKey = (text: string): string => text.replace(/[,= ]/g, '\\$&')

/** A string field in its quotes. */
export const stringField = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`

export const integerField = (value: number | bigint): string => `${value}i`

/** Tags in order of their keys, as the server keeps them; an empty tag is no tag. */
export function tagSet(tags: Readonly<Record<string, string>>): string {
  return Object.keys(tags)
    .sort()
    .filter((key) => tags[key] !== '')
    .map((key) => `,${escapeKey(key)}=${escapeKey(tags[key]!)}`)
    .join('')
}

export function line(head: string, fields: Readonly<Record<string, string | undefined>>, t_ns: bigint): string {
  let text = ''
  for (const [key, value] of Object.entries(fields))
    if (value !== undefined) text += `${text === '' ? ' ' : ','}${escapeKey(key)}=${value}`
  return `${head}${text} ${t_ns}`
}

/**
 * Whether a text can be a tag value or a field key. A line break ends the line, and a backslash at the end would escape
 * what follows; no server has a spelling for either.
 */
export const canBeKey = (text: string): boolean =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  !/[\u0000-\u001f\u007f]|\\$|\\[,= ]/.test(text) && text.length <= 4096
