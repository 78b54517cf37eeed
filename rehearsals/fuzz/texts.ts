/** Files that people bring: site files, register maps, recordings. Each is read, or refused with a code and a place. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PlumblineError } from '../../domain/errors.ts'
import { loadSite } from '../../domain/site-load.ts'
import { loadShippedModels, readModel, shippedModelIds } from '../../models/load.ts'
import { readRecording } from '../../recordings/detect.ts'
import { RECORDING_NAMES } from '../../recordings/load.ts'
import { at2, cosmos, csmipV2, cwb, geonet, knet, numbers, rdb, smc } from '../../recordings/test/builders.ts'
import { writeMiniSeed } from '../../recordings/test/miniseed-writer.ts'
import { below, oneOf } from '../seeded.ts'
import { mutated, mutatedText } from './mutate.ts'
import type { Target } from './target.ts'

const TOP = join(import.meta.dirname, '..', '..')

export const siteFiles: Target = {
  id: 'site-files',
  what: 'a site file is taken, or every mistake is told',
  open: async () => {
    const text = await readFile(join(TOP, 'site.example.yaml'), 'utf8')
    const known = { models: await loadShippedModels(), recordings: RECORDING_NAMES }
    return {
      attack: async (random) => {
        const loaded = loadSite(mutatedText(text, random), 'site.yaml', known, () => undefined)
        if ('site' in loaded) return 'taken'
        if (loaded.mistakes.length === 0) throw new Error('refused without a mistake')
        return 'refused'
      },
    }
  },
}

export const models: Target = {
  id: 'models',
  what: 'a register map is taken, or every mistake is told',
  open: async () => {
    const ids = await shippedModelIds()
    const texts = await Promise.all(ids.map((id) => readFile(join(TOP, 'models', id, 'model.yaml'), 'utf8')))
    return {
      attack: async (random) => {
        const i = below(random, ids.length)
        const read = readModel(mutatedText(texts[i]!, random), ids[i]!)
        if ('model' in read) return 'taken'
        if (read.mistakes.length === 0) throw new Error('refused without a mistake')
        return 'refused'
      },
    }
  },
}

const SAMPLES: ReadonlyArray<string | Uint8Array> = [
  knet().bytes,
  smc().bytes,
  cosmos(),
  csmipV2(1, '90 Deg', [{ what: 'acceleration', unit: 'cm/sec2', values: numbers(80, 100) }]),
  geonet('N10E', numbers(60, 5)),
  cwb(),
  at2('230', numbers(60, 0.3)),
  rdb(['2018-06-03 12:00\tEST\t1.05\tP', '2018-06-03 12:05\tEST\t1.07\tP']),
]
const SEEDS = (['int16', 'int32', 'float32', 'steim1', 'steim2'] as const).map((encoding) =>
  Buffer.from(writeMiniSeed(numbers(200, 1000).map(Math.round), { encoding })),
)

export const recordings: Target = {
  id: 'recordings',
  what: 'a record of any format is read, or refused with file, place and reason',
  open: async () => {
    const shipped = ['jma-yonago-2000/AA06EA01.csv', 'usgs-dead-run-2018/usgs_01589330_deadrun_2018-06.csv']
    const files = await Promise.all(shipped.map((path) => readFile(join(TOP, 'recordings', path))))
    // Whole records are long; where they begin is where readers judge.
    const seeds = [
      ...files.map((bytes) => bytes.subarray(0, 8000)),
      ...SAMPLES.map((text) => Buffer.from(text)),
      ...SEEDS,
    ]
    return {
      attack: async (random) => {
        const seed = oneOf(random, seeds)
        const bytes =
          random() < 0.5
            ? mutated([seed, ...seeds], random)
            : Buffer.from(mutatedText(seed.toString('latin1'), random), 'latin1')
        try {
          const read = readRecording([{ name: 'record', bytes }], random() < 0.3 ? { unit: 'gal' } : {})
          return `read as ${read.format}`
        } catch (error) {
          if (error instanceof PlumblineError && error.code === 'RECORDING_INVALID') return 'refused'
          throw error
        }
      },
    }
  },
}
