/** What this browser remembers between visits. Storage may be forbidden; then nothing is remembered and nothing breaks. */
const LANGUAGE = 'plumbline.language'

export function rememberedLanguage(): string | null {
  try {
    return localStorage.getItem(LANGUAGE)
  } catch {
    return null
  }
}

export function rememberLanguage(language: string): void {
  try {
    localStorage.setItem(LANGUAGE, language)
  } catch {
    // Forbidden by the browser: the next visit starts with the browser's own language.
  }
}
