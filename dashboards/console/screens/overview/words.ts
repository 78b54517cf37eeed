/** Words of the overview beside those that every screen shares. */
import { screenWords } from '../../i18n/index.ts'

export const words = screenWords(
  {
    tilesTitle: 'Waters and structures',
    tilesNone: 'This site has neither waters nor structures.',
    state: {
      exceeded: 'exceeded',
      held: 'alarm stands',
      unknown: 'unknown',
      watch: 'moving',
      quiet: 'not exceeded',
    },
    /** Below it again, by less than its alarm needs to be over. */
    held: (level: string) => `Alarm of ${level} stands`,
    above: (level: string) => `above ${level}`,
    next: (level: string, gap: string) => `${gap} below ${level}`,
    noLevels: 'no levels are set',
    motion: 'Motion now',
    largestFloor: (floor: string) => `largest at ${floor}`,
    usable: (usable: number, total: number) => `${usable} of ${total} sensors usable`,
    barSummary: (stage: string, low: string, high: string) => `Stage ${stage} on a scale from ${low} to ${high}`,
    sparkSummary: (window: string) => `Course of the last ${window}`,
    freshMore: (count: number) => `${count} fresh ${count === 1 ? 'sensor' : 'sensors'} more`,
    openAlarms: 'Open alarms',
    allSensors: (total: number) => `${total} in all`,
  },
  {
    tilesTitle: '水域與建築物',
    tilesNone: '本場址沒有水域或建築物。',
    state: {
      exceeded: '已超過',
      held: '警報未解除',
      unknown: '不明',
      watch: '變動中',
      quiet: '未超過',
    },
    held: (level) => `${level} 警報未解除`,
    above: (level) => `高於 ${level}`,
    next: (level, gap) => `低於 ${level} ${gap}`,
    noLevels: '未設定警戒水位',
    motion: '目前震動',
    largestFloor: (floor) => `最大於 ${floor}`,
    usable: (usable, total) => `${total} 個感測器中 ${usable} 個可用`,
    barSummary: (stage, low, high) => `水位 ${stage}，刻度由 ${low} 至 ${high}`,
    sparkSummary: (window) => `最近 ${window}的變化`,
    freshMore: (count) => `另有 ${count} 個最新的感測器`,
    openAlarms: '未結警報',
    allSensors: (total) => `共 ${total} 個`,
  },
)
