/**
 * Sparkplug B payload bytes to and from values, our own on a protobuf wire runtime: the npm Sparkplug packages decode
 * wrongly (DATA without datatype, UInt32).
 */
export { decodePayload } from './decode.ts'
export { encodePayload } from './encode.ts'
export { type DatatypeOf, PayloadError } from './fields.ts'
