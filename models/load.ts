/**
 * Loads register maps from `models/<id>/model.yaml` and refuses one that has any mistake. What a map must hold is judged by
 * the schema (`domain/model.ts`) and `check.ts`; how a file counts its addresses ends here (`zero-based.ts`).
 */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PlumblineError } from '../domain/errors.ts'
import { isId } from '../domain/ids.ts'
import { Model } from '../domain/model-schema.ts'
import { checkYaml, type Mistake, showMistake } from '../domain/yaml-check.ts'
import { modelMistakes } from './check.ts'
import { zeroBased } from './zero-based.ts'

/** Register maps say the same on every machine: they take nothing from the environment. */
const noEnvironment = (): undefined => undefined

/** Ids of the models that ship, sorted. */
export async function shippedModelIds(folder: string = import.meta.dirname): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  return entries
    .filter((e) => e.isDirectory())
    .map((e) => e.name)
    .sort()
}

/**
 * Models by id, each wholly right.
 * @throws PlumblineError MODEL_INVALID with one line per mistake of all of them: `file:line: path: expected ..., got ...`
 */
export async function loadModels(
  ids: Iterable<string>,
  folder: string = import.meta.dirname,
): Promise<ReadonlyMap<string, Model>> {
  const models = new Map<string, Model>()
  const mistakes: string[] = []
  for (const id of new Set(ids)) {
    const text = isId(id) ? await readFile(join(folder, id, 'model.yaml'), 'utf8').catch(() => undefined) : undefined
    if (text === undefined) {
      const known = (await shippedModelIds(folder)).join(', ')
      mistakes.push(`models/: expected a model that is there (${known}), got ${JSON.stringify(id)}`)
      continue
    }
    const read = readModel(text, id)
    if ('model' in read) models.set(id, read.model)
    else mistakes.push(...read.mistakes.map(showMistake))
  }
  if (mistakes.length > 0) throw new PlumblineError('MODEL_INVALID', mistakes.join('\n'))
  return models
}

/** All models that ship, for checking a site file against. */
export const loadShippedModels = async (): Promise<ReadonlyMap<string, Model>> => loadModels(await shippedModelIds())

/** Pure: the model that a text describes, its addresses from 0, or every mistake of it (lines and addresses as in the text). */
export function readModel(
  text: string,
  id: string,
): { readonly model: Model } | { readonly mistakes: readonly Mistake[] } {
  const checked = checkYaml(text, `models/${id}/model.yaml`, Model, noEnvironment)
  if (checked.mistakes.length > 0) return { mistakes: checked.mistakes }
  const model = checked.value as Model
  const mistakes = modelMistakes(model, id, checked.mistakeAt)
  return mistakes.length > 0 ? { mistakes: mistakes.sort((a, b) => a.line - b.line) } : { model: zeroBased(model) }
}
