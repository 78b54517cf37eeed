/** The site file as it is written, with its lines numbered, what a check of it says, and the line that the address names. */
import { useEffect, useRef } from 'preact/hooks'
import type { SiteFileJson } from '../../../../domain/api.ts'
import { useApp, useWords } from '../../components/app-context.ts'
import { Await, useAsked } from '../../components/asked.tsx'
import { href } from '../../state/route.ts'
import { words as WORDS } from './words.ts'

/** @param line from 1, as the address names it; shown, marked and scrolled to */
export function SiteFile({ line }: { line: number | null }) {
  const app = useApp()
  const own = useWords(WORDS)
  const asked = useAsked(() => app.api.get<SiteFileJson>('/site/file'), [])
  return (
    <section class="panel" aria-labelledby="file-title">
      <h2 id="file-title">{own.file}</h2>
      <Await asked={asked}>
        {(file) => (
          <>
            <p>
              <code>{file.path}</code>{' '}
              <span class={file.running ? 'muted' : 'unknown'}>{file.running ? own.fileRuns : own.fileChanged}</span>
            </p>
            <Report file={file} />
            <Text text={file.text} line={line} wrong={new Set(file.mistakes.map((m) => m.line))} />
          </>
        )}
      </Await>
    </section>
  )
}

function Report({ file: { mistakes, summary } }: { file: SiteFileJson }) {
  const own = useWords(WORDS)
  if (mistakes.length === 0)
    return (
      <p>
        {own.fileRight} <span class="muted">{summary}</span>
      </p>
    )
  return (
    <>
      <p class="problem">{own.fileWrong(String(mistakes.length))}</p>
      <ul class="plain-list">
        {mistakes.map((m) => (
          <li key={`${m.line} ${m.path} ${m.expected}`}>
            <a class="row-link" href={href('system', 'site', { line: String(m.line) })}>
              {own.fileLine(String(m.line))}
            </a>{' '}
            <span>
              <code>{m.path}</code>: {own.fileMistake(m.expected, m.got)}
            </span>
          </li>
        ))}
      </ul>
    </>
  )
}

type TextProps = { text: string; line: number | null; wrong: ReadonlySet<number> }

function Text({ text, line, wrong }: TextProps) {
  const own = useWords(WORDS)
  const marked = useRef<HTMLLIElement>(null)
  const lines = text.replace(/\n$/, '').split('\n')
  useEffect(() => marked.current?.scrollIntoView({ block: 'center' }), [line, text])
  const missing = line !== null && !(line >= 1 && line <= lines.length)
  return (
    <>
      {missing && <p class="unknown">{own.fileNoLine(String(line), String(lines.length))}</p>}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long file scrolls, and must do so by keyboard as well */}
      <ol class="code code-lines" tabIndex={0} aria-label={own.file}>
        {lines.map((one, i) => {
          const here = i + 1 === line
          const classes = [here ? 'is-marked' : '', wrong.has(i + 1) ? 'is-wrong' : ''].filter((c) => c !== '')
          return (
            <li
              key={i}
              ref={here ? marked : null}
              class={classes.join(' ')}
              aria-current={here ? 'location' : undefined}
            >
              {one === '' ? '\u00a0' : one}
            </li>
          )
        })}
      </ol>
    </>
  )
}
