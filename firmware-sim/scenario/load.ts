/**
 * Reads a scenario by name (`library/`) or path and judges it against a site: every mistake at once, with line and path.
 * What it makes of the site is `apply.ts`.
 */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PlumblineError } from '../../domain/errors.ts'
import { isId } from '../../domain/ids.ts'
import { type Checked, checkYaml, withoutEchoes } from '../../domain/yaml-check.ts'
import { RECORDING_NAMES } from '../../recordings/load.ts'
import { scenarioMistakes } from './check.ts'
import { refuseScenario } from './scenario-error.ts'
import { type ScenarioFile, ScenarioSchema } from './schema.ts'
import { type SitePart, targetsOf } from './targets.ts'

/** A scenario that is right for the site it was loaded for. */
export type Scenario = { readonly file: ScenarioFile; readonly mistakeAt: Checked['mistakeAt'] }

const LIBRARY = join(import.meta.dirname, 'library')
/** A timeline of 500 steps is far below it. */
const BYTES_MAX = 1024 * 1024

/** Names of the scenarios that ship, sorted. */
export async function scenarioNames(): Promise<string[]> {
  const files = await readdir(LIBRARY)
  return files
    .filter((f) => f.endsWith('.yaml'))
    .map((f) => f.slice(0, -'.yaml'.length))
    .sort()
}

/**
 * @param nameOrPath name of a scenario that ships, or the path of a file (anything with a `.` or a `/`)
 * @throws PlumblineError SCENARIO_INVALID with one line per mistake: `file:line: path: expected ..., got ...`
 */
export async function loadScenario(nameOrPath: string, site: SitePart): Promise<Scenario> {
  const shipped = isId(nameOrPath)
  const text = await readFile(shipped ? join(LIBRARY, `${nameOrPath}.yaml`) : nameOrPath, 'utf8').catch(
    async (cause: NodeJS.ErrnoException) => {
      throw new PlumblineError(
        'SCENARIO_INVALID',
        shipped && cause.code === 'ENOENT'
          ? `scenario: expected ${(await scenarioNames()).join(', ')} or the path of a file, got "${nameOrPath}"`
          : `scenario ${nameOrPath}: expected a readable file, got ${cause.code ?? cause.message}`,
        { cause },
      )
    },
  )
  if (text.length > BYTES_MAX)
    throw new PlumblineError(
      'SCENARIO_INVALID',
      `scenario ${nameOrPath}: expected at most ${BYTES_MAX} bytes, got ${text.length}`,
    )
  return readScenario(text, shipped ? `${nameOrPath}.yaml` : nameOrPath, site, RECORDING_NAMES)
}

/** From the text; the same everywhere: nothing is taken from the environment. @throws PlumblineError SCENARIO_INVALID */
export function readScenario(text: string, name: string, site: SitePart, recordings: ReadonlySet<string>): Scenario {
  const checked = checkYaml(text, name, ScenarioSchema, () => undefined)
  // Of the wrong shape it cannot be held against a site: its shape is mended first.
  if (checked.mistakes.length > 0) refuseScenario(name, checked.mistakes)
  const file = checked.value as ScenarioFile
  const mistakes = withoutEchoes([], scenarioMistakes(file, site, recordings, checked.mistakeAt))
  if (targetsOf(site).length === 0)
    mistakes.push(checked.mistakeAt([], 'a site with a simulated device that measures something', undefined))
  if (mistakes.length > 0) refuseScenario(name, mistakes)
  return { file, mistakeAt: checked.mistakeAt }
}
