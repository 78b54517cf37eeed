/**
 * The few SVG elements that a plot needs, as text: self-contained, no script, no font from elsewhere, every text escaped.
 * Where things stand on the page is left to the plots.
 */
export const INK = '#1b1f24'
export const FAINT = '#5b6470'
export const RULE = '#d5dae0'
/** Okabe and Ito's colours, told apart by colour-blind people too; dark ones first. */
export const COLOURS = ['#0072b2', '#d55e00', '#007a5a', '#b0508a', '#8a6d00', '#2f8fc4', '#555555'] as const
export const colourOf = (k: number): string => COLOURS[k % COLOURS.length]!

export type Attributes = Readonly<Record<string, string | number | undefined>>

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
/** Characters that XML 1.0 does not allow at all come out as U+FFFD: names of files may hold anything. */
export const escaped = (text: string): string =>
  text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones to be taken out
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])/g, '\ufffd')
    .replace(/[&<>"']/g, (c) => ESCAPES[c]!)

/** A coordinate: a hundredth of a pixel is finer than any screen. */
export const px = (value: number): string => String(Math.round(value * 100) / 100)

export function element(name: string, attributes: Attributes, content = ''): string {
  const list = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${typeof value === 'number' ? px(value) : escaped(value!)}"`)
    .join('')
  return content === '' ? `<${name}${list}/>` : `<${name}${list}>${content}</${name}>`
}

export type TextStyle = {
  readonly size?: number
  readonly fill?: string
  readonly anchor?: 'start' | 'middle' | 'end'
  readonly weight?: number
  /** White around the letters: readable on a trace. */
  readonly halo?: boolean
  readonly class?: string
}

export function text(x: number, y: number, words: string, style: TextStyle = {}): string {
  const { size = 12, fill = INK, anchor = 'start', weight, halo } = style
  const around = halo ? { stroke: '#fff', 'stroke-width': 3, 'stroke-linejoin': 'round', 'paint-order': 'stroke' } : {}
  return element(
    'text',
    { class: style.class, x, y, 'font-size': size, fill, 'text-anchor': anchor, 'font-weight': weight, ...around },
    escaped(words),
  )
}

export const line = (x1: number, y1: number, x2: number, y2: number, more: Attributes = {}): string =>
  element('line', { x1, y1, x2, y2, stroke: RULE, ...more })

export const rect = (x: number, y: number, width: number, height: number, more: Attributes): string =>
  element('rect', { x, y, width: Math.max(0, width), height: Math.max(0, height), ...more })

export const path = (d: string, more: Attributes): string =>
  d === '' ? '' : element('path', { d, fill: 'none', ...more })

export const circle = (cx: number, cy: number, r: number, more: Attributes): string =>
  element('circle', { cx, cy, r, ...more })

export const group = (attributes: Attributes, children: readonly string[]): string =>
  element('g', attributes, children.filter((child) => child !== '').join('\n'))

/** Words cut where a line of `width` ends; letters of this font are about half as wide as high. */
export function wrapped(words: string, width: number, size: number): string[] {
  const most = Math.max(20, Math.floor(width / (size * 0.52)))
  const lines: string[] = ['']
  for (const word of words.split(' ')) {
    const longer = lines.at(-1) === '' ? word : `${lines.at(-1)} ${word}`
    if (longer.length <= most) lines[lines.length - 1] = longer
    else lines.push(word)
  }
  return lines
}

export function page(width: number, height: number, title: string, about: string, children: readonly string[]): string {
  const content = [
    `<title>${escaped(title)}</title>`,
    `<desc>${escaped(about)}</desc>`,
    rect(0, 0, width, height, { fill: '#fff' }),
    ...children.filter((child) => child !== ''),
  ].join('\n')
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      viewBox: `0 0 ${px(width)} ${px(height)}`,
      width,
      height,
      role: 'img',
      'font-family': 'system-ui, "Segoe UI", "Helvetica Neue", Arial, "Noto Sans", sans-serif',
    },
    `\n${content}\n`,
  )}\n`
}
