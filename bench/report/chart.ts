import type { GrowthResult } from '../suites/growth-suites.ts'
import type { SuiteResult } from '../suites/run-suite.ts'

const barHeight = 22
const labelWidth = 210
const barWidth = 420

interface Bar {
  readonly label: string
  readonly micros: number
  readonly isOurs: boolean
}

/** Bars of CPU time per request, one for each contender. Shorter is better. */
export function toSvg({ title, contenders }: SuiteResult): string {
  return barChart(
    title,
    contenders.map(({ name, cpuMicrosPerRequest }) => ({
      label: name,
      micros: cpuMicrosPerRequest,
      isOurs: name.startsWith('hookport'),
    })),
  )
}

/** The same, a pair of bars for each point. */
export function growthSvg({ title, points }: GrowthResult): string {
  return barChart(
    title,
    points.flatMap(({ label, byHand, ours }) => [
      { label: `${label}, by hand`, micros: byHand.cpuMicrosPerRequest, isOurs: false },
      { label: `${label}, hookport`, micros: ours.cpuMicrosPerRequest, isOurs: true },
    ]),
  )
}

function barChart(title: string, bars: readonly Bar[]): string {
  const longest = Math.max(...bars.map(({ micros }) => micros))
  const shapes = bars.map(({ label, micros, isOurs }, index) => {
    const y = index * barHeight
    const width = Math.round((micros / longest) * barWidth)
    return [
      `<text x="${labelWidth - 8}" y="${y + 15}" text-anchor="end">${escapeXml(label)}</text>`,
      `<rect x="${labelWidth}" y="${y + 3}" width="${width}" height="${barHeight - 6}" rx="2" fill="${isOurs ? '#2563eb' : '#94a3b8'}"/>`,
      `<text x="${labelWidth + width + 6}" y="${y + 15}">${micros.toFixed(0)} µs</text>`,
    ].join('')
  })
  const [width, height] = [labelWidth + barWidth + 80, bars.length * barHeight]
  const style = 'font: 12px system-ui, sans-serif; background: #fff'
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" style="${style}"><title>${escapeXml(title)}</title>${shapes.join('')}</svg>\n`
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
