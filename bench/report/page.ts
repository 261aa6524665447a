import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { usualConnections } from '../load/contender.ts'
import { usualBodyBytes } from '../load/sign.ts'
import type { GrowthResult } from '../suites/growth-suites.ts'
import { growthSvg, toSvg } from './chart.ts'
import { growthSections } from './growth-sections.ts'
import { profiled } from './profiled.ts'
import type { Results } from './results.ts'
import { writeScalePage } from './scale.ts'
import { toMarkdown } from './table.ts'
import { targetsOf } from './targets.ts'

const docs = join(import.meta.dirname, '../../docs')
const charts = join(docs, 'performance')

/** Where the results lie that the page was made of. */
export const resultsPath = join(charts, 'results.json')

/** Writes docs/performance.md, with a chart for each suite beside it, and the figures of docs/scale.md. */
export async function writePage(results: Results): Promise<void> {
  await mkdir(charts, { recursive: true })
  for (const suite of results.suites) await writeFile(join(charts, `${suite.name}.svg`), toSvg(suite))
  for (const growth of results.growth) await writeFile(join(charts, `${growth.name}.svg`), growthSvg(growth))
  await writeFile(join(docs, 'performance.md'), render(results))
  await writeScalePage(results)
}

/** The page, as Markdown. */
export function render(results: Results): string {
  const { suites, growth, processes, consumption, verify, remembered, prune, hostile } = results
  return `# Performance

Written by \`npm run bench -- --full --page\`; do not edit. Measured on ${results.on}${laterDays(results)}: ${results.machine}. The server is pinned to one core, load generator and Redis to the other; ${usualConnections} connections,
deliveries of ${usualBodyBytes} bytes, each with an id of its own; contenders take turns in short slices, in an order that is shuffled every round. Every
reply was a 200 and every event was handled, or the run fails.

**CPU µs** is the CPU time of the server process for each request: the figure to trust on a noisy machine. Ratios are medians of
paired slices with their 95% confidence interval; above 1 is better than the rival in the first line. Latencies are at half of what the slowest contender of the
table can take. **KB allocated** is what the server's heap grew by and collections freed, for each request. **Reach** is what hookport aims at, in CPU time. The
[rivals](../bench/rivals) are written as people write them who know what to look out for, and those [with the same promises](../bench/rivals/same-promises.ts) as far as
twenty-five lines go; [all figures](performance/results.json) are kept. Requests have the headers that the senders' HTTP clients write, and come on connections that stay open.
${idleness(results)}\`@better-webhook/core\`, another peer, could not be installed: the registry does not have it.

To repeat it: \`npm ci\`, with \`redis-server\` and \`taskset\` installed, then \`npm run bench\` for a short run (two minutes),
\`npm run bench -- express fastify\` for some of it, or \`npm run bench -- --full --page\` for all of it (some 20 minutes), which writes this page.

${targets(results)}
## Servers

${suites.map((suite) => `${toMarkdown(suite)}\n![CPU time per request](performance/${suite.name}.svg)\n`).join('\n')}
## Growth, Express

${growth.map(growthTable).join('\n')}
### Web processes that share an inbox, accepting only

| inbox | processes | requests/s | CPU µs for each |
|---|---|---|---|
${processes.map(({ name, processes: count, requestsPerSecond, cpuMicrosPerRequest }) => `| ${name} | ${count} | ${Math.round(requestsPerSecond).toLocaleString('en')} | ${cpuMicrosPerRequest.toFixed(1)} |`).join('\n')}

Both processes run on one core, since load and Redis need the other: the table shows what sharing costs, not what a second core brings.

## Handling what was accepted

| | events/s | CPU µs for each |
|---|---|---|
${consumption.map(({ name, eventsPerSecond, cpuMicrosPerEvent }) => `| ${name} | ${Math.round(eventsPerSecond).toLocaleString('en')} | ${cpuMicrosPerEvent.toFixed(1)} |`).join('\n')}

A process with 64 handlers at once empties an inbox of ${consumption[0]?.events.toLocaleString('en') ?? 0} events; handlers do nothing.

${effects(results)}## Verification in one process

| body | ours µs | createHmac + timingSafeEqual µs | ratio | bare SHA-256 µs |
|---|---|---|---|---|
${verify.map(({ name, oursMicros, byHandMicros, bareHashMicros }) => `| ${name} | ${oursMicros.toFixed(2)} | ${byHandMicros.toFixed(2)} | ${(byHandMicros / oursMicros).toFixed(2)} | ${bareHashMicros.toFixed(2)} |`).join('\n')}

## A million remembered ids

| inbox | ids | bytes for each | put into an empty inbox, µs | into a full one, µs | ratio |
|---|---|---|---|---|---|
${remembered.map(({ inbox, ids, bytesPerId, emptyPutMicros, fullPutMicros }) => `| ${inbox} | ${ids.toLocaleString('en')} | ${Math.round(bytesPerId)} | ${emptyPutMicros.toFixed(1)} | ${fullPutMicros.toFixed(1)} | ${(fullPutMicros / emptyPutMicros).toFixed(2)} |`).join('\n')}

Puts in groups of 64, all events handled; the median over groups.

## Pruning, SQLite

| puts, one after the other, while | median ms | p99 ms | longest ms |
|---|---|---|---|
${prune.map((row) => `| ${row.while} | ${row.medianMs.toFixed(2)} | ${row.p99Ms.toFixed(1)} | ${row.longestMs.toFixed(1)} |`).join('\n')}

## Hostile requests

| to an Express receiver | memory in use grew by |
|---|---|
${hostile.map(({ requests, grownBytes }) => `| ${requests} | ${(grownBytes / 2 ** 20).toFixed(1)} MiB |`).join('\n')}
${growthSections(results)}`
}

