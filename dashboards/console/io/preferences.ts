/** What this browser remembers between visits. Storage may be forbidden; then nothing is remembered and nothing breaks. */

export function remembered(key: string): string | null {
  try {
    return localStorage.getItem(`plumbline.${key}`)
  } catch {
    return null
  }
}

export function remember(key: string, value: string): void {
  try {
    localStorage.setItem(`plumbline.${key}`, value)
  } catch {
    // Forbidden by the browser: the next visit starts with the browser's own language and the site's units.
  }
}
