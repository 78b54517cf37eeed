/**
 * The look of the page: puts the chosen theme on the document (`auto` follows the machine), and tells when the look
 * changes under a canvas, or the width of an element.
 */
import type { Theme } from '../state/preferences.ts'

const darkQuery = () => matchMedia('(prefers-color-scheme: dark)')

export function showTheme(theme: Theme): void {
  document.documentElement.dataset.theme = theme === 'auto' ? (darkQuery().matches ? 'dark' : 'light') : theme
}

/** Calls `fn` when the machine changes between light and dark; returns the stop. */
export function onMachineScheme(fn: () => void): () => void {
  const dark = darkQuery()
  dark.addEventListener('change', fn)
  return () => dark.removeEventListener('change', fn)
}

/** Calls `fn` when the theme on the document changes, and when it goes to paper or comes back. */
export function onSchemeChange(fn: () => void): () => void {
  const observer = new MutationObserver(fn)
  observer.observe(document.documentElement, { attributeFilter: ['data-theme'] })
  const print = matchMedia('print')
  print.addEventListener('change', fn)
  return () => {
    observer.disconnect()
    print.removeEventListener('change', fn)
  }
}

/** Calls `fn` with the element's width in CSS pixels now and whenever it changes. */
export function onWidth(element: Element, fn: (width: number) => void): () => void {
  const observer = new ResizeObserver((entries) => {
    const width = entries[0]?.contentRect.width
    if (width !== undefined && width > 0) fn(Math.floor(width))
  })
  observer.observe(element)
  return () => observer.disconnect()
}
