/**
 * Values of a chunk, kept to the bit. Instruments give decimals, whole register steps or single precision; whichever form
 * gives back every single value is taken, and what fits none stands as it is, as planes of 64-bit floats.
 */
import type { ByteReader, ByteWriter } from './bytes.ts'
import { differences, readIntegers, summedUp, writeIntegers } from './integers.ts'

/** How a whole number becomes the value: by division, by multiplication (they differ in the last bit), or in single precision. */
const FORMS: ReadonlyArray<(steps: number, power: number) => number> = [
  (steps, power) => steps / 10 ** power,
  (steps, power) => steps * STEP[power]!,
  (steps, power) => Math.fround(steps / 10 ** power),
]
const STEP = [1, 0.1, 0.01, 0.001, 0.0001, 0.00001, 0.000001, 1e-7, 1e-8, 1e-9]
const POWERS_MAX = STEP.length - 1
const KIND = { steps: 0, single: 1, double: 2 } as const

export function writeValues(out: ByteWriter, values: Float64Array): void {
  const found = stepsOf(values)
  if (found !== undefined && writeSteps(out, found)) return
  if (values.every((value) => Object.is(Math.fround(value), value))) writeSingles(out, values)
  else writeDoubles(out, values)
}

export function readValues(from: ByteReader, n: number): Float64Array {
  switch (from.u8()) {
    case KIND.steps: {
      const [form, power] = [FORMS[from.u8()]!, from.u8()]
      const first = from.f64()
      const steps = summedUp(readIntegers(from, n))
      for (let i = 0; i < n; i++) steps[i] = form(steps[i]! + first, power)
      return steps
    }
    case KIND.single:
      return readSingles(from, n)
    case KIND.double:
      return readDoubles(from, n)
    default:
      throw new RangeError('values of an unknown kind')
  }
}

type Steps = { readonly form: number; readonly power: number; readonly steps: Float64Array }

function stepsOf(values: Float64Array): Steps | undefined {
  for (let power = 0; power <= POWERS_MAX; power++)
    for (let form = 0; form < FORMS.length; form++) {
      const steps = stepsIn(values, form, power)
      if (steps !== undefined) return { form, power, steps }
    }
  return undefined
}

function stepsIn(values: Float64Array, form: number, power: number): Float64Array | undefined {
  const make = FORMS[form]!
  const scale = 10 ** power
  const steps = new Float64Array(values.length)
  for (let i = 0; i < values.length; i++) {
    // Of -0 nothing but -0 itself would be left; it fits no form.
    const step = Math.round(values[i]! * scale) + 0
    if (Math.abs(step) > Number.MAX_SAFE_INTEGER / 4 || !Object.is(make(step, power), values[i])) return undefined
    steps[i] = step
  }
  return steps
}

function writeSteps(out: ByteWriter, { form, power, steps }: Steps): boolean {
  const first = steps[0] ?? 0
  const apart = differences(steps.map((step) => step - first))
  out.u8(KIND.steps)
  out.u8(form)
  out.u8(power)
  out.f64(first)
  return writeIntegers(out, apart)
}

/** Floats in the order of their values as integers, so that neighbours differ little; applied twice it gives the bits back. */
const ordered = (bits: number): number => (bits < 0 ? -2_147_483_649 - bits : bits)

function writeSingles(out: ByteWriter, values: Float64Array): void {
  const bits = new Int32Array(Float32Array.from(values).buffer)
  out.u8(KIND.single)
  writeIntegers(out, differences(Float64Array.from(bits, ordered)))
}

function readSingles(from: ByteReader, n: number): Float64Array {
  const bits = Int32Array.from(summedUp(readIntegers(from, n)), ordered)
  return Float64Array.from(new Float32Array(bits.buffer))
}

/** Each XOR the one before it, in planes of bytes. */
function writeDoubles(out: ByteWriter, values: Float64Array): void {
  const n = values.length
  const words = new Uint32Array(Float64Array.from(values).buffer)
  const bytes = new Uint8Array(8 * n)
  for (let i = 0; i < n; i++)
    for (let half = 0; half < 2; half++) {
      const word = words[2 * i + half]! ^ (i === 0 ? 0 : words[2 * i - 2 + half]!)
      for (let b = 0; b < 4; b++) bytes[(half * 4 + b) * n + i] = word >>> (8 * b)
    }
  out.u8(KIND.double)
  out.bytes(bytes)
}

function readDoubles(from: ByteReader, n: number): Float64Array {
  const bytes = from.bytes(8 * n)
  const words = new Uint32Array(2 * n)
  for (let i = 0; i < n; i++)
    for (let half = 0; half < 2; half++) {
      let word = i === 0 ? 0 : words[2 * i - 2 + half]!
      for (let b = 0; b < 4; b++) word ^= bytes[(half * 4 + b) * n + i]! << (8 * b)
      words[2 * i + half] = word
    }
  return new Float64Array(words.buffer)
}
