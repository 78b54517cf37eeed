/**
 * The example site: what `npm start` runs and what a newcomer copies. `site.example.yaml` is generated from it, with the
 * schema's descriptions as comments (`./plumbline generate`).
 */

/** Stands for `${NAME:-value}`: the port can be moved by the environment without touching the file. */
const env = (name: string, value: number) => `\${${name}:-${value}}`

/** One of Tower A's accelerometers; without a scenario each plays the ground motion as it was recorded. */
const accelerometer = (unit_id: number, id: string, name: string, floor: string) => ({
  id,
  name,
  model: 'sim-accelerometer-3axis',
  unit_id,
  floor: `tower-a/${floor}`,
  simulated: { play: { recording: 'jma-yonago-2000', lead_s: 5, quiet_s: 60 } },
})

export const siteExample = {
  site: 'demo',
  name: 'Plumbline demo site',
  time_zone: 'America/New_York',
  structures: [
    {
      id: 'tower-a',
      name: 'Tower A',
      kind: 'building',
      floors: [
        { id: 'ground', name: 'Ground floor', height_m: 0 },
        { id: 'floor-5', name: '5th floor', height_m: 14.4 },
        { id: 'floor-8', name: '8th floor', height_m: 25.2 },
        { id: 'roof', name: 'Roof', height_m: 36 },
      ],
    },
  ],
  waters: [
    {
      id: 'dead-run',
      name: 'Dead Run at Franklintown',
      kind: 'river',
      datum: 'USGS 01589330 gauge datum',
      unit: 'ft',
      gauge: 'dead-run/stage',
      levels: [
        {
          id: 'action',
          name: 'Action level',
          stage: 2,
          severity: 'action',
          meaning: 'Example: watch the gauge, clear the stream bank.',
        },
        {
          id: 'flood',
          name: 'Flood level',
          stage: 4,
          severity: 'moderate',
          meaning: 'Example: close the underpass, warn the houses below.',
        },
        {
          id: 'major',
          name: 'Major flood level',
          stage: 6,
          severity: 'major',
          meaning: 'Example: evacuate the lower street.',
        },
      ],
    },
  ],
  nodes: [
    {
      id: 'edge-1',
      name: 'Gateway in the basement of Tower A',
      links: [
        {
          id: 'tower-bus',
          tcp: { host: '127.0.0.1', port: env('PLUMBLINE_SIM_PORT_1', 5020) },
          devices: [
            accelerometer(1, 'tower-a-ground', 'Accelerometer, ground floor', 'ground'),
            accelerometer(2, 'tower-a-floor-5', 'Accelerometer, 5th floor', 'floor-5'),
            accelerometer(3, 'tower-a-floor-8', 'Accelerometer, 8th floor', 'floor-8'),
            accelerometer(4, 'tower-a-roof', 'Accelerometer, roof', 'roof'),
          ],
        },
        {
          id: 'river-station',
          tcp: { host: '127.0.0.1', port: env('PLUMBLINE_SIM_PORT_2', 5021) },
          devices: [
            {
              id: 'dead-run',
              name: 'River gauge Dead Run',
              model: 'sim-stage-gauge',
              unit_id: 1,
              simulated: {
                time_scale: 180,
                play: {
                  recording: 'usgs-dead-run-2018',
                  from: '2018-06-03T18:00:00Z',
                  to: '2018-06-04T03:00:00Z',
                  quiet_s: 3600,
                },
              },
            },
          ],
        },
      ],
    },
  ],
  limits: [
    {
      id: 'dead-run-action',
      name: 'Dead Run above action level',
      channel: 'dead-run/stage',
      level: 'dead-run/action',
      deadband: 0.2,
      priority: 'medium',
    },
    {
      id: 'dead-run-flood',
      name: 'Dead Run above flood level',
      channel: 'dead-run/stage',
      level: 'dead-run/flood',
      deadband: 0.2,
      priority: 'high',
    },
    {
      id: 'dead-run-major',
      name: 'Dead Run above major flood level',
      channel: 'dead-run/stage',
      level: 'dead-run/major',
      deadband: 0.2,
      priority: 'critical',
    },
    {
      id: 'dead-run-rising',
      name: 'Dead Run rising fast',
      channel: 'dead-run/rate_of_rise',
      above: 1,
      unit: 'm/h',
      deadband: 0.2,
      priority: 'medium',
    },
    {
      id: 'tower-a-shaking',
      name: 'Tower A: shaking (example limit)',
      channel: 'tower-a-ground/pga',
      above: 25,
      unit: 'gal',
      deadband: 5,
      off_delay_s: 10,
      priority: 'high',
    },
    {
      id: 'tower-a-strong',
      name: 'Tower A: strong shaking (example limit, to be set by your structural engineer)',
      channel: 'tower-a-ground/pga',
      above: 80,
      unit: 'gal',
      deadband: 10,
      off_delay_s: 10,
      priority: 'critical',
    },
    {
      id: 'tower-a-roof-strong',
      name: 'Tower A: strong shaking of the roof (example limit, to be set by your structural engineer)',
      channel: 'tower-a-roof/pga',
      above: 250,
      unit: 'gal',
      deadband: 25,
      off_delay_s: 10,
      priority: 'critical',
    },
  ],
  // Everything here is simulated: who is told is told on topics of the broker on this machine, and of exercises only.
  notices: {
    contacts: [
      { id: 'duty-room', name: 'Duty room', exercise: true, channels: [{ id: 'topic', mqtt: { topic: 'duty-room' } }] },
      {
        id: 'engineer',
        name: 'Structural engineer',
        language: 'zh-TW',
        exercise: true,
        channels: [{ id: 'topic', mqtt: { topic: 'engineer' } }],
      },
    ],
    policies: [
      {
        id: 'urgent',
        priorities: ['critical', 'high'],
        steps: [{ to: ['duty-room'], acknowledge_within_min: 2 }, { to: ['engineer'] }],
        start_over_min: 0,
      },
      { id: 'rest', steps: [{ to: ['duty-room'] }], start_over_min: 0 },
    ],
  },
  broker: { host: '127.0.0.1', port: env('PLUMBLINE_MQTT_PORT', 1883) },
  desk: { host: '127.0.0.1', port: env('PLUMBLINE_PORT', 8080) },
}
