/**
 * Numbers as Prometheus text (exposition format 0.0.4): a page of counters, gauges and histograms, and the counting of
 * durations into buckets. What is counted is each service's own, serving it is `metrics-server.ts`.
 */

export type HistogramState = {
  readonly bounds_s: readonly number[]
  /** By bucket, not added up: one more than there are bounds. */
  readonly counts: readonly number[]
  readonly sum_s: number
  readonly count: number
}

/** Counts durations into buckets. */
export class Histogram {
  readonly #bounds_s: readonly number[]
  readonly #counts: number[]
  #sum_s = 0
  #count = 0

  constructor(bounds_s: readonly number[]) {
    this.#bounds_s = bounds_s
    this.#counts = new Array(bounds_s.length + 1).fill(0)
  }

  /** A duration equal to a bound belongs to the bucket below it, as in Prometheus (`le`). */
  add(seconds: number): void {
    const found = this.#bounds_s.findIndex((bound) => seconds <= bound)
    const at = found < 0 ? this.#bounds_s.length : found
    this.#counts[at]!++
    this.#sum_s += seconds
    this.#count++
  }

  state(): HistogramState {
    return { bounds_s: this.#bounds_s, counts: [...this.#counts], sum_s: this.#sum_s, count: this.#count }
  }
}

export const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

export type Labels = Readonly<Record<string, string>>
type Kind = 'counter' | 'gauge' | 'histogram'

export class Page {
  readonly #lines: string[] = []

  family(name: string, kind: Kind, help: string, samples: Iterable<readonly [Labels, number | undefined]>): void {
    this.#head(name, kind, help)
    for (const [labels, value] of samples) if (value !== undefined) this.#sample(name, labels, value)
  }

  histogram(name: string, help: string, samples: Iterable<readonly [Labels, HistogramState]>): void {
    this.#head(name, 'histogram', help)
    for (const [labels, { bounds_s, counts, sum_s, count }] of samples) {
      let below = 0
      bounds_s.forEach((bound, i) => {
        below += counts[i] ?? 0
        this.#sample(`${name}_bucket`, { ...labels, le: String(bound) }, below)
      })
      this.#sample(`${name}_bucket`, { ...labels, le: '+Inf' }, count)
      this.#sample(`${name}_sum`, labels, sum_s)
      this.#sample(`${name}_count`, labels, count)
    }
  }

  #head(name: string, kind: Kind, help: string): void {
    this.#lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${kind}`)
  }
  #sample(name: string, labels: Labels, value: number): void {
    const inner = Object.entries(labels).map(([key, text]) => `${key}="${escaped(text)}"`)
    this.#lines.push(`${name}${inner.length === 0 ? '' : `{${inner.join(',')}}`} ${value}`)
  }

  toString(): string {
    return `${this.#lines.join('\n')}\n`
  }
}

const escaped = (text: string): string => text.replace(/["\\\n]/g, (c) => (c === '\n' ? '\\n' : `\\${c}`))
