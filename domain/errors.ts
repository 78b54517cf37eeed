/**
 * Every error a person may meet, as one table. `explain CODE` prints it, docs/reference/errors.md is generated from it.
 * Three kinds of fault: the site file or the call is wrong (exit 2), the world is (exit 3), or we are (exit 1).
 */

export type Fault = 'bug' | 'usage' | 'operating'
export const EXIT_CODE: Readonly<Record<Fault, number>> = { bug: 1, usage: 2, operating: 3 }

type Entry = { fault: Fault; what: string; todo: string }

export const ERRORS = {
  USAGE: {
    fault: 'usage',
    what: 'The command line was not understood.',
    todo: 'Run `./plumbline help` for the commands and their flags.',
  },
  SITE_UNREADABLE: {
    fault: 'usage',
    what: 'The site file could not be read.',
    todo: 'Check the path given with --site, and that the user who runs Plumbline may read the file.',
  },
  SITE_INVALID: {
    fault: 'usage',
    what: 'The site file has mistakes; nothing was started. Each line names file, line, path, what was expected and what came.',
    todo: 'Mend the lines named, then run `./plumbline check SITE` until it says that the site is right.',
  },
  MODEL_INVALID: {
    fault: 'usage',
    what: 'A register map in models/ has mistakes or is not there.',
    todo: 'Mend the lines named; the models that ship are described in docs/reference/models.md.',
  },
  NODE_UNKNOWN: {
    fault: 'usage',
    what: 'The site file has no edge node of the name given with --node.',
    todo: 'Use one of the ids under `nodes:` in the site file.',
  },
  RECORDING_INVALID: {
    fault: 'usage',
    what: 'A recording could not be read as the format it claims to be.',
    todo: 'The message names file and line. docs/reference/recordings.md lists the formats.',
  },
  SCENARIO_INVALID: {
    fault: 'usage',
    what: 'A scenario has mistakes or asks for what this site has not; nothing was started.',
    todo: 'Mend the lines named. docs/guides/scenarios.md shows how a scenario is written.',
  },
  PLAY_REFUSED: {
    fault: 'usage',
    what: 'A recording cannot be played there: the device is real, unknown, or cannot show it.',
    todo: 'Name a simulated device or a shadow device of a drill; a real sensor is never masked.',
  },
  DRILL_REFUSED: {
    fault: 'usage',
    what: 'A drill could not be started or ended as asked.',
    todo: 'The message says why. `./plumbline drill list` shows what runs.',
  },
  COMMAND_REFUSED: {
    fault: 'usage',
    what: 'An edge node did not carry out a command, or its device did not take it.',
    todo: 'The message says why; the journal holds what was asked and what the node answered.',
  },
  COMMAND_UNANSWERED: {
    fault: 'operating',
    what: 'An edge node did not answer a command in time. Whether it was carried out is not known.',
    todo: 'See whether the node is online, then look at the device. An answer that comes late is in the journal.',
  },
  SIMULATOR_UNAVAILABLE: {
    fault: 'operating',
    what: 'The simulator of this site does not answer.',
    todo: 'Start it (`./plumbline start` or `./plumbline sim`) on the same data folder, then try again.',
  },
  DESK_UNAVAILABLE: {
    fault: 'operating',
    what: 'The desk of this site does not answer.',
    todo: 'Start it (`./plumbline start` or `./plumbline desk`) on the same data folder, then try again.',
  },
  DEVICE_SILENT: {
    fault: 'operating',
    what: 'A Modbus device gave no answer, so there is nothing to show.',
    todo: 'The message says what was asked and where. Check address and unit id; on a serial line also bit rate, parity and wiring.',
  },
  TLS_INVALID: {
    fault: 'usage',
    what: 'A certificate or its key is missing, cannot be read, or does not fit the other.',
    todo: '`./plumbline tls init --site SITE` makes an authority and the certificate of the broker; docs/guides/tls.md shows the rest.',
  },
  CERTIFICATE_ENDED: {
    fault: 'operating',
    what: 'A certificate has ended, or has not begun by the clock of this machine, so the other side is not spoken to.',
    todo: 'The message says which and when. Of the broker: `./plumbline tls init --site SITE` on its host; of a client: `./plumbline tls client USER`. Both are taken without a restart, and edge nodes keep their records meanwhile. Where the time is wrong, mend the clock.',
  },
  CONSOLE_NOT_BUILT: {
    fault: 'usage',
    what: 'The web console has not been built, so the desk has no pages to serve.',
    todo: 'Run `npm run build` (npm start does it by itself).',
  },
  PORT_IN_USE: {
    fault: 'operating',
    what: 'Another program already listens on a port that Plumbline needs.',
    todo: 'Stop the other program, or move the port in the site file (or with the flag that the message names).',
  },
  DATA_READ_ONLY: {
    fault: 'operating',
    what: 'The data folder cannot be written. Without it nothing recorded would survive, so nothing was started.',
    todo: 'Give the user who runs Plumbline write access to the folder, or choose another with --data.',
  },
  DATA_FULL: {
    fault: 'operating',
    what: 'The disk that holds the data folder is full.',
    todo: 'Free space or move the data folder with --data. What an edge node had recorded before is still there.',
  },
  DATA_IN_USE: {
    fault: 'operating',
    what: 'Another Plumbline process already uses this data folder; two writers would spoil it.',
    todo: 'Stop the other process (its id is in the message) or choose another folder with --data.',
  },
  DATA_CORRUPT: {
    fault: 'operating',
    what: 'A file in the data folder is not what Plumbline wrote.',
    todo: 'Keep the file for inspection; the message says which it is and what was expected. To go on, stop the services, move the folder of the site aside and restore the newest backup (docs/guides/backup.md); without one, what edge nodes still hold is sent again into a new file.',
  },
  PASSWORD_MISSING: {
    fault: 'operating',
    what: 'The password file that the broker makes for this client is not there.',
    todo: 'Start the broker once on the same data folder, or copy the file to this host (mode 600).',
  },
  BROKER_REFUSED: {
    fault: 'operating',
    what: 'The MQTT broker refused this client.',
    todo: 'Its password file is not the one the broker knows: copy it again from the broker host.',
  },
  STORE_UNAVAILABLE: {
    fault: 'operating',
    what: 'The series store cannot be opened or does not answer. Nothing is acknowledged meanwhile; edge nodes keep their records.',
    todo: 'Look at disk space and permissions of the data folder; it recovers by itself.',
  },
  INFLUX_CONFIG: {
    fault: 'operating',
    what: 'InfluxDB is there but does not let Plumbline work: databases, buckets, user or token are not as they must be. Nothing is acknowledged meanwhile.',
    todo: 'Run what the message says, or mend store.influx in the site file; docs/guides/influxdb.md has the set-up for each version.',
  },
  NOT_READY: {
    fault: 'operating',
    what: 'A service does not answer, or cannot do its work.',
    todo: 'The message says what it lacks. Look at its log; `./plumbline doctor --site SITE` looks at the machine.',
  },
  RESTORE_REFUSED: {
    fault: 'usage',
    what: 'A backup was not restored: it is not whole, or there is something where it would go. Nothing was changed.',
    todo: 'Restore into an empty data folder; put what is there aside first. The message names the file.',
  },
  GRAFANA_UNAVAILABLE: {
    fault: 'operating',
    what: 'Grafana does not answer, or says that it cannot just now.',
    todo: 'Check --url and that Grafana runs; pushing again goes on where it stopped.',
  },
  GRAFANA_REFUSED: {
    fault: 'usage',
    what: 'Grafana answered and did not take what was pushed.',
    todo: 'The message holds its words. Check the token; what file provisioning has made cannot be pushed over (docs/guides/grafana.md).',
  },
  DASHBOARDS_INVALID: {
    fault: 'bug',
    what: 'The dashboards made for a site break their own rules.',
    todo: 'Please report the lines with the site file that gives them.',
  },
  NODE_TOO_OLD: {
    fault: 'operating',
    what: 'Plumbline needs Node.js 24.15 or newer and no bundled one fits this machine.',
    todo: 'Install Node.js 24 LTS and run the command again.',
  },
  BUG: {
    fault: 'bug',
    what: 'Plumbline itself did something it must never do.',
    todo: 'Please report the message with its stack. Recorded data are safe: restart the service.',
  },
} as const satisfies Record<string, Entry>

export type ErrorCode = keyof typeof ERRORS

/** An error that a person will read: `CODE: detail`. */
export class PlumblineError extends Error {
  readonly code: ErrorCode
  constructor(code: ErrorCode, detail: string, options?: ErrorOptions) {
    super(`${code}: ${detail}`, options)
    this.name = 'PlumblineError'
    this.code = code
  }
  get fault(): Fault {
    return ERRORS[this.code].fault
  }
}

/** Asserts what must hold whatever comes from outside; a failure is our bug. */
export function invariant(holds: unknown, what: string): asserts holds {
  if (!holds) throw new PlumblineError('BUG', `invariant broken: ${what}`)
}
