/** The hand on the simulator: what plays, playing a recording, a scenario without a drill, and faults of simulated devices. */
import { useState } from 'preact/hooks'
import type { SimulatorStatus } from '../../../../domain/simulator-control.ts'
import { useApp, useWords } from '../../components/app-context.ts'
import { Await, useAsked } from '../../components/asked.tsx'
import { Problem } from '../../components/problem.tsx'
import { SelectField } from '../../components/select-field.tsx'
import { useCommand } from '../system/use-command.ts'
import { PlayForm } from './play-form.tsx'
import { PlayRow } from './play-row.tsx'
import { ScenarioForm } from './scenario-form.tsx'
import { WireForm } from './wire-form.tsx'
import { words as WORDS } from './words.ts'

const ASK_MS = 3000
/** A long record over a slow line. */
const UPLOAD_MS = 120_000
/** The kinds that a scenario knows (docs/guides/scenarios.md); the simulator refuses what it does not know. */
const FAULTS = [
  'hang',
  'close',
  'nan',
  'invalid-code',
  'status',
  'wrong-order',
  'truncate',
  'short',
  'wrong-transaction',
  'wrong-crc',
  'wrong-unit',
  'exception',
  'delay',
] as const
type Fault = (typeof FAULTS)[number]

export function Replay() {
  const app = useApp()
  const own = useWords(WORDS)
  const asked = useAsked(() => app.api.get<SimulatorStatus>('/simulator'), [], ASK_MS)
  const { problem, run } = useCommand(asked.again)
  return (
    <section class="panel" aria-labelledby="replay-title">
      <h2 id="replay-title">{own.replay}</h2>
      <p class="muted">{own.replayWhat}</p>
      <Problem text={problem} />
      <Await asked={asked}>
        {(status) => (
          <>
            {status.scenario !== null && (
              <p class="actions">
                {own.scenarioRuns(status.scenario.name)}
                <button
                  type="button"
                  class="button"
                  onClick={() => void run(app.api.send('POST', '/simulator/scenario', { stop: true }))}
                >
                  {own.stopScenario}
                </button>
              </p>
            )}
            <ScenarioForm onStart={(body) => void run(app.api.send('POST', '/simulator/scenario', body))} />
            <h3>{own.plays}</h3>
            {status.plays.length === 0 && <p>{own.playsNone}</p>}
            <ul class="plain-list">
              {status.plays.map((play) => (
                <PlayRow
                  key={play.id}
                  play={play}
                  onSteer={(steer) => void run(app.api.send('POST', '/simulator/steer', { play: play.id, ...steer }))}
                />
              ))}
            </ul>
            <PlayForm
              devices={status.devices.map((d) => d.id)}
              onPlay={(body) => void run(app.api.send('POST', '/simulator/play', body, UPLOAD_MS))}
            />
            <h3>{own.faults}</h3>
            <FaultForm
              devices={status.devices}
              onFault={(body) => void run(app.api.send('POST', '/simulator/fault', body))}
            />
            <h3>{own.wires}</h3>
            <WireForm wires={status.wires} onWire={(body) => void run(app.api.send('POST', '/simulator/wire', body))} />
          </>
        )}
      </Await>
    </section>
  )
}

/** What two of the kinds need: "device failure" (Modbus exception 4), and a delay past any usual time-out. */
const NEEDS: Readonly<Record<string, { code?: number; delay_ms?: number }>> = {
  exception: { code: 4 },
  delay: { delay_ms: 2000 },
}

type FaultBody = { device: string; kind: string; code?: number; delay_ms?: number }
type FaultProps = { devices: SimulatorStatus['devices']; onFault: (body: FaultBody) => void }

function FaultForm({ devices, onFault }: FaultProps) {
  const own = useWords(WORDS)
  const [device, setDevice] = useState(devices[0]?.id ?? '')
  const [kind, setKind] = useState<Fault>(FAULTS[0])
  const faulty = devices.filter((d) => d.fault !== 'none')
  return (
    <>
      <ul class="plain-list">
        {faulty.map((d) => (
          <li key={d.id}>
            <strong>{d.id}</strong> {own.faultKind[d.fault as Fault] ?? d.fault}
            <button type="button" class="button" onClick={() => onFault({ device: d.id, kind: 'none' })}>
              {own.mend}
              <span class="unseen"> {d.id}</span>
            </button>
          </li>
        ))}
      </ul>
      <form
        class="filter"
        onSubmit={(event) => {
          event.preventDefault()
          onFault({ device, kind, ...NEEDS[kind] })
        }}
      >
        <SelectField
          label={own.device}
          value={device}
          options={devices.map(({ id }) => [id, id])}
          onChange={setDevice}
        />
        <SelectField
          label={own.fault}
          value={kind}
          options={FAULTS.map((one) => [one, own.faultKind[one]])}
          onChange={setKind}
        />
        <button type="submit" class="button">
          {own.inject}
        </button>
      </form>
    </>
  )
}
