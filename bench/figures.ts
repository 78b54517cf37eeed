/** What a service serves about itself at `/metrics`, as the rows count it. */

export type Figures = ReadonlyArray<{ readonly name: string; readonly labels: string; readonly value: number }>

export async function figures(port: number): Promise<Figures> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  return [...text.matchAll(/^(\w+)(?:\{(.*)\})? (\S+)$/gm)].map(([, name, labels, value]) => ({
    name: name!,
    labels: labels ?? '',
    value: Number(value),
  }))
}

export const sumOf = (samples: Figures, name: string, label = ''): number =>
  samples.filter((s) => s.name === name && s.labels.includes(label)).reduce((sum, { value }) => sum + value, 0)
