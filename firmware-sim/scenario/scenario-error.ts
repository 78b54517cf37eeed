/** How a scenario says that it cannot be: file, line, path, what was expected, what came. Nothing has been started then. */
import { PlumblineError } from '../../domain/errors.ts'
import { type Checked, type Mistake, type Path, showMistake } from '../../domain/yaml-check.ts'

/** @throws PlumblineError SCENARIO_INVALID with one line per mistake */
export function refuseScenario(name: string, mistakes: readonly Mistake[]): never {
  const sorted = [...mistakes].sort((a, b) => a.line - b.line)
  throw new PlumblineError(
    'SCENARIO_INVALID',
    `${sorted.length} mistake${sorted.length === 1 ? '' : 's'} in scenario ${name}\n${sorted.map((m) => `  ${showMistake(m)}`).join('\n')}`,
  )
}

/** What making a part refuses, as a mistake at the step that asked for it; anything else goes on. */
export function attempt<T>(
  mistakes: Mistake[],
  mistakeAt: Checked['mistakeAt'],
  path: Path,
  make: () => T,
): T | undefined {
  try {
    return make()
  } catch (error) {
    if (!(error instanceof PlumblineError) || error.fault !== 'usage') throw error
    const { where = '', expected, got = 'something else' } = inParts(error.message)
    const at = mistakeAt(path, expected, undefined)
    mistakes.push({ ...at, path: where === '' || where === at.path ? at.path : `${at.path} (${where})`, got })
    return undefined
  }
}

/** Of `CODE: where: expected this, got that`; all of it is expected where it is no such sentence. */
function inParts(message: string): { where?: string; expected: string; got?: string } {
  const where = message.indexOf(': ') + 2
  const expected = message.indexOf(': expected ', where)
  const got = message.lastIndexOf(', got ')
  if (expected < 0 || got < expected) return { expected: message }
  return {
    where: message.slice(where, expected),
    expected: message.slice(expected + ': expected '.length, got),
    got: message.slice(got + ', got '.length),
  }
}
