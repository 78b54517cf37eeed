/**
 * The quarantine of an InfluxDB store. A letter that is tried again goes the way of any record, under an identity of its own:
 * that of its record is committed. A kill in between leaves the letter, and what InfluxDB has of it is no news the next time.
 */
import { randomUUID } from 'node:crypto'
import { PlumblineError } from '../../../domain/errors.ts'
import type { SeriesWriter } from '../../../domain/ports.ts'
import type { Stream } from '../../../domain/record.ts'
import type { SqliteClient } from '../../../runtime/sqlite-worker.ts'
import { type DeadLetter, type DeadLetters, placeOf, type Retried, readable } from '../../dead-letter.ts'
import type { Letter } from './state-program.ts'

export class InfluxDeadLetters implements DeadLetters {
  readonly #state: SqliteClient
  readonly #openWriter: () => Promise<SeriesWriter>
  #writer: Promise<SeriesWriter> | undefined

  /** @param openWriter called at the first retry */
  constructor(state: SqliteClient, openWriter: () => Promise<SeriesWriter>) {
    this.#state = state
    this.#openWriter = openWriter
  }

  async list(limit: number, after?: string): Promise<readonly DeadLetter[]> {
    const row = after === undefined ? 0 : placeOf(after).row
    return (await this.#state.call<Letter[]>('letters', row, limit)).map(named)
  }

  async find(id: string): Promise<DeadLetter | undefined> {
    const { row } = placeOf(id)
    const [letter] = await this.#state.call<Letter[]>('letters', row - 1, 1)
    return letter && named(letter).id === id ? named(letter) : undefined
  }

  async retry(id: string): Promise<Retried> {
    const letter = await this.find(id)
    if (letter === undefined) throw new PlumblineError('USAGE', `${id}: there is no such dead letter`)
    const found = readable(letter.body)
    if ('why' in found) return found
    const { kind, row } = placeOf(id)
    const { node, device } = letter
    const identity = { node, outbox: `dead letter ${randomUUID()}`, stream: letter.stream as Stream, offset: 1 }
    const record = { identity, device, exercise: kind === 'exercise', historical: true, ...found.parts }
    this.#writer ??= this.#openWriter()
    const [outcome] = await (await this.#writer).append([record])
    const why = outcome?.kind === 'quarantined' ? outcome.reason : undefined
    await this.#state.call('settle', row, why === undefined, identity)
    return why === undefined ? { stored: true } : { why }
  }

  async drop(id: string): Promise<void> {
    if ((await this.find(id)) !== undefined) await this.#state.call('drop', placeOf(id).row)
  }

  async close(): Promise<void> {
    await (await this.#writer)?.close()
    await this.#state.close()
  }
}

const named = ({ exercise, ...letter }: Letter): DeadLetter => ({
  ...letter,
  id: `${exercise === 1 ? 'exercise' : 'real'}-${letter.id}`,
})
