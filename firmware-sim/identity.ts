/**
 * What a device says it is: read device identification, function 43 with MEI type 14 (Modbus Application Protocol 1.1b3,
 * 6.21). Basic and regular categories, as a stream or one object at a time; there is no extended category.
 */
import {
  ILLEGAL_DATA_ADDRESS,
  ILLEGAL_DATA_VALUE,
  ILLEGAL_FUNCTION,
  type ModbusException,
  type SimulatedDevice,
} from './device.ts'

const MEI_READ_DEVICE_IDENTIFICATION = 14
/** Regular identification, stream access and individual access (table of conformity levels). */
const CONFORMITY = 0x82
/** PDU of 253 bytes less the seven before the first object. */
const OBJECTS_MAX_BYTES = 253 - 7
/** Revision of the simulated devices' register behaviour; counted up when a register changes its meaning. */
export const FIRMWARE_REVISION = '1.0'

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (c) => (c.charCodeAt(0) < 128 ? c.charCodeAt(0) : 63))

/** Objects by id: 0-2 basic, 3-6 regular. Texts beyond 64 characters are cut, others than ASCII show as `?`. */
const objectsOf = ({ id, model }: SimulatedDevice): ReadonlyMap<number, Uint8Array> =>
  new Map(
    (
      [
        [0, 'Plumbline'],
        [1, model.id],
        [2, FIRMWARE_REVISION],
        [4, model.name],
        [5, model.id],
        [6, id],
      ] as const
    ).map(([object, text]) => [object, ascii(text.slice(0, 64))]),
  )

/** Reply PDU, or exception 1 (another MEI type), 2 (no such object) or 3 (no such access code, wrong length). */
export function identityPdu(device: SimulatedDevice, pdu: Uint8Array): Uint8Array | ModbusException {
  if (pdu[1] !== MEI_READ_DEVICE_IDENTIFICATION) return { exception: ILLEGAL_FUNCTION }
  const [, , code = 0, object = 0] = pdu
  if (pdu.length !== 4 || code < 1 || code > 4) return { exception: ILLEGAL_DATA_VALUE }
  const objects = objectsOf(device)
  const head = [43, MEI_READ_DEVICE_IDENTIFICATION, code, CONFORMITY]
  if (code === 4) {
    const value = objects.get(object)
    if (value === undefined) return { exception: ILLEGAL_DATA_ADDRESS }
    return Uint8Array.of(...head, 0, 0, 1, object, value.length, ...value)
  }
  const last = code === 1 ? 2 : 6
  // An object id that the category does not have starts it from its beginning (6.21, "Object Id").
  const from = object <= last && objects.has(object) ? object : 0
  return Uint8Array.of(...head, ...stream(objects, from, last))
}

/** More follows, next object id, number of objects, objects: as many whole ones as fit. */
function stream(objects: ReadonlyMap<number, Uint8Array>, from: number, last: number): number[] {
  const body: number[] = []
  let count = 0
  for (const [id, value] of objects) {
    if (id < from || id > last) continue
    if (body.length + 2 + value.length > OBJECTS_MAX_BYTES) return [0xff, id, count, ...body]
    body.push(id, value.length, ...value)
    count++
  }
  return [0, 0, count, ...body]
}
