/**
 * What every service tells Prometheus of its process and its disk, under the names that other programs use for the same.
 * Reading is cheap enough for every scrape: nothing runs between two of them.
 */
import { readdirSync, statfsSync } from 'node:fs'
import { performance } from 'node:perf_hooks'
import { Page } from './prometheus.ts'

export type ProcessStats = {
  readonly cpu_s: number
  readonly resident_bytes: number
  readonly heap_bytes: number
  /** Unix time of the start [s]. */
  readonly started_s: number
  readonly open_files: number | undefined
  /** Share of the time in which the event loop was busy, since the start. */
  readonly busy: number
  /** Of the file system that holds the data folder. */
  readonly disk: { readonly size_bytes: number; readonly free_bytes: number } | undefined
  readonly node: string
}

/** @param data a folder of the service, where it has one */
export function processStats(data?: string): ProcessStats {
  const { user, system } = process.cpuUsage()
  const { rss, heapUsed } = process.memoryUsage()
  return {
    cpu_s: (user + system) / 1e6,
    resident_bytes: rss,
    heap_bytes: heapUsed,
    started_s: Math.round(performance.timeOrigin) / 1000,
    open_files: openFiles(),
    busy: performance.eventLoopUtilization().utilization,
    disk: data === undefined ? undefined : diskOf(data),
    node: process.version,
  }
}

export function renderProcess(stats: ProcessStats): string {
  const page = new Page()
  const one = (name: string, kind: 'counter' | 'gauge', help: string, value: number | undefined) =>
    page.family(name, kind, help, [[{}, value]])
  one('process_cpu_seconds_total', 'counter', 'Processor time of the process.', stats.cpu_s)
  one('process_resident_memory_bytes', 'gauge', 'Memory in use.', stats.resident_bytes)
  one('process_start_time_seconds', 'gauge', 'Unix time of its start.', stats.started_s)
  one('process_open_fds', 'gauge', 'Open files and sockets.', stats.open_files)
  one('nodejs_heap_size_used_bytes', 'gauge', 'Of it, objects of JavaScript.', stats.heap_bytes)
  one('nodejs_eventloop_utilization', 'gauge', 'Share of time in which it was busy.', stats.busy)
  one('plumbline_disk_free_bytes', 'gauge', 'Free where the data folder is.', stats.disk?.free_bytes)
  one('plumbline_disk_size_bytes', 'gauge', 'Size of that file system.', stats.disk?.size_bytes)
  page.family('plumbline_process_info', 'gauge', 'Always 1.', [[{ node: stats.node }, 1]])
  return page.toString()
}

/** Linux only. */
function openFiles(): number | undefined {
  try {
    return readdirSync('/proc/self/fd').length
  } catch {
    return undefined
  }
}

export function diskOf(folder: string): ProcessStats['disk'] {
  try {
    const { bsize, blocks, bavail } = statfsSync(folder)
    return { size_bytes: bsize * blocks, free_bytes: bsize * bavail }
  } catch {
    return undefined
  }
}
