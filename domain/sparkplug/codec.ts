/**
 * Sparkplug B payload bytes to and from values, our own down to the bytes: the npm Sparkplug packages decode
 * wrongly (DATA without datatype, UInt32).
 */
export { decodePayload } from './decode.ts'
export { encodeBefore, encodePayload } from './encode.ts'
export { type DatatypeOf, PayloadError } from './fields.ts'
