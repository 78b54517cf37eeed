/** Flood warnings of the Environment Agency for England. Its severity number 1 is the worst; 4 only says that one has ended. */
import type { Scheme } from './scheme.ts'

export const UK_EA: Scheme = {
  id: 'uk-ea',
  name: { en: 'Environment Agency flood warnings (England)', 'zh-TW': '英國環境署洪水警報' },
  of: 'water',
  levels: [
    {
      code: '3',
      rank: 1,
      name: { en: 'Flood alert', 'zh-TW': '洪水注意報' },
      meaning: { en: 'Flooding is possible.', 'zh-TW': '可能發生洪水。' },
      action: {
        en: 'Be prepared: know your plan, keep what you need at hand.',
        'zh-TW': '做好準備：確認應變計畫，備妥所需物品。',
      },
      colour: '#f18700',
    },
    {
      code: '2',
      rank: 2,
      name: { en: 'Flood warning', 'zh-TW': '洪水警報' },
      meaning: { en: 'Flooding is expected.', 'zh-TW': '預期將發生洪水。' },
      action: {
        en: 'Act now: move people, vehicles and belongings to safety, turn off gas and electricity where it is safe.',
        'zh-TW': '立即行動：將人員、車輛與財物移往安全處，在安全情況下關閉瓦斯與電源。',
      },
      colour: '#e3000f',
    },
    {
      code: '1',
      rank: 3,
      name: { en: 'Severe flood warning', 'zh-TW': '嚴重洪水警報' },
      meaning: { en: 'Severe flooding: danger to life.', 'zh-TW': '嚴重洪水，危及生命。' },
      action: {
        en: 'Act now to save life: leave when told to, follow the emergency services, call 999 in danger.',
        'zh-TW': '立即行動保全性命：依指示撤離，配合救援單位，遇險時撥打緊急電話。',
      },
      colour: '#8b0010',
    },
  ],
  source: 'Environment Agency severity levels as in DEFRA/flood-app (Open Government Licence v3.0); colours ours [K]',
}
