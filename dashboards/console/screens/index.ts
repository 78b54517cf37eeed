/**
 * The screens, each loaded when it is first opened. To add one: a folder here with `screen.tsx` (default export: a
 * component that takes the route), its words in `words.ts` beside it, and a line below; navigation and address follow.
 */
import type { ComponentType } from 'preact'
import type { Page, Route } from '../state/route.ts'

export type ScreenProps = { readonly route: Route }
type Loaded = { readonly default: ComponentType<ScreenProps> }

export const SCREENS: Readonly<Record<Page, () => Promise<Loaded>>> = {
  overview: () => import('./overview/screen.tsx'),
  alarms: () => import('./alarms/screen.tsx'),
  water: () => import('./water/screen.tsx'),
  building: () => import('./building/screen.tsx'),
  waveforms: () => import('./waveforms/screen.tsx'),
  drills: () => import('./drills/screen.tsx'),
  system: () => import('./system/screen.tsx'),
}
