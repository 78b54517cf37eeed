/** What is done to the frames of a link, and was done so far, for people: both ways together. */
import type { WireStatus } from '../../domain/simulator-control.ts'
import type { LinkFaults } from '../wire-proxy.ts'

export function wireStatus(node: string, link: string, { faults, counts }: LinkFaults): WireStatus {
  const { requests, replies } = counts
  const sums = Object.entries(requests).map(([kind, n]) => [kind, n + replies[kind as keyof typeof replies]])
  return { node, link, faults, counts: Object.fromEntries(sums) }
}
