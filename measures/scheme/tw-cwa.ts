/** Seismic intensity of Taiwan, in force since 2020-01-01: ten classes. The class itself is computed in `measures/ground-motion/`. */
import type { Scheme } from './scheme.ts'

export const TW_CWA: Scheme = {
  id: 'tw-cwa',
  name: { en: 'Taiwan CWA seismic intensity (2020)', 'zh-TW': '中央氣象署地震震度分級（2020）' },
  of: 'earthquake',
  levels: [
    {
      code: '0',
      rank: 1,
      name: { en: '0 None', 'zh-TW': '0級 無感' },
      meaning: { en: 'Nobody feels it.', 'zh-TW': '人無感覺。' },
      action: { en: 'Nothing needs to be done.', 'zh-TW': '無須採取行動。' },
      colour: '#ffffff',
    },
    {
      code: '1',
      rank: 2,
      name: { en: '1 Micro', 'zh-TW': '1級 微震' },
      meaning: { en: 'Felt by people at rest or high up.', 'zh-TW': '人靜止或位於高樓層時可感覺微小搖晃。' },
      action: { en: 'Nothing needs to be done.', 'zh-TW': '無須採取行動。' },
      colour: '#33ffdd',
    },
    {
      code: '2',
      rank: 3,
      name: { en: '2 Light', 'zh-TW': '2級 輕震' },
      meaning: { en: 'Felt by most; some sleepers wake.', 'zh-TW': '大多數的人可感到搖晃，睡眠中的人有部分會醒來。' },
      action: {
        en: 'Nothing needs to be done; note the time and look at the record later.',
        'zh-TW': '無須採取行動；記下時間，之後查看紀錄。',
      },
      colour: '#34ff32',
    },
    {
      code: '3',
      rank: 4,
      name: { en: '3 Weak', 'zh-TW': '3級 弱震' },
      meaning: {
        en: 'Felt by nearly all; dishes and windows rattle.',
        'zh-TW': '幾乎所有的人都感覺搖晃，碗盤門窗發出聲音。',
      },
      action: {
        en: 'Nothing needs to be done; note the time and look at the record later.',
        'zh-TW': '無須採取行動；記下時間，之後查看紀錄。',
      },
      colour: '#fefd32',
    },
    {
      code: '4',
      rank: 5,
      name: { en: '4 Moderate', 'zh-TW': '4級 中震' },
      meaning: {
        en: 'Frightening; unstable things topple, nearly all sleepers wake.',
        'zh-TW': '有相當程度的恐懼感，未固定物品傾倒，睡眠中的人幾乎都會驚醒。',
      },
      action: {
        en: 'Keep away from what can fall; put out flames; look round for loose things afterwards.',
        'zh-TW': '遠離可能掉落的物品，關閉火源；搖晃停止後檢查是否有鬆動物品。',
      },
      colour: '#fe8532',
    },
    {
      code: '5-',
      rank: 6,
      name: { en: '5 Lower (strong)', 'zh-TW': '5弱 強震' },
      meaning: {
        en: 'Most panic and can hardly walk; some walls crack, some furniture topples.',
        'zh-TW': '大多數人感到驚嚇恐慌、難以走動；部分牆壁產生裂痕，少數傢俱可能翻倒。',
      },
      action: {
        en: 'Drop, cover, hold on. Stop lifts; walk through the building for damage before going on.',
        'zh-TW': '趴下、掩護、穩住。停用電梯；巡查建築物有無損壞後再恢復使用。',
      },
      colour: '#fd5233',
    },
    {
      code: '5+',
      rank: 7,
      name: { en: '5 Upper (strong)', 'zh-TW': '5強 強震' },
      meaning: {
        en: 'Nearly all panic; furniture topples, a few weak houses may be damaged or fall.',
        'zh-TW': '幾乎所有人驚嚇恐慌；傢俱移動或翻倒，極少數耐震較差房屋可能損壞或崩塌。',
      },
      action: {
        en: 'Drop, cover, hold on. Then leave what is cracked or leans, shut off gas, and have the structure inspected before it is used again.',
        'zh-TW': '趴下、掩護、穩住。之後離開有裂縫或傾斜的建築物，關閉瓦斯，結構經檢查後方可再使用。',
      },
      colour: '#c43f3b',
    },
    {
      code: '6-',
      rank: 8,
      name: { en: '6 Lower (violent)', 'zh-TW': '6弱 烈震' },
      meaning: {
        en: 'Hard to stand; much furniture topples, some weak houses may fall.',
        'zh-TW': '搖晃劇烈以致站立困難；大量傢俱翻倒，部分耐震較差房屋可能損壞或倒塌。',
      },
      action: {
        en: 'Drop, cover, hold on. Then leave the building with care, stay out, and expect aftershocks; engineers decide who goes back.',
        'zh-TW': '趴下、掩護、穩住。之後小心離開建築物並留在屋外，注意餘震；由專業人員判定後方可返回。',
      },
      colour: '#9d4646',
    },
    {
      code: '6+',
      rank: 9,
      name: { en: '6 Upper (violent)', 'zh-TW': '6強 烈震' },
      meaning: {
        en: 'Impossible to stand; weak houses fall, sound ones may be damaged.',
        'zh-TW': '搖晃劇烈以致無法站穩；部分耐震較差房屋損壞或倒塌，耐震較佳房屋亦可能受損。',
      },
      action: {
        en: 'Drop, cover, hold on. Then leave the building with care, stay out, and expect aftershocks; engineers decide who goes back.',
        'zh-TW': '趴下、掩護、穩住。之後小心離開建築物並留在屋外，注意餘震；由專業人員判定後方可返回。',
      },
      colour: '#9a4c86',
    },
    {
      code: '7',
      rank: 10,
      name: { en: '7 Extreme', 'zh-TW': '7級 劇震' },
      meaning: {
        en: 'Nobody can move at will; houses fall, services fail over a wide area.',
        'zh-TW': '搖晃劇烈以致無法依意志行動；房屋損壞或倒塌，大範圍電力、自來水、瓦斯或通訊中斷。',
      },
      action: {
        en: 'Drop, cover, hold on. Then leave the building with care, stay out, and expect aftershocks; engineers decide who goes back.',
        'zh-TW': '趴下、掩護、穩住。之後小心離開建築物並留在屋外，注意餘震；由專業人員判定後方可返回。',
      },
      colour: '#b51fea',
    },
  ],
  source:
    'Central Weather Administration, 地震震度分級表 of 2019-12-02: classes, names and what is felt (in our words, after nownews.com ' +
    '2025-12-28 and storm.mg 2022-09-21); colours as maps of CWA reports are drawn [K]; actions are ours, the plan of the site stands above them',
}
