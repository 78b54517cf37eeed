import { describe, expect, test } from 'vitest'
import { SiteSchema } from '../domain/site.ts'
import { checkYaml } from '../domain/yaml-check.ts'
import { loadShippedModels } from '../models/load.ts'
import { scaleSite } from './scale-site.ts'

describe('a site of scale', () => {
  test('10,000 values are 1,000 loggers, fifty to a port', () => {
    const { links } = scaleSite({ scalars: 10_000 }, 5100).nodes[0]!
    expect(links.length).toBe(20)
    expect(links.map((l) => l.tcp!.port)).toEqual(Array.from({ length: 20 }, (_, l) => 5100 + l))
    expect(links.every((l) => l.devices.length === 50)).toBe(true)
    expect(new Set(links.flatMap((l) => l.devices.map((d) => d.id))).size).toBe(1000)
  })

  test('100 accelerometers are ten to a port', () => {
    const { links } = scaleSite({ accelerometers: 101 }, 5100).nodes[0]!
    expect(links.map((l) => l.devices.length)).toEqual([...Array(10).fill(10), 1])
  })

  test.each([{ scalars: 95 }, { accelerometers: 3 }])('%j is a right site file of models that ship', async (scale) => {
    const site = scaleSite(scale, 5100)
    expect(checkYaml(JSON.stringify(site), 'site.yaml', SiteSchema, () => undefined).mistakes).toEqual([])
    const models = await loadShippedModels()
    for (const { devices } of site.nodes[0]!.links)
      for (const { model } of devices) expect(models.has(model)).toBe(true)
  })

  test.each([
    [{ scalars: 0 }, 5100, '--scale: expected 1 to 10000 devices, got 0'],
    [{ accelerometers: 10_001 }, 5100, '--scale: expected 1 to 10000 devices, got 10001'],
    [{ accelerometers: 20 }, 65_535, 'first port: expected 1 to 65534 for 2 links, got 65535'],
  ])('%j at port %d is refused', (scale, port, text) => {
    expect(() => scaleSite(scale, port)).toThrow(`USAGE: ${text}`)
  })
})
