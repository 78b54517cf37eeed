/** The page of the alarm life cycle, `docs/reference/alarms.md`, made from the table that the desk runs. Pure. */
import { STATE_LETTER } from '../domain/alarm.ts'
import { OWN_ALARMS } from '../domain/site-alarms.ts'
import { ALARM_STATES, tableText } from './alarm-table.ts'

/** Path from the top of the project -> content. */
export const alarmPages = (): ReadonlyMap<string, string> => new Map([['docs/reference/alarms.md', alarmReference()]])

const own = Object.entries(OWN_ALARMS) as unknown as Array<
  [string, { description: string; properties: Record<string, { default: unknown }> }]
>

const alarmReference = (): string => `# Alarms

Made from \`desk/alarm-table.ts\` by \`./plumbline generate\`; \`./plumbline alarms table\` prints the table. The states are those of ISA-18.2 / IEC 62682.

${ALARM_STATES.map((state) => `- **${STATE_LETTER[state]}** ${state}`).join('\n')}

Rows are events, columns states. \`D|E\` is D for an alarm without, E for one with latch (\`A|F\` likewise); \`-\` is refused; \`*\` is the next of I, H
and G that still holds, else what \`leave\` or \`leave-unseen\` makes of the state underneath.

\`\`\`
${tableText().join('\n')}
\`\`\`

G, H and I lie over one of A to F, which is judged on by the columns A to F; nobody is told of it meanwhile. When the last of them ends nothing comes
back acknowledged: true, it is B and told again; false, it is A, but for what nobody has seen: that is D (E with latch), with one LATE notice that
says how many there were. Who shelves an alarm or takes it out of service has seen what stood then; logic has seen nothing.

## Alarms of the desk's own

One cause is one fault: what a fault hides is neither raised nor cleared. Keys: \`alarms.own\` of the [site file](site.md).

A restart of the desk begins no delay anew: since when each pends is kept in \`journal.db\`, and the time that the desk was away counts. The line has five
seconds to answer a desk that has just started; what still holds then and is overdue by ten seconds or more is carried out once, with its true onset, and entry, notice and message say
when it was due (\`overdue_since_ns\`). What began and ended while nobody looked is not known, except what an edge node itself recorded.

| alarm | priority | after | says |
|---|---|---|---|
${own.map(([key, { description, properties }]) => `| \`${key}\` | ${String(properties['priority']?.default)} | ${String(properties['after_s']?.default)} s | ${description} |`).join('\n')}
`