/** Effects with a receipt, by `once` and by hand. */
function effects({ once = [] }: Results): string {
  if (once.length === 0) return ''
  const rows = once.map(
    ({ name, effectsPerSecond, cpuMicrosPerEffect, throughputRatio: { ratio, low, high } }) =>
      `| ${name} | ${Math.round(effectsPerSecond).toLocaleString('en')} | ${cpuMicrosPerEffect.toFixed(1)} | ${ratio.toFixed(2)} (${low.toFixed(2)}–${high.toFixed(2)}) |`,
  )
  return `## An effect, once

| | effects/s | CPU µs for each | throughput ratio |
|---|---|---|---|
${rows.join('\n')}

A handler that writes one row in Postgres, eight at a time: with \`once\`, and with a receipt that is written by hand in the same transaction.

`
}

/** What was measured on later days, in brackets. */
function laterDays({ anew = {} }: Results): string {
  const days = [...new Set(Object.values(anew))].sort()
  const namesOf = (day: string) => Object.keys(anew).filter((name) => anew[name] === day)
  return days.map((day) => ` (on ${day}: ${namesOf(day).join(', ')})`).join('')
}

/** The generator spins so that it need not be woken: what it has left says whether it, or the server, was the limit. */
function idleness({ suites }: Results): string {
  const shares = suites.flatMap(({ generatorIdleShare }) => generatorIdleShare ?? [])
  if (shares.length === 0) return ''
  const percent = (share: number) => `${Math.round(share * 100)}%`
  return `The load generator never sleeps, since waking it would be charged to the server; between ${percent(Math.min(...shares))} and ${percent(Math.max(...shares))} of its time, by suite, it has nothing to do.\nRedis shares its core, so that where Redis is at work, only CPU time tells.\n`
}

function targets(results: Results): string {
  const rows = targetsOf(results)
  const table = rows.map(
    ({ what, aim, measured, reached }) =>
      `| ${what} | ${aim} | ${reached ? measured : `**${measured}**`} | ${reached ? 'yes' : '**no**'} |`,
  )
  const source = `What a step takes was profiled on ${profiled.on}; all else is of the run.`
  const missed = rows.filter(({ reached }) => !reached)
  const shortfalls = missed.map(
    ({ what, aim, measured, reason }) => `- **${what}**: ${measured}, aim: ${aim}. ${reason ?? ''}`,
  )
  return [
    '## What hookport aims at',
    '',
    '| | aim | measured | reached |',
    '|---|---|---|---|',
    ...table,
    '',
    ...(missed.length > 0 ? ['## What falls short, and why', '', source, '', ...shortfalls, ''] : []),
  ].join('\n')
}

function growthTable({ title, name, points }: GrowthResult): string {
  const rows = points.map(
    ({ label, byHand, ours }) =>
      `| ${label} | ${byHand.cpuMicrosPerRequest.toFixed(1)} | ${ours.cpuMicrosPerRequest.toFixed(1)} | ${ours.cpuRatio.ratio.toFixed(2)} (${ours.cpuRatio.low.toFixed(2)}–${ours.cpuRatio.high.toFixed(2)}) | ${ours.throughputRatio.ratio.toFixed(2)} | ${byHand.p99Ms.toFixed(2)} | ${ours.p99Ms.toFixed(2)} |`,
  )
  return [
    `### ${title}`,
    '',
    '| | by hand, CPU µs | hookport, CPU µs | CPU ratio | throughput ratio | by hand, p99 ms | hookport, p99 ms |',
    '|---|---|---|---|---|---|---|',
    ...rows,
    '',
    `![CPU time per request](performance/${name}.svg)`,
    '',
  ].join('\n')
}
