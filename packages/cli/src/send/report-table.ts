import { alignColumns } from '../terminal/table.ts'
import { paint, type Terminal } from '../terminal/terminal.ts'
import type { SendReport } from './send-report.ts'

/** The closing table, for people. */
function reportTable(report: SendReport, terminal: Terminal): string[] {
  const { provider, url, seed, deliveries, attempts, replies, errors, mischief, latencyMs } = report
  const { p50, p90, p99, max } = latencyMs
  const counted = (counts: Readonly<Record<string, number>>) =>
    Object.entries(counts).map(([name, count]) => [`  ${name}`, String(count)])
  const rows = [
    ['deliveries', String(deliveries)],
    ...counted(mischief as Record<string, number>),
    ['attempts', String(attempts)],
    ...counted(replies),
    ...counted(errors),
    ['as expected', String(report.asExpected)],
    ['unexpected', String(report.unexpected)],
    ['duration', `${(report.durationMs / 1000).toFixed(2)} s`],
    ['per second', String(report.perSecond)],
    ['latency', `p50 ${p50} ms   p90 ${p90} ms   p99 ${p99} ms   max ${max} ms`],
  ]
  const verdict =
    report.unexpected === 0
      ? paint(terminal, 'green', 'everything as expected')
      : paint(
          terminal,
          'red',
          `${report.unexpected} ${report.unexpected === 1 ? 'delivery' : 'deliveries'} had an unexpected result`,
        )
  return [
    `${provider} to ${url}${seed === null ? '' : `, seed ${seed}`}`,
    '',
    ...alignColumns(rows),
    '',
    verdict,
  ]
}

/** The report, as a table or as JSON. */
export function printReport(report: SendReport, asJson: boolean, terminal: Terminal): void {
  if (asJson) terminal.print(JSON.stringify(report))
  else for (const line of reportTable(report, terminal)) terminal.print(line)
}
