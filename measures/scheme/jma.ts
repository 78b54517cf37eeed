/** Seismic intensity of the Japan Meteorological Agency: ten classes. The class itself is computed in `measures/ground-motion/`. */
import type { Scheme } from './scheme.ts'

export const JMA: Scheme = {
  id: 'jma',
  name: { en: 'JMA seismic intensity (Shindo)', 'zh-TW': '日本氣象廳震度階級' },
  of: 'earthquake',
  levels: [
    {
      code: '0',
      rank: 1,
      name: { en: 'Intensity 0', 'zh-TW': '震度0' },
      meaning: { en: 'Nobody feels it.', 'zh-TW': '人無感覺。' },
      action: { en: 'Nothing needs to be done.', 'zh-TW': '無須採取行動。' },
      colour: '#ffffff',
    },
    {
      code: '1',
      rank: 2,
      name: { en: 'Intensity 1', 'zh-TW': '震度1' },
      meaning: { en: 'Felt by some who keep still indoors.', 'zh-TW': '屋內靜止的人中有部分感到輕微搖晃。' },
      action: { en: 'Nothing needs to be done.', 'zh-TW': '無須採取行動。' },
      colour: '#f2f2ff',
    },
    {
      code: '2',
      rank: 3,
      name: { en: 'Intensity 2', 'zh-TW': '震度2' },
      meaning: {
        en: 'Felt by many indoors; hanging lamps swing a little.',
        'zh-TW': '屋內多數靜止的人感到搖晃，吊燈略有擺動。',
      },
      action: {
        en: 'Nothing needs to be done; note the time and look at the record later.',
        'zh-TW': '無須採取行動；記下時間，之後查看紀錄。',
      },
      colour: '#00aaff',
    },
    {
      code: '3',
      rank: 4,
      name: { en: 'Intensity 3', 'zh-TW': '震度3' },
      meaning: {
        en: 'Felt by nearly all indoors; dishes may rattle.',
        'zh-TW': '屋內幾乎所有人感到搖晃，櫃中碗盤可能發出聲響。',
      },
      action: {
        en: 'Nothing needs to be done; note the time and look at the record later.',
        'zh-TW': '無須採取行動；記下時間，之後查看紀錄。',
      },
      colour: '#0041ff',
    },
    {
      code: '4',
      rank: 5,
      name: { en: 'Intensity 4', 'zh-TW': '震度4' },
      meaning: {
        en: 'Most are startled; hanging things swing widely, unstable ornaments may fall.',
        'zh-TW': '多數人受到驚嚇，懸掛物大幅擺動，不穩的擺設可能倒下。',
      },
      action: {
        en: 'Keep away from what can fall; put out flames; look round for loose things afterwards.',
        'zh-TW': '遠離可能掉落的物品，關閉火源；搖晃停止後檢查是否有鬆動物品。',
      },
      colour: '#fae696',
    },
    {
      code: '5-',
      rank: 6,
      name: { en: 'Intensity 5 Lower', 'zh-TW': '震度5弱' },
      meaning: {
        en: 'Most want to hold on to something; dishes and books may fall.',
        'zh-TW': '多數人想抓住支撐物，碗盤與書籍可能掉落。',
      },
      action: {
        en: 'Drop, cover, hold on. Stop lifts; walk through the building for damage before going on.',
        'zh-TW': '趴下、掩護、穩住。停用電梯；巡查建築物有無損壞後再恢復使用。',
      },
      colour: '#ffe600',
    },
    {
      code: '5+',
      rank: 7,
      name: { en: 'Intensity 5 Upper', 'zh-TW': '震度5強' },
      meaning: {
        en: 'Hard to walk without holding on; unfixed furniture may topple, weak block walls may fall.',
        'zh-TW': '不抓住支撐物難以行走，未固定傢俱可能翻倒，補強不足的磚牆可能倒塌。',
      },
      action: {
        en: 'Drop, cover, hold on. Then leave what is cracked or leans, shut off gas, and have the structure inspected before it is used again.',
        'zh-TW': '趴下、掩護、穩住。之後離開有裂縫或傾斜的建築物，關閉瓦斯，結構經檢查後方可再使用。',
      },
      colour: '#ff9900',
    },
    {
      code: '6-',
      rank: 8,
      name: { en: 'Intensity 6 Lower', 'zh-TW': '震度6弱' },
      meaning: {
        en: 'Hard to stand; most unfixed furniture moves, weak wooden houses may lean or fall.',
        'zh-TW': '站立困難，未固定傢俱多半移動，耐震性低的木造房屋可能傾斜或倒塌。',
      },
      action: {
        en: 'Drop, cover, hold on. Then leave the building with care, stay out, and expect aftershocks; engineers decide who goes back.',
        'zh-TW': '趴下、掩護、穩住。之後小心離開建築物並留在屋外，注意餘震；由專業人員判定後方可返回。',
      },
      colour: '#ff2800',
    },
    {
      code: '6+',
      rank: 9,
      name: { en: 'Intensity 6 Upper', 'zh-TW': '震度6強' },
      meaning: {
        en: 'People can only crawl; many weak houses fall, large cracks and landslides may come.',
        'zh-TW': '只能匍匐移動，耐震性低的房屋多有傾斜或倒塌，可能出現大裂縫與山崩。',
      },
      action: {
        en: 'Drop, cover, hold on. Then leave the building with care, stay out, and expect aftershocks; engineers decide who goes back.',
        'zh-TW': '趴下、掩護、穩住。之後小心離開建築物並留在屋外，注意餘震；由專業人員判定後方可返回。',
      },
      colour: '#a50021',
    },
    {
      code: '7',
      rank: 10,
      name: { en: 'Intensity 7', 'zh-TW': '震度7' },
      meaning: {
        en: 'People are thrown; even earthquake-resistant houses may lean, many weak ones fall.',
        'zh-TW': '人被拋動，耐震性高的房屋亦偶有傾斜，耐震性低的房屋倒塌更多。',
      },
      action: {
        en: 'Drop, cover, hold on. Then leave the building with care, stay out, and expect aftershocks; engineers decide who goes back.',
        'zh-TW': '趴下、掩護、穩住。之後小心離開建築物並留在屋外，注意餘震；由專業人員判定後方可返回。',
      },
      colour: '#b40068',
    },
  ],
  source:
    'Japan Meteorological Agency, 震度階級関連解説表 (2009) [K]: classes and what is felt, in our words; colours of its maps [K]; ' +
    'actions are ours, the plan of the site stands above them',
}
