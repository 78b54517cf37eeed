/** What a simulated device says of itself in its information registers: its id, its model, the revision of its behaviour. */
import type { Info, Model } from '../domain/model.ts'
import { FIRMWARE_REVISION } from './identity.ts'
import { seedOf } from './noise.ts'
import { rawWords } from './words.ts'

/** The text of an entry, by what its name says it is; the device's id where the name says nothing known. */
function textOf(name: string, deviceId: string, model: Model): string {
  if (/firmware|software|version|revision/.test(name)) return FIRMWARE_REVISION
  if (/vendor|manufacturer|maker/.test(name)) return 'Plumbline'
  if (/model|product|type/.test(name)) return model.id
  return deviceId
}

/** A number of a device: as stable as its id, and never 0. */
function numberOf(name: string, deviceId: string, below: number): number {
  if (/serial|id$|number/.test(name)) return (seedOf(deviceId) % (below - 1)) + 1
  return 1
}

/** Registers of an entry: text as ASCII, two characters to a register, the rest 0; others than ASCII show as `?`. */
export function infoWords(info: Info, deviceId: string, model: Model): number[] {
  if (info.type === 'uint16') return rawWords({ ...info, type: 'uint16' }, numberOf(info.name, deviceId, 65_535))
  if (info.type === 'uint32') return rawWords({ ...info, type: 'uint32' }, numberOf(info.name, deviceId, 2 ** 32 - 1))
  if (info.type === 'bcd32') return rawWords({ ...info, type: 'bcd32' }, numberOf(info.name, deviceId, 99_999_999))
  const text = textOf(info.name, deviceId, model)
  const byte = (i: number): number => {
    const code = i < text.length ? text.charCodeAt(i) : 0
    return code < 128 ? code : 63
  }
  return Array.from({ length: info.registers ?? 1 }, (_, i) => {
    const [first, second] = [byte(2 * i), byte(2 * i + 1)]
    return info.order === 'BA' ? (second << 8) | first : (first << 8) | second
  })
}
