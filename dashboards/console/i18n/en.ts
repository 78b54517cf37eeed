/** English, and with it the keys that every language must have. No sentence is put together outside these functions. */
import { RULE_WORDS } from '../../../domain/limit-words.ts'

export const en = {
  languageName: 'English',
  otherLanguage: '中文',
  otherLanguageLabel: '切換為繁體中文',
  skipToAlarms: 'Skip to the alarms',

  // Exercise
  exercise: 'EXERCISE',
  exerciseBanner: 'Simulated devices, not the real water or building.',
  exercisePart: 'What is marked EXERCISE is simulated; everything else is real.',
  exerciseDrill: (name: string, owner: string) => `Drill “${name}”, owner ${owner}.`,

  // Connection
  connecting: 'Connecting to the desk …',
  live: 'Live',
  lostTitle: 'Connection to the desk lost',
  lostBody: (at: string, age: string) => `What is shown is the state of ${at}, ${age} ago. Nothing is known since.`,
  signInToSee: 'Sign in to see this site',
  signInToSeeBody: 'The desk shows it only to people who are signed in.',
  lostNothing: 'No data has come yet. This page tries again by itself.',
  deskTime: (time: string) => `Desk time ${time}`,
  siteNotLoaded: 'The description of the site has not been loaded yet.',
  ago: (age: string) => `${age} ago`,

  // Status sentence
  statusTitle: 'Status',
  statusUnknown: 'Status unknown: there is no connection to the desk.',
  lastKnown: (at: string, age: string) => `Last known at ${at}, ${age} ago:`,
  statusWaiting: 'Waiting for the first data.',
  watersAbove: (above: number, total: number, list: string) =>
    `${above} of ${total} waters above a named level (${list})`,
  waterAboveItem: (name: string, stage: string, level: string, trend: string) =>
    `${name} ${stage}, above ${level}${trend === '' ? '' : `, ${trend}`}`,
  waterHeldItem: (name: string, stage: string, level: string, trend: string) =>
    `${name} ${stage}, back below ${level} but its alarm stands${trend === '' ? '' : `, ${trend}`}`,
  waterHeldUnknownItem: (name: string, level: string, why: string) =>
    `${name} was above ${level} when last heard; stage now unknown: ${why}`,
  waterQuiet: (name: string, stage: string, trend: string) =>
    `${name} ${stage}${trend === '' ? '' : `, ${trend}`}, no named level exceeded in the recorded data`,
  waterNoLevels: (name: string, stage: string, trend: string) =>
    `${name} ${stage}${trend === '' ? '' : `, ${trend}`}, no levels are set`,
  waterUnknown: (name: string, why: string) => `${name}: stage unknown (${why})`,
  structureExceeded: (name: string, shaking: string, alarms: string) =>
    `${name}: ${shaking === '' ? '' : `${shaking}, `}limit exceeded (${alarms})`,
  structureHeld: (name: string, shaking: string, alarms: string) =>
    `${name}: limit was exceeded (${alarms})${shaking === '' ? '' : `; now ${shaking}`}`,
  shakingNow: (pga: string) => `shaking, PGA ${pga}`,
  pgaNow: (pga: string) => `PGA ${pga}`,
  peakOf: (name: string, peak: string) => `${name}, peak ${peak}`,
  structureQuiet: (name: string, shaking: string) =>
    `${name}: ${shaking === '' ? '' : `${shaking}, `}no threshold exceeded in the recorded data`,
  structureNoLimits: (name: string, shaking: string) =>
    `${name}: ${shaking === '' ? '' : `${shaking}, `}no limits are set`,
  structureUnknown: (name: string, usable: number, total: number, shaking: string) =>
    usable === 0
      ? `${name}: unknown, none of its ${total} ${total === 1 ? 'sensor gives' : 'sensors give'} usable data`
      : `${name}: only ${usable} of ${total} sensors give usable data${shaking === '' ? '' : ` (${shaking})`}`,
  structureNoSensors: (name: string) => `${name}: no sensors`,
  otherAlarms: (count: number, names: string) => `${count} other ${count === 1 ? 'alarm' : 'alarms'} active (${names})`,
  unanswered: (count: number, late: number) =>
    `${count} ${count === 1 ? 'alarm' : 'alarms'} not acknowledged${late > 0 ? ` (${late} learned late)` : ''}`,
  sensorsSilent: (silent: number, total: number, list: string) =>
    `${silent} of ${total} ${total === 1 ? 'sensor' : 'sensors'} without usable data (${list})`,
  sensorsSuspect: (suspect: number, total: number, list: string) =>
    `${suspect} of ${total} ${total === 1 ? 'sensor' : 'sensors'} suspect (${list})`,
  sensorsFresh: (total: number) => (total === 1 ? 'the 1 sensor fresh' : `all ${total} sensors fresh`),
  nodeAway: (id: string, reason: string) => `edge node ${id} away${reason === '' ? '' : ` (${reason})`}`,
  siteDiffers: (id: string) => `edge node ${id} runs another site file than the desk`,
  storeAway: 'the series store cannot be read',
  nothingWatched: 'nothing is watched on this site',
  rising: (rate: string) => `rising ${rate}`,
  falling: (rate: string) => `falling ${rate}`,
  steady: 'steady',
  trend: { rising: 'rising', falling: 'falling', steady: 'steady' },
  listJoin: ', ',
  partJoin: '; ',
  sentenceEnd: '.',

  // Alarms
  alarmsTitle: 'Alarms',
  alarmsNone: 'No alarm is active or waiting for an answer.',
  alarmsCount: (open: number, unanswered: number) => `${open} open, ${unanswered} not acknowledged`,
  quietLimits: (count: number) => `${count} ${count === 1 ? 'limit' : 'limits'} without alarm`,
  limitNotExceeded: 'not exceeded in the recorded data',
  limitBeyond: 'beyond the limit now, not raised by the edge node (delay)',
  ruleQuiet: 'not the case in the recorded data',
  limitUnknown: (why: string) => `unknown: ${why}`,
  priority: { critical: 'Critical', high: 'High', medium: 'Medium', low: 'Low' },
  priorityLetter: { critical: 'C', high: 'H', medium: 'M', low: 'L' },
  state: {
    normal: 'Normal',
    unacknowledged: 'Active, not acknowledged',
    acknowledged: 'Active, acknowledged',
    'returned-unacknowledged': 'Returned, not acknowledged',
    'latched-unacknowledged': 'Latched, not acknowledged',
    'latched-acknowledged': 'Latched, acknowledged',
  },
  stateLetter: (letter: string) => `state ${letter}`,
  onset: 'Since',
  returned: 'Returned',
  learned: 'Learned',
  duration: 'Duration',
  value: 'Value',
  peak: 'Peak',
  limit: 'Limit',
  ruleName: 'Rule',
  rule: RULE_WORDS.en,
  sensor: 'Sensor',
  occurrence: (n: number) => `occurrence ${n}`,
  latched: 'Latched: stays until it is reset',
  unconfirmed: 'Unconfirmed: the value was suspect',
  late: (onset: string, learned: string) => `LATE: at ${onset}, learned ${learned}`,
  lateUntil: (returned: string) => `until ${returned}`,
  acknowledgedBy: (name: string, at: string) => `Acknowledged by ${name}, ${at}`,
  comments: (count: number) => `${count} ${count === 1 ? 'comment' : 'comments'}`,
  acknowledge: 'Acknowledge',
  comment: 'Comment',
  reset: 'Reset',
  cancel: 'Cancel',
  close: 'Close',
  resetHint: 'To reset it, acknowledge it first.',

  // Dialogs
  acknowledgeTitle: 'Acknowledge this alarm?',
  acknowledgeAs: (name: string) => `Acknowledge as ${name}`,
  acknowledgeWhat: 'It says that you have seen it, not that it is over.',
  commentTitle: 'Comment on this alarm',
  commentAs: (name: string) => `Save comment as ${name}`,
  commentLabel: 'Comment',
  commentOptional: 'Comment (optional)',
  resetTitle: 'Reset this latched alarm?',
  resetAs: (name: string) => `Reset as ${name}`,
  resetWhat: 'The alarm then leaves the list. It rises again when the limit is exceeded again.',
  newerOccurrence: 'Not done: a newer occurrence came. Look again before you answer.',
  changedMeanwhile: 'Not done: the alarm has changed since you opened this. Look again before you answer.',
  alarmGone: 'Not done: the alarm has meanwhile been answered or ended.',
  notSent: 'Not done: the desk could not be reached.',
  refused: (message: string) => `Not done: ${message}`,
  lostInDialog: 'The connection is lost: this is an old state.',

  // Session
  signIn: 'Sign in',
  signOut: 'Sign out',
  signedInAs: (name: string) => `Signed in as ${name}`,
  signInTitle: 'Sign in',
  signInWhy: 'Every answer to an alarm names a person.',
  name: 'Name',
  passphrase: 'Passphrase',
  wrongNameOrPassphrase: 'Name or passphrase is wrong.',
  signInFailed: (message: string) => `Sign-in failed: ${message}`,
  firstUserNeeded: 'No person is set up yet. Open the link that the first start printed.',
  firstUserTitle: 'Make the first user',
  firstUserWhat: 'This person administers the site and may answer alarms. More people can be added later.',
  firstUserMake: 'Make this user and sign in',
  firstUserNoToken: 'The link is not complete: its token is missing. Open the whole link that the first start printed.',
  firstUserDone: (name: string) => `${name} is set up and signed in.`,
  passphraseAgain: 'Passphrase again',
  passphraseDiffers: 'The two passphrases differ.',
  toConsole: 'To the console',

  // Water
  waterTitle: 'Water',
  stageNow: 'Stage',
  rateOfRise: 'Rate of rise',
  datum: 'Datum',
  levelsTitle: 'Named levels',
  levelName: 'Level',
  levelStage: 'Stage',
  levelMeaning: 'What it means',
  levelMark: 'Now',
  mark: { exceeded: 'exceeded', held: 'alarm stands', 'not-exceeded': 'not exceeded', unknown: 'unknown' },
  severity: { action: 'action', minor: 'minor', moderate: 'moderate', major: 'major' },
  chartAxis: (offset: string) => `Wall time (${offset})`,
  chartScale: (factor: string) => `×${factor}: one second here is ${factor} s of the device`,
  chartWindow: (wall: string, device: string) => `last ${wall}, which is ${device} of the device`,
  chartWindowReal: (wall: string) => `last ${wall}`,
  chartLoading: 'Loading the record …',
  chartFailed: 'The record could not be read; values are added as they come.',
  chartNone: 'No reading in this time.',
  chartSummary: (window: string, low: string, lowAt: string, high: string, highAt: string, gaps: number) =>
    `${window}: lowest ${low} at ${lowAt}, highest ${high} at ${highAt}, ${gaps === 0 ? 'no gaps' : `${gaps} ${gaps === 1 ? 'gap' : 'gaps'}`}.`,
  legendMissing: 'no data',
  legendSuspect: 'suspect',
  unknownValue: 'unknown',

  // Building
  buildingTitle: 'Building',
  buildingOf: { building: 'Building', bridge: 'Bridge', tower: 'Tower' },
  floor: 'Floor',
  height: (m: string) => `${m} above ground`,
  pga: 'PGA now',
  pgaMax: (window: string) => `Largest, last ${window}`,
  pgaLimit: 'PGA limit',
  noLimit: 'none set',
  stateNow: 'State',
  stripTitle: (name: string) => `Live acceleration, ${name}`,
  stripAxis: (axis: string) => `Axis ${axis.toUpperCase()}`,
  stripPeak: (peak: string) => `peak ±${peak}`,
  stripMean: (mean: string) => `mean ${mean}`,
  stripScale: (scale: string) => `all axes ±${scale}, means taken off`,
  stripWindow: (s: string) => `${s} s`,
  stripNow: (delay: string) => `now − ${delay} s`,
  stripClipped: 'CLIPPED: the sensor reached its full scale; the true peak is larger',
  stripNoBlocks: 'No samples are coming.',
  stripWaiting: 'Waiting for samples …',
  stripBroken: (count: number) => `${count} ${count === 1 ? 'frame' : 'frames'} not understood`,
  stripSummary: (axes: string) => `Largest deviation in the window: ${axes}.`,
  noAccelerometer: 'No accelerometer on this structure.',
  chooseSensor: 'Sensor shown',

  // Sensors
  sensorsTitle: 'Sensors',
  sensorsNone: 'No sensor is known yet.',
  health: {
    fresh: 'fresh',
    suspect: 'suspect',
    stale: 'stale',
    bad: 'no valid value',
    ahead: 'clock ahead',
    unknown: 'unknown',
    offline: 'offline',
  },
  lastHeard: (age: string) => `last heard ${age} ago`,
  neverHeard: 'not heard yet',
  staleAfter: (limit: string) => `stale after ${limit}`,
  flag: { 1: 'good', 2: 'not evaluated', 3: 'suspect', 4: 'fail', 9: 'missing' },
  flagLabel: (flag: number, word: string) => `flag ${flag} ${word}`,
  node: (id: string) => `node ${id}`,
  simulatedAt: (scale: string) => `simulated ×${scale}`,
  reason: {
    timeout: 'no answer in time',
    closed: 'connection closed or refused',
    'bad-reply': 'wrong answer',
    nan: 'not a number',
    'invalid-code': 'the device says: no value',
    status: 'the device says: invalid',
    'out-of-range': 'outside what the sensor can measure',
    overrun: 'overwritten before it was read',
    'device-restart': 'the device started anew',
    'gross-range': 'outside what this place can have',
    spike: 'a jump that no other value bears out',
    'rate-of-change': 'changes faster than this signal can',
    'flat-line': 'stands still for too long',
    'edge-down': 'the edge node was not running',
    'not-received': 'sent while nobody heard it, or lost on the way',
    'disk-full': 'the disk was full',
    removed: 'no longer in the site file',
    'outbox-limit': 'dropped at a limit of the outbox',
    'clock-unknown': 'the node has no trusted time yet',
    'nothing-yet': 'nothing heard yet',
    'clock-ahead': 'stamped in the future',
    // What the desk says of devices and nodes in its own words.
    'nothing heard since the desk started': 'nothing heard since the desk started',
    'its edge node is there but has not reported it': 'its edge node is there but has not reported it',
    'the edge node is away': 'the edge node is away',
    'the device does not answer': 'the device does not answer',
  },
  deskWithoutBroker: (why: string) => `the desk has no connection to the broker (${why})`,
  exception: (code: string) => `Modbus exception ${code}`,

  // Announcements
  announceRaised: (count: number, names: string) => `${count === 1 ? 'Alarm' : `${count} alarms`}: ${names}`,
  announceLate: (names: string) => `Learned late: ${names}`,
  announceAcknowledged: (names: string) => `Acknowledged: ${names}`,
  announceReturned: (names: string) => `Returned: ${names}`,
  announceLost: 'Connection to the desk lost.',
  announceBack: 'Connection to the desk is back.',
  footer: (software: string, hash: string) => `${software} · site file ${hash}`,
}

/** Every language has exactly these keys, and functions with these arguments. */
export type Words = Same<typeof en>
type Same<T> = {
  readonly [K in keyof T]: T[K] extends (...args: infer A) => string
    ? (...args: A) => string
    : T[K] extends string
      ? string
      : Same<T[K]>
}
