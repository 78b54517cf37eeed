/** Answers as `chronyc -n tracking` (its manual's example) and `timedatectl` write them. */
import { expect, test } from 'vitest'
import { clockProbe } from './clock-probe.ts'

const tracking = (system: string, leap = 'Normal') => `Reference ID    : CB00710F (203.0.113.15)
Stratum         : 3
Ref time (UTC)  : Fri Jan 27 09:49:17 2017
System time     : ${system} of NTP time
Last offset     : +0.000006523 seconds
RMS offset      : 0.000035000 seconds
Frequency       : 3.225 ppm slow
Leap status     : ${leap}
`
const status = (offset: string) => `       Server: 203.0.113.1 (ntp.example)
Poll interval: 2min 8s (min: 32s; max 34min 8s)
         Leap: normal
      Version: 4
      Stratum: 2
       Offset: ${offset}
        Delay: 7.182ms
       Jitter: 1.345ms
 Packet count: 2
`

/** A machine on which these commands answer, others are not there. */
const machine = (answers: Readonly<Record<string, string>>) =>
  clockProbe(async (command, args) => answers[[command, ...args].join(' ')])()
const CHRONY = 'chronyc -n tracking'
const SHOW = 'timedatectl show -p NTPSynchronized --value'
const STATUS = 'timedatectl timesync-status'

test.each([
  ['slow is behind', '0.000006523 seconds slow', -6.523e-6],
  ['fast is ahead', '1.250000000 seconds fast', 1.25],
])('chrony: %s', async (_, system, offset_s) => {
  expect(await machine({ [CHRONY]: tracking(system) })).toEqual({ synchronised: true, offset_s })
})

test('a chrony that is not synchronised gives no offset: it knows none', async () => {
  const text = tracking('0.000000000 seconds fast', 'Not synchronised')
  expect(await machine({ [CHRONY]: text, [SHOW]: 'yes\n' })).toEqual({ synchronised: false })
})

test.each([
  ['+2.5ms', -2.5e-3],
  ['-52us', 52e-6],
  ['+1.003s', -1.003],
  ['-1min 2.5s', 62.5],
])('timesyncd says the server less the machine: %s', async (said, offset_s) => {
  const answer = await machine({ [CHRONY]: '506 Cannot talk to daemon', [SHOW]: 'yes\n', [STATUS]: status(said) })
  expect(answer?.synchronised).toBe(true)
  expect(answer?.offset_s).toBeCloseTo(offset_s, 9)
})

test('an offset that is not there or not understood is none, and no zero', async () => {
  expect(await machine({ [SHOW]: 'yes\n' })).toEqual({ synchronised: true, offset_s: undefined })
  expect(await machine({ [SHOW]: 'yes\n', [STATUS]: status('n/a') })).toEqual({
    synchronised: true,
    offset_s: undefined,
  })
})

test('not synchronised, and nobody to ask, are two answers', async () => {
  expect(await machine({ [SHOW]: 'no\n', [STATUS]: status('+2.5ms') })).toEqual({ synchronised: false })
  expect(await machine({ [SHOW]: '\n' })).toBeUndefined()
  expect(await machine({})).toBeUndefined()
})
