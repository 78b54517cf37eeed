/** Alert levels of rivers in Taiwan. Level 1 is the worst. The alert stages themselves are `measures/water/wra.ts`. */
import type { Scheme } from './scheme.ts'

export const TW_WRA: Scheme = {
  id: 'tw-wra',
  name: { en: 'Taiwan WRA river alert levels', 'zh-TW': '水利署河川警戒水位' },
  of: 'water',
  levels: [
    {
      code: '3',
      rank: 1,
      name: { en: 'Level 3 alert (yellow)', 'zh-TW': '三級警戒（黃色）' },
      meaning: {
        en: 'The river is expected to reach the high floodplain within 2 hours.',
        'zh-TW': '河川水位預計未來2小時到達高灘地。',
      },
      action: {
        en: 'Clear people, vehicles and equipment from the river zone and close its gates.',
        'zh-TW': '撤離河川區域內的民眾、車輛與機具，關閉河川區域出入口。',
      },
      colour: '#ffd500',
    },
    {
      code: '2',
      rank: 2,
      name: { en: 'Level 2 alert (orange)', 'zh-TW': '二級警戒（橙色）' },
      meaning: {
        en: 'The river is expected to reach flood stage or the levee top within 5 hours.',
        'zh-TW': '河川水位預計未來5小時到達洪水位（或堤頂）。',
      },
      action: {
        en: 'Mobilise people, machines and material; prepare to evacuate.',
        'zh-TW': '動員人員、機具及材料，做好疏散撤離準備。',
      },
      colour: '#ff8c00',
    },
    {
      code: '1',
      rank: 3,
      name: { en: 'Level 1 alert (red)', 'zh-TW': '一級警戒（紅色）' },
      meaning: {
        en: 'The river is expected to reach flood stage or the levee top within 2 hours.',
        'zh-TW': '河川水位預計未來2小時到達洪水位（或堤頂）。',
      },
      action: {
        en: 'Keep away from the river; evacuate with the local government and find shelter.',
        'zh-TW': '遠離河川區域，配合地方政府疏散撤離並妥善安置。',
      },
      colour: '#e00000',
    },
  ],
  source:
    'Water Resources Agency, data set "警戒水位值" (Water Act art. 74, rules art. 52), and CNA 2015-09-29: order, meaning, ' +
    'actions, colours by name; the hex values are ours',
}
