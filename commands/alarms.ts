/** `alarms table`: the state table of an alarm, as the desk runs it. */
import { tableText } from '../desk/alarm-table.ts'
import { PlumblineError } from '../domain/errors.ts'
import { type Command, readFlags } from './command.ts'

export const alarms: Command = {
  name: 'alarms',
  summary: 'print the state table of an alarm (ISA-18.2 / IEC 62682), as the desk runs it',
  usage: './plumbline alarms table',
  run: async (args) => {
    const { words } = readFlags(alarms, args, {}, { min: 1, max: 1 })
    if (words[0] !== 'table') throw new PlumblineError('USAGE', `expected table; usage: ${alarms.usage}`)
    process.stdout.write(`${tableText().join('\n')}\n`)
    return 0
  },
}
