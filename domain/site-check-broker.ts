/** What the broker's part of a site file must hold beyond its schema: listeners that can all be there at once. */
import type { SiteFile } from './site.ts'
import type { Checked, Mistake, Path } from './yaml-check.ts'

export function brokerMistakes({ broker }: SiteFile, say: Checked['mistakeAt']): Mistake[] {
  const { host, port, tls, websocket, external, metrics } = broker
  const out: Mistake[] = []
  const mistake = (path: Path, expected: string, got: unknown) => out.push(say(['broker', ...path], expected, got))
  if (websocket?.tls && tls === undefined)
    mistake(['websocket', 'tls'], 'a certificate for it: broker.tls with cert_file and key_file, or tls: {}', true)
  if (tls?.key_file !== undefined && tls.cert_file === undefined)
    mistake(['tls', 'cert_file'], 'the certificate that the key belongs to', undefined)
  if (tls?.cert_file !== undefined && tls.key_file === undefined)
    mistake(['tls', 'key_file'], 'the private key of the certificate', undefined)
  for (const key of ['connect_host', 'ca_file'] as const)
    if (tls?.[key] !== undefined && !tls.use)
      mistake(['tls', key], 'it beside `use: true`, without which nobody connects by it', tls[key])
  if (external !== undefined && metrics !== undefined)
    mistake(['metrics'], 'no numbers of the embedded broker, which does not run beside an external one', metrics.port)
  if (external !== undefined && (tls !== undefined || websocket !== undefined))
    mistake(
      [tls === undefined ? 'websocket' : 'tls'],
      'no listener of the embedded broker, which does not run beside an external one',
      tls === undefined ? 'websocket' : 'tls',
    )
  const doors = [
    { path: ['port'], at: `${host}:${port}` },
    ...(tls ? [{ path: ['tls', 'port'], at: `${tls.host ?? host}:${tls.port}` }] : []),
    ...(websocket ? [{ path: ['websocket', 'port'], at: `${websocket.host ?? host}:${websocket.port}` }] : []),
    ...(metrics ? [{ path: ['metrics', 'port'], at: `${metrics.host}:${metrics.port}` }] : []),
  ]
  doors.forEach(({ path, at }, i) => {
    const before = doors.findIndex((door) => door.at === at)
    if (before < i) mistake(path, `a port that broker.${doors[before]!.path.join('.')} does not have`, at)
  })
  return out
}
