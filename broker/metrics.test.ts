import { expect, test } from 'vitest'
import { BrokerFixture } from './broker.fixture.ts'
import { connectPacket, RawMqtt } from './raw-mqtt.fixture.ts'

test('what is refused is told by reason, over HTTP', async () => {
  const fixture = await BrokerFixture.start({ metrics: { host: '127.0.0.1', port: 0 } })
  const opened: RawMqtt[] = []
  try {
    for (const password of ['wrong', 'worse', fixture.password('north')]) {
      const raw = await RawMqtt.open(fixture.port)
      opened.push(raw)
      raw.send(connectPacket({ clientId: 'north', user: 'north', password }))
      await raw.next()
    }
    const page = await (await fetch(`http://127.0.0.1:${fixture.broker.metricsPort}/metrics`)).text()
    expect(page).toContain('plumbline_broker_refusals_total{reason="password"} 2\n')
    expect(page).toContain('plumbline_broker_clients 1\n')
  } finally {
    for (const raw of opened) raw.cut()
    await fixture.stop()
  }
})
