/**
 * Steim-1 and Steim-2 decompression, SEED 2.4 manual (2012), Appendix B: 64-byte frames of sixteen 32-bit words; word 0
 * holds sixteen 2-bit codes, words 1 and 2 of the first frame the first and last sample, the rest differences.
 */

const FRAME_BYTES = 64

/** Raised with what was expected and what came; the caller knows file and byte. */
export type SteimFault = { readonly expected: string; readonly got: string }

type Emit = (difference: number) => void
type Packing = readonly [count: number, bits: number]

/** Steim-1: code 1 is four 8-bit differences, 2 two of 16 bits, 3 one of 32 bits. */
const STEIM1: readonly Packing[] = [
  [4, 8],
  [2, 16],
  [1, 32],
]
/** Steim-2, codes 2 and 3: the two highest bits of the word ("dnib") choose. */
const STEIM2: Readonly<Record<string, Packing>> = {
  '2.1': [1, 30],
  '2.2': [2, 15],
  '2.3': [3, 10],
  '3.0': [5, 6],
  '3.1': [6, 5],
  '3.2': [7, 4],
}

/**
 * `count` samples from the data of one record. The first difference leads from the record before and is not used; the
 * last sample must be the one that the first frame states (Xn), or the record is spoilt.
 */
export function steim(data: DataView, count: number, version: 1 | 2, little: boolean): Int32Array | SteimFault {
  if (count === 0) return new Int32Array(0)
  const frames = Math.floor(data.byteLength / FRAME_BYTES)
  if (frames < 1) return { expected: 'a Steim frame of 64 bytes', got: `${data.byteLength} bytes` }
  const out = new Int32Array(count)
  const [first, last] = [data.getInt32(4, little), data.getInt32(8, little)]
  let k = 0
  let value = 0
  const emit: Emit = (difference) => {
    if (k >= count) return
    // Differences wrap in 32 bits, as the encoder's did.
    value = k === 0 ? first : (value + difference) | 0
    out[k++] = value
  }
  for (let frame = 0; frame < frames && k < count; frame++) {
    const fault = readFrame(data, frame, version, little, emit)
    if (fault !== undefined) return fault
  }
  if (k < count) return { expected: `${count} samples`, got: `${k} samples in ${frames} frames` }
  if (out[count - 1] !== last)
    return { expected: `the last sample ${last} that the first frame states`, got: `${out[count - 1]}` }
  return out
}

function readFrame(data: DataView, frame: number, version: 1 | 2, little: boolean, emit: Emit): SteimFault | undefined {
  const at = frame * FRAME_BYTES
  const codes = data.getUint32(at, little)
  for (let word = 1; word < 16; word++) {
    const code = (codes >>> (30 - 2 * word)) & 3
    if (code === 0 || (frame === 0 && word < 3)) continue
    const packing = packingOf(data, at + 4 * word, code, version, little)
    if (packing === undefined)
      return { expected: 'a Steim-2 packing', got: `code ${code} in word ${word} of frame ${frame + 1}` }
    differences(data, at + 4 * word, packing, little, emit)
  }
  return undefined
}

function packingOf(data: DataView, at: number, code: number, version: 1 | 2, little: boolean): Packing | undefined {
  if (version === 1 || code === 1) return STEIM1[code - 1]
  return STEIM2[`${code}.${data.getUint32(at, little) >>> 30}`]
}

/** Two's complement, the earliest first: whole bytes and half words in the order of the file, bit fields from the top. */
function differences(data: DataView, at: number, [count, bits]: Packing, little: boolean, emit: Emit): void {
  if (bits === 8) for (let n = 0; n < 4; n++) emit(data.getInt8(at + n))
  else if (bits === 16) for (let n = 0; n < 2; n++) emit(data.getInt16(at + 2 * n, little))
  else if (bits === 32) emit(data.getInt32(at, little))
  else {
    const word = data.getUint32(at, little)
    for (let n = count - 1; n >= 0; n--) emit(((word >>> (n * bits)) << (32 - bits)) >> (32 - bits))
  }
}
