/** What the desk hears of its site: everything but waveforms, which are subscribed to one device at a time. */
import { blocksNodeId } from '../domain/ids.ts'

const topic = (group: string, type: string, rest: string) => `spBv1.0/${group}/${type}/${rest}`

/** @param nodes edge nodes of the site; births and deaths of others are heard too */
export const deskFilters = (group: string, nodes: Iterable<string>): string[] => [
  topic(group, 'NBIRTH', '+'),
  topic(group, 'NDEATH', '+'),
  topic(group, 'NDATA', '+'),
  topic(group, 'DBIRTH', '+/+'),
  topic(group, 'DDEATH', '+/+'),
  ...[...nodes].map((node) => topic(group, 'DDATA', `${node}/+`)),
]

/** Waveforms of one device. */
export const blocksTopic = (group: string, node: string, device: string): string =>
  topic(group, 'DDATA', `${blocksNodeId(node)}/${device}`)
