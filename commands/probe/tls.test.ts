/** `probe` of a device inside TLS: judged by its certificate, as the edge node judges it. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { overTls, PlainServer } from '../../edge/io/testing-modbus.ts'
import { runProbe } from '../probe.ts'
import { readOptions } from './options.ts'

const folder = mkdtempSync(join(tmpdir(), 'plumbline-probe-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const hasOpenssl = (() => {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' })
    return true
  } catch {
    if (process.env['PLUMBLINE_REQUIRE_REAL'] === '1') throw new Error('openssl is missing')
    console.info('openssl is missing: the test of probe inside TLS is skipped')
    return false
  }
})()

/** A device with a certificate that it signed itself. */
function certificate(): { key: string; cert: string } {
  const [key, cert] = [join(folder, 'device.key'), join(folder, 'device.pem')]
  const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  const name = ['-subj', '/CN=device', '-addext', 'subjectAltName=IP:127.0.0.1']
  execFileSync('openssl', ['req', '-x509', ...ec, '-keyout', key, '-out', cert, ...name], { stdio: 'pipe' })
  return { key, cert }
}

test.skipIf(!hasOpenssl)('probe --tls reads with the right authority and refuses without it', async () => {
  const { key, cert } = certificate()
  const plain = new PlainServer()
  const served = await overTls(plain, { key: readFileSync(key), cert: readFileSync(cert) }, {})
  const lines: string[] = []
  const at = ['--tls', `127.0.0.1:${served.link.tls!.port}`, '--unit', '3', '--from', '10', '--count', '1']
  try {
    await runProbe(readOptions([...at, '--ca', cert]), (line) => lines.push(line))
    expect(lines.join('\n')).toContain('3010')
    expect(lines.join('\n')).toContain('vendor: Acme')
    const asked = plain.asked.length
    await expect(runProbe(readOptions(at), () => {})).rejects.toThrow(/DEVICE_SILENT: .*TLS: .*self-signed/)
    expect(plain.asked).toHaveLength(asked)
  } finally {
    await served.close()
  }
})
