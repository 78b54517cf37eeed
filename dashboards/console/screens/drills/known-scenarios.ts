/** The scenarios that ship, to choose from; the simulator takes any name and says what it does not know. */
export const SCENARIOS = [
  'aftershocks',
  'bad-network',
  'demo',
  'earthquake',
  'failing-sensors',
  'flash-flood',
  'long-outage',
  'quiet',
  'typhoon-flood',
] as const

/** Id of the list that fields of a scenario's name point to; `ScenarioNames` puts it on the page once. */
export const SCENARIO_LIST = 'scenario-names'
