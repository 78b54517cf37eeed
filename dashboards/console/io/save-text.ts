/** Hands a text to the browser as a file to keep. */
import { after } from './browser-clock.ts'

export function saveText(name: string, text: string, type = 'text/csv'): void {
  const url = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  // The browser reads it after this call.
  after(10_000, () => URL.revokeObjectURL(url))
}
