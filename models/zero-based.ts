/**
 * The one place where `address_base` is subtracted: inside the system every address is as on the wire, from 0. A manual's
 * "register 27" and its "address 26" then give the same model, and the same site hash.
 */
import type { Model } from '../domain/model.ts'

/** The same map with addresses from 0 and without `address_base`, so that nobody can subtract it again. */
export function zeroBased({ address_base: base = 0, ...model }: Model): Model {
  if (base === 0) return model
  const at = <T extends { address: number }>(place: T): T => ({ ...place, address: place.address - base })
  const { points, ring, fifo, info, holes } = model
  return {
    ...model,
    ...(points && {
      points: points.map((point) => ({
        ...at(point),
        ...(point.status && { status: at(point.status) }),
        ...(point.unit_register && { unit_register: at(point.unit_register) }),
      })),
    }),
    ...(ring && {
      ring: { ...ring, header_address: ring.header_address - base, samples_address: ring.samples_address - base },
    }),
    ...(fifo && {
      fifo: { ...fifo, header_address: fifo.header_address - base, pointer_address: fifo.pointer_address - base },
    }),
    ...(info && { info: info.map(at) }),
    ...(holes && { holes: holes.map((hole) => ({ ...hole, from: hole.from - base, to: hole.to - base })) }),
  }
}
