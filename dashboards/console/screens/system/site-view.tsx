/** The site as the desk runs it, and whether every edge node runs the same file. */
import { useApp, useSpeech, useWords } from '../../components/app-context.ts'
import { HealthMark } from '../../components/marks.tsx'
import { words as WORDS } from './words.ts'

export function SiteView() {
  const app = useApp()
  const { words } = useSpeech()
  const own = useWords(WORDS)
  const site = app.site.value
  if (site === null) return <p class="panel muted">{words.siteNotLoaded}</p>
  const nodes = [...app.live.value.nodes.values()]
  const { limits, ...rest } = site
  return (
    <section class="panel" aria-labelledby="site-title">
      <h2 id="site-title">{own.running_}</h2>
      <p class="muted">{own.siteWhat}</p>
      <p>
        {own.siteHash}: <code class="secret">{site.hash}</code>
      </p>
      <ul class="plain-list">
        {nodes.map((node) => (
          <li key={node.id}>
            <strong>{words.node(node.id)}</strong>
            {node.state !== 'online' && <HealthMark kind={node.state} />}
            <span class={node.site_hash_agrees === true ? '' : 'unknown'}>
              {node.site_hash_agrees === null
                ? own.nodeUnknown
                : node.site_hash_agrees
                  ? own.nodeAgrees
                  : own.nodeDiffers}
            </span>
          </li>
        ))}
      </ul>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long line scrolls, and must do so by keyboard as well */}
      <pre class="code" tabIndex={0}>
        {JSON.stringify(rest, null, 2)}
      </pre>
      <h3>{own.limits}</h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long line scrolls, and must do so by keyboard as well */}
      <pre class="code" tabIndex={0}>
        {JSON.stringify(limits, null, 2)}
      </pre>
    </section>
  )
}
