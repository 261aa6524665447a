import type { SuiteResult } from './run-suite.ts'

const barHeight = 22
const labelWidth = 210
const barWidth = 420

/** Bars of CPU time per request, one for each contender. Shorter is better. */
export function toSvg({ contenders }: SuiteResult): string {
  const longest = Math.max(...contenders.map(({ cpuMicrosPerRequest }) => cpuMicrosPerRequest))
  const bars = contenders.map(({ name, cpuMicrosPerRequest }, index) => {
    const y = index * barHeight
    const width = Math.round((cpuMicrosPerRequest / longest) * barWidth)
    const fill = name.startsWith('hookport') ? '#2563eb' : '#94a3b8'
    return [
      `<text x="${labelWidth - 8}" y="${y + 15}" text-anchor="end">${escapeXml(name)}</text>`,
      `<rect x="${labelWidth}" y="${y + 3}" width="${width}" height="${barHeight - 6}" rx="2" fill="${fill}"/>`,
      `<text x="${labelWidth + width + 6}" y="${y + 15}">${cpuMicrosPerRequest.toFixed(0)} µs</text>`,
    ].join('')
  })
  const [width, height] = [labelWidth + barWidth + 80, contenders.length * barHeight]
  const style = 'font: 12px system-ui, sans-serif; background: #fff'
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" style="${style}">${bars.join('')}</svg>\n`
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
