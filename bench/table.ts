/** What the benchmark prints below a row: numbers short enough to read, columns under one another. Pure. */

export type Table = { readonly head: readonly string[]; readonly rows: ReadonlyArray<readonly string[]> }

export function show(value: number): string {
  // What rounds to a thousand: `toPrecision` would give it an exponent.
  return value >= 999.5 ? Math.round(value).toLocaleString('en') : value.toPrecision(3)
}

/** As Markdown, so that it can stand in docs/performance.md as printed: first column left, the others right. */
export function tableLines({ head, rows }: Table): string[] {
  const widths = head.map((title, c) => Math.max(3, title.length, ...rows.map((cells) => cells[c]?.length ?? 0)))
  const line = (cells: readonly string[]) => `| ${widths.map((w, c) => pad(cells[c] ?? '', w, c)).join(' | ')} |`
  const rule = widths.map((w, c) => (c === 0 ? '-'.repeat(w) : `${'-'.repeat(w - 1)}:`))
  return [line(head), `| ${rule.join(' | ')} |`, ...rows.map(line)]
}

const pad = (cell: string, width: number, column: number): string =>
  column === 0 ? cell.padEnd(width) : cell.padStart(width)
