/**
 * A Dockerfile as its stages and steps, as far as ours goes, and which files `.dockerignore` keeps out. Pure: replaying the steps is the
 * rehearsal's, building the engine's.
 */

export type Step = { readonly word: string; readonly rest: string }
export type Stage = { readonly from: string; readonly name: string; readonly steps: readonly Step[] }

/** Stages in order; the last goes by no name. */
export function stagesOf(text: string): Stage[] {
  const lines = text
    .split('\n')
    .filter((line) => !/^\s*(#|$)/.test(line))
    .join('\n')
    .replaceAll('\\\n', '')
    .split('\n')
  const stages: Array<{ from: string; name: string; steps: Step[] }> = []
  for (const line of lines) {
    const [, word, rest] = /^([A-Z]+)\s+(.*)$/.exec(line.trim()) ?? []
    if (word === undefined) throw new Error(`expected an instruction, got ${JSON.stringify(line)}`)
    const [, from, name = ''] = word === 'FROM' ? (/^(\S+)(?:\s+AS\s+(\S+))?$/.exec(rest!) ?? []) : []
    if (from !== undefined) stages.push({ from, name, steps: [] })
    else stages.at(-1)!.steps.push({ word, rest: rest! })
  }
  return stages
}

/** What `COPY a b c` copies and where to; `from` is a stage. */
export function copyOf(rest: string): { from: string | undefined; sources: string[]; to: string } {
  const words = rest.split(/\s+/)
  const flags = words.filter((word) => word.startsWith('--'))
  const paths = words.filter((word) => !word.startsWith('--'))
  return {
    from: flags.find((flag) => flag.startsWith('--from='))?.slice('--from='.length),
    sources: paths.slice(0, -1),
    to: paths.at(-1)!,
  }
}

/** Whether a file is kept out: itself or a folder above it. `**` stands for any folders; there are no exceptions (`!`). */
export function ignores(text: string): (path: string) => boolean {
  const patterns = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => new RegExp(`^${globOf(line)}(/|$)`))
  return (path) => patterns.some((pattern) => pattern.test(path))
}

const globOf = (line: string): string =>
  line
    .replace(/\/$/, '')
    .split('**/')
    .map((part) => part.replace(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('*', '[^/]*'))
    .join('(?:[^/]+/)*')
