import type { DeadTuplesResult } from '../measurements/growth/dead-tuples.ts'
import type { GrowthCost } from '../measurements/growth/growth.ts'
import type { IdleResult } from '../measurements/idle-consumers.ts'
import type { Results } from './results.ts'

/** Parts of the page about what grows beside bodies and connections. What was not measured has none. */
export function growthSections({ growthCosts, idle, deadTuples }: Results): string {
  return [costs(growthCosts), idleCost(idle), curve(deadTuples)].join('')
}

function costs(rows: readonly GrowthCost[] | undefined): string {
  if (!rows?.length) return ''
  const table = rows.map(
    (row) =>
      `| ${row.store} | ${row.point} | ${whole(row.acceptMicros)} | ${whole(row.acceptStoreMicros)} | ${whole(row.handleMicros)} | ${whole(row.handleStoreMicros)} | ${row.ratio.ratio.toFixed(2)} (${row.ratio.low.toFixed(2)}–${row.ratio.high.toFixed(2)}) | ${row.acceptRatio.ratio.toFixed(2)} | ${Math.round(row.handledPerSecond).toLocaleString('en')} | ${row.coresBusy.toFixed(2)} |`,
  )
  const remembered = rows.flatMap(({ point, store, bytesPerId, acceptRatio }) =>
    bytesPerId === undefined
      ? []
      : `\nWith ${point}, ${store} has ${Math.round(bytesPerId)} bytes for each, indexes included, and accepting costs ${acceptRatio.ratio.toFixed(2)} of what it costs with few.\n`,
  )
  return `
## What an event costs as things grow

| store | | accept: process, µs | accept: store, µs | handle: processes, µs | handle: store, µs | all four, to the first line | accept, to the first line | handled/s | cores busy |
|---|---|---|---|---|---|---|---|---|---|
${table.join('\n')}

CPU time, in microseconds for each event, by \`npm run bench -- growth\`. The process that accepts does so without HTTP; the store's time is that of all its processes or threads. Ratios are
medians of slices that take turns, with their 95% confidence interval; above 1 is dearer. The machine has two cores for processes and store together: where "cores busy" comes near two, or on
Redis, which works on one core, near what one core more allows, further processes add cost and no events. What more cores would bring is not measured here: [docs/scale.md](scale.md) reckons with these costs.
${remembered.join('')}`
}

function idleCost(rows: readonly IdleResult[] | undefined): string {
  const sentences = (rows ?? []).map(
    ({ consumers, seconds, aloneMs, consumedMs }) =>
      `${consumers} consumers with nothing to do, each with a pool of its own, take ${((consumedMs - aloneMs) / 10).toFixed(2)}% of a core of Postgres (${consumedMs.toFixed(2)} ms of CPU time a second, ${aloneMs.toFixed(2)} without them, over ${seconds} s each). The aim is less than 1%.\n`,
  )
  return sentences.length === 0 ? '' : `\n## Idle, Postgres\n\n${sentences.join('\n')}`
}

function curve(rows: readonly DeadTuplesResult[] | undefined): string {
  if (!rows?.length) return ''
  const last = rows.at(-1) as DeadTuplesResult
  const table = rows.map(
    (row) =>
      `| ${row.seconds} | ${row.events.toLocaleString('en')} | ${row.deadRows.toLocaleString('en')} | ${row.vacuums} | ${mebibytes(row.eventsBytes)} | ${mebibytes(row.eventsIndexBytes)} | ${mebibytes(row.idsBytes)} | ${whole(row.cpuMicrosPerEvent)} |`,
  )
  return `
## Dead rows, Postgres

| s | events | dead rows | vacuums | events, MiB | their indexes, MiB | ids, MiB | CPU µs of Postgres for each |
|---|---|---|---|---|---|---|---|
${table.join('\n')}

${last.events.toLocaleString('en')} events put and handled at a steady rate, ${Math.round(last.events / last.seconds).toLocaleString('en')} a second, with autovacuum as Postgres comes, by \`npm run bench -- dead-tuples\`. All ids stay remembered.
`
}

function whole(micros: number): string {
  return micros.toFixed(0)
}

function mebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1)
}
