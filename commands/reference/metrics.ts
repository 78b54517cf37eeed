/** The page of the metrics, `docs/reference/metrics.md`: read off the very pages that the services serve. Pure. */

export type Family = {
  readonly name: string
  readonly kind: string
  readonly help: string
  readonly labels: readonly string[]
}

/** Families of a page in the text format of Prometheus, in its order. */
export function familiesOf(page: string): Family[] {
  const found = new Map<string, { kind: string; help: string; labels: Set<string> }>()
  let current = ''
  for (const line of page.split('\n')) {
    const [, what, name, rest] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? []
    if (what === 'HELP') {
      current = name!
      found.set(current, { kind: '', help: rest!, labels: new Set() })
    }
    if (what === 'TYPE') found.get(name!)!.kind = rest!
    else
      for (const [, label] of line.matchAll(/[{,](\w+)="/g)) if (label !== 'le') found.get(current)?.labels.add(label!)
  }
  return [...found].map(([name, { kind, help, labels }]) => ({ name, kind, help, labels: [...labels] }))
}

const HEAD = `# Metrics

Made by \`./plumbline generate\` from the pages that the services serve. Each service has a door of its own where the site file says
\`metrics: { port: … }\` (\`broker\`, \`nodes[]\`, \`ingest\`, \`desk\`, \`sim\`), on loopback unless \`host\` says otherwise:

- \`/metrics\`: the numbers, in the text format of Prometheus (0.0.4);
- \`/livez\`: 200 while the process answers;
- \`/readyz\`: 200 while the service can do its work, else 503, as JSON with one entry for each thing that it needs and why it is not there.

\`./plumbline healthcheck URL\` asks \`/readyz\` and ends with 0 or 3. The desk serves \`/livez\` and \`/readyz\` on its own port, too.
[Example configuration and alert rules](../../deploy/prometheus/) stand in \`deploy/prometheus/\`.

The pages are written by \`runtime/prometheus.ts\`, without a client library: a page is made when it is asked for from counts that the
rooms keep anyway, so that nothing is counted twice and a polled edge node pays nothing between two scrapes; \`promtool check metrics\`
judges every page in CI. Names are stable within a major version; a change stands in the changelog under "Breaking".
`

export function metricsReference(pages: ReadonlyMap<string, string>): string {
  const section = ([title, page]: [string, string]) =>
    `## ${title}\n\n| name | kind | labels | what it is |\n|---|---|---|---|\n${familiesOf(page)
      .map(
        ({ name, kind, labels, help }) =>
          `| \`${name}\` | ${kind} | ${labels.map((l) => `\`${l}\``).join(' ')} | ${help} |`,
      )
      .join('\n')}\n`
  return [HEAD, ...[...pages].map(section)].join('\n')
}
