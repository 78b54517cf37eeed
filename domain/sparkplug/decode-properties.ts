/**
 * Property sets out of a payload. The values of one poll all say the same of when and how exactly: a set whose bytes repeat
 * those of the set before is that set.
 */
import { fieldsByNumber, type Raw, readRaw, toValue } from './decode-value.ts'
import { expectWire, type Field, PayloadError, PROPERTIES_WIRE, PROPERTY_FIELD, PROPERTY_WIRE } from './fields.ts'
import type { DataType, Properties, Property } from './payload.ts'
import type { WireReader } from './wire-reader.ts'

const PROPERTY_FIELDS = fieldsByNumber(PROPERTY_FIELD)

/** Of one payload. */
export class PropertySets {
  #last: Properties | undefined
  /** Where the bytes of it stand, their length before them: [from, to). */
  #from = 0
  #to = 0

  /** The set that begins here. @throws PayloadError, RangeError */
  next(r: WireReader): Properties {
    if (this.#last !== undefined && r.repeats(this.#from, this.#to)) return this.#last
    const from = r.at
    this.#last = readProperties(r)
    this.#from = from
    this.#to = r.at
    return this.#last
  }
}

/** Without a prototype of objects: a property may be called whatever it likes. */
const Bag = function Bag() {} as unknown as new () => Record<string, Property>
Bag.prototype = Object.create(null)

/**
 * Of the set that is being read (a property holds no other set), kept from one to the next: lists of its own would be most
 * of what a metric leaves behind. Of a longer set, read to its end or not, no more than so many stay.
 */
const KEPT_MAX = 16
const KEYS: string[] = []
const VALUES: Property[] = []

function readProperties(r: WireReader): Properties {
  const outer = r.enter()
  if (KEYS.length > KEPT_MAX || VALUES.length > KEPT_MAX) KEYS.length = VALUES.length = KEPT_MAX
  let [keys, values] = [0, 0]
  while (r.next()) {
    const { no, wire } = r
    expectWire(PROPERTIES_WIRE, no, wire)
    if (no === 1) KEYS[keys++] = r.text()
    else if (no === 2) VALUES[values++] = readProperty(r)
    else r.skip(wire, no)
  }
  r.leave(outer)
  if (keys !== values) throw new PayloadError(`property set: expected as many values as keys (${keys}), got ${values}`)
  const out = new Bag()
  for (let i = 0; i < keys; i++) out[KEYS[i]!] = VALUES[i]!
  return out
}

function readProperty(r: WireReader): Property {
  const outer = r.enter()
  let type: DataType = 0 as DataType
  let isNull = false
  let field: Field | undefined
  let raw: Raw | undefined
  while (r.next()) {
    const { no, wire } = r
    expectWire(PROPERTY_WIRE, no, wire)
    const holds = PROPERTY_FIELDS[no]
    if (holds !== undefined) {
      raw = readRaw(r, holds)
      field = holds
    } else if (no === 1) type = r.uint32() as DataType
    else if (no === 2) isNull = r.bool()
    else r.skip(wire, no)
  }
  r.leave(outer)
  return { type, value: isNull || field === undefined ? null : (toValue(field, raw!, type) as Property['value']) }
}
