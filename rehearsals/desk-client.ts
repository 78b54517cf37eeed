/** A person at the desk's HTTP API, as far as rehearsals need one. */
import type { AlarmJson, JournalEntryJson } from '../domain/alarm.ts'
import type { DeviceJson, ReadingJson } from '../domain/api.ts'

export class DeskClient {
  readonly #base: string
  #cookie = ''

  constructor(port: number) {
    this.#base = `http://127.0.0.1:${port}/api/v1`
  }

  /** Of the session, for requests that others make. */
  get cookie(): string {
    return this.#cookie
  }

  async alarm(id: string): Promise<AlarmJson | undefined> {
    const { alarms } = await this.get<{ alarms: AlarmJson[] }>('/alarms')
    return alarms.find((alarm) => alarm.id === id)
  }

  /** Every journal entry, oldest first. */
  async journal(): Promise<JournalEntryJson[]> {
    const out: JournalEntryJson[] = []
    for (;;) {
      const { entries } = await this.get<{ entries: JournalEntryJson[] }>(
        `/journal?after=${out.at(-1)?.seq ?? 0}&limit=500`,
      )
      if (entries.length === 0) return out
      out.push(...entries)
    }
  }

  async notices(alarm: string): Promise<JournalEntryJson[]> {
    return (await this.journal()).filter((entry) => entry.kind === 'notice' && entry.alarm === alarm)
  }

  async readings(): Promise<ReadingJson[]> {
    return (await this.get<{ readings: ReadingJson[] }>('/readings/latest')).readings
  }

  async devices(): Promise<DeviceJson[]> {
    return (await this.get<{ devices: DeviceJson[] }>('/devices')).devices
  }

  /** Makes the first user by the link that the first start prints. */
  async firstUser(link: string, name: string): Promise<void> {
    const token = new URL(link.replace('/#', '')).searchParams.get('token')
    await this.post('/first-user', { token, name, passphrase: 'plumb and level' })
  }

  /** Status and body; the session's cookie travels along. */
  async post(path: string, body: object): Promise<{ status: number; body: unknown }> {
    const answer = await fetch(`${this.#base}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', cookie: this.#cookie },
      body: JSON.stringify(body),
    })
    const cookie = answer.headers.get('set-cookie')?.split(';')[0]
    if (cookie !== undefined) this.#cookie = cookie
    return { status: answer.status, body: await answer.json() }
  }

  async get<T>(path: string): Promise<T> {
    const answer = await fetch(`${this.#base}${path}`, { headers: { cookie: this.#cookie } })
    if (!answer.ok) throw new Error(`GET ${path}: ${answer.status} ${await answer.text()}`)
    return (await answer.json()) as T
  }
}
