/** How the console becomes static files that the desk serves at `/`, and the page in the lobby at `/lobby/{structure}`. No plugin: JSX is compiled by Vite's own transform. */
import { join } from 'node:path'
import { defineConfig } from 'vite'

export default defineConfig({
  root: import.meta.dirname,
  publicDir: 'public',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    // The page works under `default-src 'self'`: nothing is inlined as data: and no inline script is written.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: [join(import.meta.dirname, 'index.html'), join(import.meta.dirname, 'lobby.html')],
    },
  },
})
