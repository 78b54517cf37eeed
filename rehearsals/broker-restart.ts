/** The broker is killed and started again in mid-stream: Mosquitto with the guide's files, or the embedded one over TLS. */
import { openStore, removeFolder, startLine, temporaryFolder } from './line.ts'
import { givePasswords, Mosquitto, mosquittoThere } from './mosquitto.ts'
import { DEMO, tenantSite } from './tenants.ts'
import { TlsLine } from './tls.ts'
import { compare, storedUpTo, type Told, wallNow } from './truth.ts'
import { pause } from './until.ts'

/** `undefined` where Mosquitto is not installed. */
export async function brokerRestart(which: 'mosquitto' | 'embedded'): Promise<Told | undefined> {
  if (which === 'mosquitto' && !mosquittoThere()) return undefined
  const data = await temporaryFolder()
  const world = which === 'mosquitto' ? await onMosquitto(data) : await overTls(data)
  try {
    await pause(4000)
    await world.kill()
    await pause(2500)
    await world.start()
    const device = world.line.simulator().accelerometer('yonago')
    const upTo = device.newestCounter(wallNow())
    const store = await openStore(world.line.site, data)
    try {
      return compare(await storedUpTo(store, 'yonago', upTo), device, upTo)
    } finally {
      await store.close()
    }
  } finally {
    await world.end()
    await removeFolder(data)
  }
}

async function onMosquitto(data: string) {
  const broker = await Mosquitto.of(data, [DEMO])
  givePasswords(data, DEMO)
  await broker.start()
  const line = await startLine(await tenantSite(DEMO, [broker]), data, ['sim', 'ingest', 'edge']).catch(
    async (error) => {
      await broker.kill()
      throw error
    },
  )
  const end = async () => {
    await line.stop()
    await broker.kill()
  }
  return { line, start: () => broker.start(), kill: () => broker.kill(), end }
}

async function overTls(data: string) {
  const tls = await TlsLine.of(data)
  const broker = tls.part('broker')
  try {
    await tls.certify()
    const line = await tls.simulate()
    for (const part of ['broker', 'ingest', 'edge'] as const) await tls.part(part).start()
    return { line, start: () => broker.start(), kill: () => broker.kill(), end: () => tls.end() }
  } catch (error) {
    await tls.end()
    throw error
  }
}
