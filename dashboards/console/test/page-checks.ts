/** Measurements made inside the page by the end-to-end test: what is too small, too wide, or too faint to read. */
import type { Page } from 'playwright-core'

/** Pixels by which the page is wider than the screen. */
export const overflow_px = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)

/** Visible buttons, links, fields and summaries lower or narrower than 44 px; of a box or dot its label is the target. */
export const smallTargets = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('button, a, input, select, textarea, summary')]
      .map((element) => {
        const isDot = element instanceof HTMLInputElement && ['checkbox', 'radio'].includes(element.type)
        return { element, box: ((isDot && element.closest('label')) || element).getBoundingClientRect() }
      })
      .filter(({ box }) => box.width > 0 && (box.height < 43.9 || box.width < 43.9))
      .map(({ element, box }) => `${element.textContent} ${box.width} x ${box.height}`),
  )

/** Texts whose contrast with the colour behind them is under 4.5 (WCAG 2.2, 1.4.3), as `text: ratio`. */
export const faintTexts = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const ctx = document.createElement('canvas').getContext('2d', { willReadFrequently: true })!
    const over = (colors: string[]): number[] => {
      ctx.clearRect(0, 0, 1, 1)
      for (const color of colors) {
        ctx.fillStyle = color
        ctx.fillRect(0, 0, 1, 1)
      }
      return [...ctx.getImageData(0, 0, 1, 1).data]
    }
    const luminance = (rgb: number[]) => {
      const [r, g, b] = rgb.map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4))
      return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!
    }
    const faint: string[] = []
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      const element = node.parentElement
      const text = node.textContent?.trim() ?? ''
      if (element === null || text === '' || !element.checkVisibility() || element.closest('.unseen, .skip')) continue
      const grounds: string[] = []
      for (let at: Element | null = element; at !== null; at = at.parentElement)
        grounds.unshift(getComputedStyle(at).backgroundColor)
      const [a, b] = [luminance(over([...grounds, getComputedStyle(element).color])), luminance(over(grounds))]
      const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
      if (ratio < 4.5) faint.push(`${text}: ${ratio.toFixed(2)}`)
    }
    return faint
  })

/** Share of the live strip's pixels that are drawn on. */
export const stripInk = (page: Page): Promise<number> =>
  page.evaluate(() => {
    const canvas = document.querySelector<HTMLCanvasElement>('.strip canvas')!
    const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height)
    let drawn = 0
    for (let i = 3; i < data.length; i += 4) if (data[i]! > 0) drawn += 1
    return drawn / (data.length / 4)
  })

/** Until nothing more has changed on the page for a tenth of a second, apart from clocks and ages, or a second has gone. */
export const settled = (page: Page): Promise<void> =>
  page.evaluate(async () => {
    const shape = () => document.querySelectorAll('*').length + document.documentElement.scrollHeight
    let [seen, since] = [shape(), performance.now()]
    const end = performance.now() + 1000
    while (performance.now() - since < 100 && performance.now() < end) {
      await new Promise(requestAnimationFrame)
      if (shape() !== seen) [seen, since] = [shape(), performance.now()]
    }
  })
