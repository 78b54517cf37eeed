/**
 * Registers side by side as everything they could be: hex, 16-bit numbers, 32 bits in the four orders, 64 bits in the six.
 * What looks like a measurement is marked; which reading is right, the manual and the person say.
 */
import { ORDERS, type Order, type PointType } from '../../domain/model.ts'
import { rawValueOf } from '../../edge/raw-value.ts'
import type { Missing, Seen } from './read.ts'

type Words = Seen['words']

/**
 * A number of the size that sensors give: not so small that it is a misread exponent, not so large that it is two misread
 * words. Zero is no evidence for any order, so it is not marked.
 */
export const isPlausible = (value: number): boolean => Math.abs(value) >= 1e-4 && Math.abs(value) <= 1e6

/** Value of the registers from `address`, or `undefined` where one of them was not read. */
export function valueAt(words: Words, address: number, type: PointType, order?: Order): number | undefined {
  let whole = true
  const value = rawValueOf({ table: 'holding', address, type, ...(order && { order }) })((at) => {
    const word = words.get(at)
    if (word === undefined) whole = false
    return word ?? 0
  })
  return whole ? value : undefined
}

function shown(value: number | undefined, digits: number): string {
  if (value === undefined) return ''
  // Beyond that nobody reads a digit: the size alone says that it is a misread order.
  if (Math.abs(value) > 1e10 || (value !== 0 && Math.abs(value) < 1e-4)) return value.toExponential(2)
  return `${Number(value.toPrecision(digits))}${isPlausible(value) ? '*' : ''}`
}

const NUMBER = 15
const hex = (word: number): string => `0x${word.toString(16).toUpperCase().padStart(4, '0')}`
const right = (texts: readonly string[], width: number): string => texts.map((text) => text.padStart(width)).join('')

/** Lines of a table: a row for each register, holes between them. */
export function registerTable(seen: Seen): string[] {
  const orders = ORDERS[2]
  const head = ['float32 ', 'int32 '].flatMap((type) => orders.map((order) => `${type}${order}`))
  const lines = [`${'address'.padStart(7)}${right(['hex', 'int16', 'uint16'], 8)}${right(head, NUMBER)}`]
  return [...lines, ...rows(seen, (address) => registerRow(seen.words, address))]
}

function registerRow(words: Words, address: number): string {
  const word = words.get(address)!
  const small = [hex(word), String((word << 16) >> 16), String(word)]
  const wide = (['float32', 'int32'] as const).flatMap((type) =>
    ORDERS[2].map((order) => shown(valueAt(words, address, type, order), type === 'float32' ? 7 : 10)),
  )
  return `${String(address).padStart(7)}${right(small, 8)}${right(wide, NUMBER)}`.trimEnd()
}

/** The same registers as 64-bit values, for every address from which four were read. */
export function wideTable(seen: Seen): string[] {
  const head = ['float64', 'int64'].flatMap((type) => ORDERS[4].map((order) => `${type} ${order}`))
  const lines = [`${'address'.padStart(7)}${right(head, 24)}`]
  const whole = {
    ...seen,
    words: new Map([...seen.words].filter(([at]) => valueAt(seen.words, at, 'int64') !== undefined)),
  }
  const row = (address: number) => {
    const values = (['float64', 'int64'] as const).flatMap((type) =>
      ORDERS[4].map((order) => shown(valueAt(seen.words, address, type, order), 15)),
    )
    return `${String(address).padStart(7)}${right(values, 24)}`.trimEnd()
  }
  return [...lines, ...rows({ ...whole, missing: [] }, row)]
}

/** Bits of a bit table, sixteen a line. */
export function bitTable(seen: Seen): string[] {
  const lines: string[] = []
  const addresses = [...seen.words.keys()].sort((a, b) => a - b)
  for (let i = 0; i < addresses.length; ) {
    const from = addresses[i]!
    let bits = ''
    while (i < addresses.length && addresses[i] === from + bits.length && bits.length < 16)
      bits += seen.words.get(addresses[i++]!)
    lines.push(`${String(from).padStart(7)}  ${bits.replace(/(.{4})(?=.)/g, '$1 ')}`)
  }
  return [...lines, ...seen.missing.map(missingLine)]
}

function rows({ words, missing }: Seen, row: (address: number) => string): string[] {
  const lines = [
    ...[...words.keys()].map((address) => [address, row(address)] as const),
    ...missing.map((hole) => [hole.from, missingLine(hole)] as const),
  ]
  return lines.sort(([a], [b]) => a - b).map(([, line]) => line)
}

const missingLine = ({ from, to, reason, detail }: Missing): string =>
  `${(from === to ? String(from) : `${from}-${to}`).padStart(7)}  ${reason === 'exception-2' ? 'hole' : 'not read'}: ${detail} (${reason})`
