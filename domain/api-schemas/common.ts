/** Schemas that several routes share: instants, names, flags. */
import Type, { type TProperties, type TSchema } from 'typebox'
import { ROLES } from '../roles.ts'

/** An object of exactly these members. */
export const Closed = <P extends TProperties>(properties: P, options: object = {}) =>
  Type.Object(properties, { ...options, additionalProperties: false })

export const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])

/** Decimal text: JSON numbers do not hold nanoseconds. */
export const Ns = Type.String({ pattern: '^-?\\d{1,19}$', description: 'UTC nanoseconds since 1970, decimal.' })
export const NsOrNull = Nullable(Ns)
/** As a person writes it. */
export const InstantText = Type.String({
  minLength: 1,
  maxLength: 64,
  description: 'ISO 8601 with zone, or UTC nanoseconds since 1970.',
})
export const Etag = Type.String({ minLength: 1, maxLength: 32, description: 'As the alarm was seen.' })
export const RoleName = Type.Enum([...ROLES])
export const Nothing = Closed({})
export const Line = (maxLength: number) => Type.String({ minLength: 1, maxLength })
export const NumberOrNull = Nullable(Type.Number())
export const TextOrNull = Nullable(Type.String())
