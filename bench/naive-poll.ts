/** The naive poll of row `schedule`: read, then sleep for a period, on modbus-serial. How far it falls behind its grid is what a grid is for. */
import modbus from 'modbus-serial'
import { pause } from '../rehearsals/until.ts'

export type NaivePoll = {
  /** How late the next poll would begin had each begun on the grid of the first one [ms]. */
  behind_ms(): number
  stop(): Promise<void>
}

export async function startNaivePoll(port: number, period_ms: number, registers: number): Promise<NaivePoll> {
  const client = new modbus.default()
  await client.connectTCP('127.0.0.1', { port })
  client.setID(1)
  let [polls, stopped, last] = [0, false, performance.now()]
  const begun = performance.now()
  const loop = async () => {
    while (!stopped) {
      last = performance.now()
      await client.readInputRegisters(0, registers)
      polls++
      await pause(period_ms)
    }
  }
  const looping = loop()
  // Told when it is stopped.
  looping.catch(() => {})
  return {
    behind_ms: () => last - begun - Math.max(0, polls - 1) * period_ms,
    stop: async () => {
      stopped = true
      await looping.finally(() => client.close(() => {}))
    },
  }
}
