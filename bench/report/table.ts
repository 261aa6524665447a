import type { Ratio } from '../statistics/paired-ratio.ts'
import type { ContenderResult, SuiteResult } from '../suites/run-suite.ts'

const columns = [
  '',
  'requests/s',
  'CPU µs',
  'KB allocated',
  'p50 ms',
  'p99 ms',
  'p99 ratio',
  'CPU ratio',
  'throughput ratio',
  'reach',
]

/** A suite's result as lines of Markdown. */
export function toMarkdown({ title, contenders }: SuiteResult): string {
  const rows = contenders.map((contender, index) => cells(contender, index === 0))
  const lines = [columns, columns.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`)
  return [`### ${title}`, '', ...lines, ''].join('\n')
}

function cells(result: ContenderResult, isRival: boolean): string[] {
  const {
    name,
    requestsPerSecond,
    cpuMicrosPerRequest,
    bytesPerRequest,
    p50Ms,
    p99Ms,
    p99Ratio,
    cpuRatio,
    throughputRatio,
    reach,
    reachInThroughput,
  } = result
  return [
    name,
    Math.round(requestsPerSecond).toLocaleString('en'),
    cpuMicrosPerRequest.toFixed(1),
    bytesPerRequest === undefined ? '' : (bytesPerRequest / 1000).toFixed(1),
    p50Ms.toFixed(2),
    p99Ms.toFixed(2),
    isRival ? '1' : p99Ratio.toFixed(2),
    isRival ? '1' : describe(cpuRatio),
    isRival ? '1' : describe(throughputRatio),
    [describeReach(cpuRatio, reach), describeReach(throughputRatio, reachInThroughput)].join(''),
  ]
}

function describeReach({ ratio }: Ratio, reach: number | undefined): string {
  return reach === undefined ? '' : `${reach}× ${ratio >= reach ? 'reached' : '**missed**'}`
}

function describe({ ratio, low, high }: Ratio): string {
  return `${ratio.toFixed(2)} (${low.toFixed(2)}–${high.toFixed(2)})`
}
