/** Files that a person chose, as the desk takes them: name and bytes in base64. */
import type { RecordingFile } from '../../../domain/simulator-control.ts'

export const readFiles = (files: FileList | null): Promise<RecordingFile[]> =>
  Promise.all([...(files ?? [])].map(async (file) => ({ name: file.name, base64: await base64Of(file) })))

/** The browser encodes: `data:…;base64,` stands before it. */
function base64Of(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader()
    reader.onload = () => resolve(String(reader.result).replace(/^[^,]*,/, ''))
    reader.onerror = () => reject(reader.error ?? new Error(file.name))
    reader.readAsDataURL(file)
  })
}
