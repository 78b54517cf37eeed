/** Every door at which hostile input knocks. Raw MQTT packets have a suite of their own: `broker/fuzz.test.ts`. */
import { http } from './http.ts'
import { modbusReplies, modbusRequests } from './modbus.ts'
import { payloads, sparkplugHosts } from './sparkplug.ts'
import type { Target } from './target.ts'
import { models, recordings, siteFiles } from './texts.ts'

export const TARGETS: readonly Target[] = [
  payloads,
  sparkplugHosts,
  modbusReplies,
  modbusRequests,
  siteFiles,
  models,
  recordings,
  http,
]
