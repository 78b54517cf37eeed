/** Building blocks of the scenario schema that every kind of action uses. What the actions are is `schema-*.ts`. */
import Type from 'typebox'
import { ID_PATTERN } from '../../domain/ids.ts'

export const closed = { additionalProperties: false } as const
export const Id = (description: string) => Type.String({ pattern: ID_PATTERN, description })
export const Text = (description: string, maxLength = 200) => Type.String({ minLength: 1, maxLength, description })
export const Above0 = (description: string, maximum?: number) =>
  Type.Number({ exclusiveMinimum: 0, ...(maximum !== undefined && { maximum }), description })
export const Within = (low: number, high: number, description: string) =>
  Type.Number({ minimum: low, maximum: high, description })
/** A length of time within a round. */
export const Seconds = (description: string) => Above0(description, 1800)
