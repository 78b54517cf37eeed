/** Flood categories of the U.S. National Weather Service, set per gauge; the codes are the site file's severities. */
import type { Scheme } from './scheme.ts'

export const US_NWS: Scheme = {
  id: 'us-nws',
  name: { en: 'U.S. National Weather Service flood categories', 'zh-TW': '美國國家氣象局洪水分級' },
  of: 'water',
  levels: [
    {
      code: 'action',
      rank: 1,
      name: { en: 'Action stage', 'zh-TW': '行動水位' },
      meaning: {
        en: 'The stage at which something must be done to prepare for a possible flood.',
        'zh-TW': '到達此水位時，必須開始為可能的洪水做準備。',
      },
      action: {
        en: 'Watch the gauge; move equipment and animals from the lowest banks.',
        'zh-TW': '持續觀測水位，將低處河岸的機具與牲畜移走。',
      },
      colour: '#ffff00',
    },
    {
      code: 'minor',
      rank: 2,
      name: { en: 'Minor flooding', 'zh-TW': '輕度洪水' },
      meaning: {
        en: 'Little or no damage to property, but some threat to the public.',
        'zh-TW': '財產損失輕微或沒有，但對民眾有一定威脅。',
      },
      action: {
        en: 'Close low roads and paths at the water; warn those nearest to it.',
        'zh-TW': '封閉臨水低窪道路，通知最靠近河岸的民眾。',
      },
      colour: '#ff9900',
    },
    {
      code: 'moderate',
      rank: 3,
      name: { en: 'Moderate flooding', 'zh-TW': '中度洪水' },
      meaning: {
        en: 'Some buildings and roads near the stream are under water.',
        'zh-TW': '河岸附近部分建築物與道路淹水。',
      },
      action: {
        en: 'Evacuate the places named for this stage; carry property to higher ground.',
        'zh-TW': '撤離此水位指定的地區，將財物移往高處。',
      },
      colour: '#ff0000',
    },
    {
      code: 'major',
      rank: 4,
      name: { en: 'Major flooding', 'zh-TW': '重大洪水' },
      meaning: {
        en: 'Buildings and roads are under water over a wide area.',
        'zh-TW': '大範圍的建築物與道路淹水。',
      },
      action: {
        en: 'Evacuate on a large scale; nobody enters the water.',
        'zh-TW': '大規模疏散撤離，任何人不得進入水域。',
      },
      colour: '#cc33ff',
    },
  ],
  source:
    'NWS categories as quoted by openhazards.com and postandcourier.com (2018); action stage and the AHPS map colours [K]; ' +
    'actions for one gauge are its own, these are general',
}
