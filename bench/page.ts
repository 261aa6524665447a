import { mkdir, writeFile } from 'node:fs/promises'
import { cpus, release, totalmem } from 'node:os'
import { join } from 'node:path'
import { toSvg } from './chart.ts'
import type { RememberedResult } from './growth.ts'
import type { HostileResult } from './hostile.ts'
import type { PruneResult } from './prune.ts'
import type { SuiteResult } from './run-suite.ts'
import { toMarkdown } from './table.ts'
import type { VerifyResult } from './verify.ts'

export interface Results {
  readonly suites: readonly SuiteResult[]
  readonly verify: readonly VerifyResult[]
  readonly remembered: readonly RememberedResult[]
  readonly prune: readonly PruneResult[]
  readonly hostile: readonly HostileResult[]
}

const docs = join(import.meta.dirname, '../docs')

/** Writes docs/performance.md, with a chart for each suite beside it. */
export async function writePage(results: Results): Promise<void> {
  await mkdir(join(docs, 'performance'), { recursive: true })
  for (const suite of results.suites)
    await writeFile(join(docs, `performance/${suite.name}.svg`), toSvg(suite))
  await writeFile(join(docs, 'performance.md'), render(results))
}

function render({ suites, verify, remembered, prune, hostile }: Results): string {
  const [cpu] = cpus()
  return `# Performance

Written by \`npm run bench -- --full --page\`; do not edit. Measured ${new Date().toISOString().slice(0, 10)} on ${cpus().length} cores (${cpu?.model.trim()}), ${Math.round(totalmem() / 2 ** 30)} GiB,
Linux ${release()}, Node ${process.version}. The server is pinned to one core, load generator and Redis to the other; 64 connections,
deliveries of 425 bytes, each with an id of its own; contenders take turns in short slices, in an order that is shuffled every round. Every
reply was a 200 and every event was handled, or the run fails.

**CPU µs** is the CPU time of the server process for each request: the figure to trust on a noisy machine. Ratios are medians of
paired slices with their 95% confidence interval; above 1 is better than the rival in the first line. Latencies are at half of the rival's
saturation. **Reach** is what hookport aims at, in CPU time.

To repeat it: \`npm ci && npm run bench\` (two minutes for a suite or two: \`npm run bench -- express fastify\`).

${shortfalls(suites)}
## Servers

${suites.map((suite) => `${toMarkdown(suite)}\n![CPU time per request](performance/${suite.name}.svg)\n`).join('\n')}
## Verification in one process

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
`
}

function shortfalls(suites: readonly SuiteResult[]): string {
  const missed = suites.flatMap(({ title, contenders }) =>
    contenders
      .filter(({ reach, cpuRatio }) => reach !== undefined && cpuRatio.ratio < reach)
      .map(
        ({ name, reach, cpuRatio }) =>
          `- ${title}: ${name} reaches ${cpuRatio.ratio.toFixed(2)}×, aimed at ${reach}×.`,
      ),
  )
  return missed.length === 0 ? '' : `## What falls short\n\n${missed.join('\n')}\n`
}
