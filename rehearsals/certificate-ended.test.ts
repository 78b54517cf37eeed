/** A certificate of the broker that ends in mid-run: everybody refuses it and says so, and a new one is all that is needed. */
import { expect, test } from 'vitest'
import { certificateEnded } from './certificate-ended.ts'
import { WHOLE } from './truth.ts'

test('the certificate of the broker ends: refused by all, told wherever people look, nothing recorded is lost, back without a restart', async () => {
  const { samples, said, ended, recorded, back_s } = await certificateEnded()
  const { metrics, broker, ...others } = said
  for (const [place, words] of Object.entries(others)) {
    expect(words, place).toContain('CERTIFICATE_ENDED')
    expect(words, place).toMatch(/the certificate of the broker at 127\.0\.0\.1:\d+ \(localhost\) ended on/)
    expect(words, place).toContain(ended)
  }
  expect(broker).toContain(ended)
  expect(metrics).toMatch(/^plumbline_uplink_away\{uplink="\w+",reason="CERTIFICATE_ENDED"\} 1$/)
  expect(recorded).toBeGreaterThan(0)
  expect(samples).toMatchObject(WHOLE)
  // The broker looks at its files every 30 s, a client tries at least every 10 s.
  expect(back_s).toBeLessThan(60)
}, 240_000)
