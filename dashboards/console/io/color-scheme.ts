/** Tells when the look changes under a canvas: light or dark, and the width of an element. */

export function onSchemeChange(fn: () => void): () => void {
  const dark = matchMedia('(prefers-color-scheme: dark)')
  dark.addEventListener('change', fn)
  return () => dark.removeEventListener('change', fn)
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
