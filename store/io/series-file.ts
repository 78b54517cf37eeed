/** The tables of one series file as its only writer sees them: what comes in also marks which rollups it changes. */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { splitChannel } from '../../domain/ids.ts'
import type { Gap } from '../../domain/reading.ts'
import type { Identity } from '../../domain/record.ts'
import type { Refused } from '../packed.ts'
import { SOURCE } from '../rollup.ts'
import { BlockTable } from './block-table.ts'
import { GapTable, ReadingTable, type Verdict } from './reading-table.ts'
import { RollupTable } from './rollup-table.ts'
import { tablesIn } from './schema.ts'
import { SealedTable } from './sealed-table.ts'
import { Sealer } from './sealer.ts'
import { Sweeper } from './sweep.ts'
import { TouchedTable } from './touched-table.ts'

export class SeriesFile {
  readonly readings: ReadingTable
  readonly blocks: BlockTable
  readonly gaps: GapTable
  readonly touched: TouchedTable
  readonly rollups: RollupTable
  readonly sealed: SealedTable
  readonly sealer: Sealer
  readonly sweeper: Sweeper
  readonly #quarantine: StatementSync

  constructor(db: DatabaseSync, schema: string) {
    this.touched = new TouchedTable(db, schema)
    this.sealed = new SealedTable(db, schema)
    this.readings = new ReadingTable(db, schema, this.touched, this.sealed)
    this.blocks = new BlockTable(db, schema, this.touched)
    this.gaps = new GapTable(db, schema)
    this.rollups = new RollupTable(db, schema, this.readings, this.sealed)
    this.sealer = new Sealer(db, schema, this.sealed, this.touched)
    this.sweeper = new Sweeper(db, schema, this)
    this.#quarantine = db.prepare(
      `INSERT INTO ${tablesIn(schema)('quarantine')} (node, outbox, stream, record_offset, device, reason, body)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
    )
  }

  quarantine({ node, outbox, stream, offset }: Identity, device: string, { reason, body }: Refused): void {
    this.#quarantine.run(node, outbox, stream, offset, device, reason, body)
  }

  /** A gap changes how much was to be expected of its channels. */
  addGap(gap: Gap): Verdict {
    const verdict = this.gaps.add(gap)
    if (verdict !== 'stored') return verdict
    for (const channel of gap.channels) {
      const { device, metric } = splitChannel(channel)
      const slash = metric.indexOf('/')
      if (slash > 0) this.blocks.touchSpan(device, metric.slice(0, slash), gap.from_ns, gap.to_ns)
      else this.touched.touchSpan(SOURCE.readings, this.readings.channel(channel), gap.from_ns, gap.to_ns)
    }
    return verdict
  }

  forget(): void {
    this.touched.forget()
    this.sealed.forget()
    this.sealer.forget()
    this.readings.forget()
    this.blocks.forget()
  }
}
