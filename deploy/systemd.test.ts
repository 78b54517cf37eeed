/** The systemd units against what each must hold, and against systemd's own judgement where it is installed. */
import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { commands } from '../commands/index.ts'

const folder = join(import.meta.dirname, 'systemd')
const units = readdirSync(folder).filter((name) => name.endsWith('.service'))
/** Values by key; a key may stand several times. */
const keysOf = (name: string): Map<string, string[]> => {
  const keys = new Map<string, string[]>()
  for (const line of readFileSync(join(folder, name), 'utf8').split('\n')) {
    const [, key, value] = /^(\w+)=(.*)$/.exec(line) ?? []
    if (key !== undefined) keys.set(key, [...(keys.get(key) ?? []), value!])
  }
  return keys
}

/** Without these a service could touch more than its data; MemoryDenyWriteExecute is not among them, for V8 compiles. */
const HARDENED: Readonly<Record<string, string>> = {
  ...{
    User: 'plumbline',
    NoNewPrivileges: 'yes',
    CapabilityBoundingSet: '',
    ProtectSystem: 'strict',
    ProtectHome: 'yes',
  },
  ...{ PrivateTmp: 'yes', ProtectClock: 'yes', ProtectKernelModules: 'yes', ProtectKernelTunables: 'yes' },
  ...{ ProtectControlGroups: 'yes', RestrictNamespaces: 'yes', RestrictSUIDSGID: 'yes', LockPersonality: 'yes' },
  ...{ SystemCallArchitectures: 'native', UMask: '0077', StateDirectory: 'plumbline', StateDirectoryMode: '0700' },
}

test('there is a unit for each service', () => {
  expect(units.sort()).toEqual(['broker', 'desk', 'edge@', 'ingest', 'sim'].map((name) => `plumbline-${name}.service`))
})

describe.each(units)('%s', (name) => {
  const keys = keysOf(name)
  test('runs a command that is there, comes back after a fault, takes a changed site file', () => {
    const [program, command, ...flags] = keys.get('ExecStart')![0]!.split(' ')
    expect(program).toBe('/opt/plumbline/plumbline')
    expect(commands.has(command!)).toBe(true)
    expect(flags.join(' ')).toContain('--site /etc/plumbline/site.yaml --data /var/lib/plumbline')
    expect([keys.get('Restart'), keys.get('ExecReload')]).toEqual([['always'], ['/bin/kill -HUP $MAINPID']])
  })

  test('is hardened and bounded', () => {
    for (const [key, value] of Object.entries(HARDENED)) expect([key, keys.get(key)?.[0]]).toEqual([key, value])
    for (const key of ['MemoryMax', 'TasksMax', 'LimitNOFILE', 'LogRateLimitBurst'])
      expect(keys.get(key)?.[0], key).toMatch(/^\d/)
  })
})

const there = spawnSync('systemd-analyze', ['--version'], { stdio: 'ignore' }).status === 0
if (!there) console.info('systemd-analyze is not installed here: its judgement is skipped')

describe.skipIf(!there)('systemd-analyze', () => {
  test('verify finds nothing to say', () => {
    const root = mkdtempSync(join(tmpdir(), 'units-'))
    try {
      // The program that units start must be there: in a root of its own, with the units and the targets that they name.
      const program = join(root, 'plumbline')
      writeFileSync(program, '#!/bin/sh\n', { mode: 0o755 })
      mkdirSync(join(root, 'units'))
      const copies = units.map((name) => join(root, 'units', name.replace('@', '@n1')))
      for (const [i, copy] of copies.entries()) {
        copyFileSync(join(folder, units[i]!), copy)
        writeFileSync(copy, readFileSync(copy, 'utf8').replaceAll('/opt/plumbline/plumbline', program))
      }
      const judged = spawnSync('systemd-analyze', ['verify', '--recursive-errors=no', ...copies], { encoding: 'utf8' })
      expect([judged.status, judged.stderr.split('\n').filter((line) => /plumbline/.test(line))]).toEqual([0, []])
    } finally {
      rmSync(root, { recursive: true })
    }
  })

  test.each(units)('security: %s is exposed little', (name) => {
    const said = execFileSync('systemd-analyze', ['security', '--offline=true', join(folder, name)], {
      encoding: 'utf8',
    })
    expect(Number(/Overall exposure level for \S+: (\d+\.\d+)/.exec(said)![1])).toBeLessThanOrEqual(2)
  })
})
