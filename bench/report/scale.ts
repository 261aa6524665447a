import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Results } from './results.ts'

const path = join(import.meta.dirname, '../../docs/scale.md')
const [begin, end] = ['<!-- growth:begin -->', '<!-- growth:end -->']
const microsPerCore = 1_000_000
/** What a core is planned to be busy for. The rest is for bursts, retries and a shard that gets more than its share. */
const plannedShare = 0.5
const rates = [100, 1_000, 10_000, 100_000, 1_000_000]

/** What an event costs on a store, in CPU microseconds, and where the figure is from. */
interface Costs {
  readonly store: string
  /** Accepting over HTTP, handling, and the store for both. A store within the process has no figure of its own. */
  readonly web: number
  readonly worker: number
  readonly inStore: number
  /** True where no more than one core can work for a store. */
  readonly isOneCore: boolean
}

/** Writes the figures of docs/scale.md. The text around them is people's. */
export async function writeScalePage(results: Results): Promise<void> {
  await writeFile(path, withFigures(await readFile(path, 'utf8'), results))
}

/** The page with figures of these results in place of those between its markers. */
export function withFigures(page: string, results: Results): string {
  const [before, after] = [page.indexOf(begin), page.indexOf(end)]
  if (before < 0 || after < before)
    throw new Error(`docs/scale.md has no ${begin} before ${end}: put both on lines of their own`)
  return `${page.slice(0, before)}${begin}\n${figures(results)}\n${page.slice(after)}`
}

function figures(results: Results): string {
  const all = costsOf(results)
  if (all.length === 0) return 'No run has measured them yet: `npm run bench -- --full --page`.'
  return [
    `Measured on ${results.on}: ${results.machine}. A core has ${number(microsPerCore)} µs of CPU time a second.`,
    '',
    '| inbox | web process, µs | store, µs | worker, µs | all, µs | takes most | one process for web and worker, events/s | one core of the store, events/s |',
    '|---|---|---|---|---|---|---|---|',
    ...all.map(costsRow),
    '',
    ...all.flatMap(ladder),
  ]
    .join('\n')
    .trimEnd()
}

function costsRow({ store, web, worker, inStore }: Costs): string {
  const parts: [string, number][] = [
    ['web process', web],
    ['store', inStore],
    ['worker', worker],
  ]
  const [most] = parts.toSorted(([, one], [, other]) => other - one)[0] as [string, number]
  const storeCell = inStore === 0 ? 'in the two beside it' : inStore.toFixed(0)
  const perStoreCore = inStore === 0 ? '' : number(microsPerCore / inStore)
  return `| ${store} | ${web.toFixed(0)} | ${storeCell} | ${worker.toFixed(0)} | ${(web + inStore + worker).toFixed(0)} | ${most} | ${number(microsPerCore / (web + worker))} | ${perStoreCore} |`
}

/** Cores, planned half busy, at one rate after the other. */
function ladder({ store, web, worker, inStore, isOneCore }: Costs): string[] {
  const cores = (rate: number, micros: number) => (rate * micros) / microsPerCore / plannedShare
  const stores = isOneCore ? 'stores of one core each' : 'cores of Postgres'
  if (inStore === 0)
    return [
      `**${store}** is on one machine and one disk: a single writer at a time. At most ${number(microsPerCore / (web + worker))} events a second in one process, by CPU time.`,
      '',
    ]
  return [
    `**${store}**, with cores that are busy for ${plannedShare * 100}% of the time. At 10,000 events a second the store needs 10,000 × ${inStore.toFixed(0)} µs ÷ ${number(microsPerCore)} µs = ${((10_000 * inStore) / microsPerCore).toFixed(2)} cores that do nothing else, and twice as many at ${plannedShare * 100}%.`,
    '',
    `| events/s | cores for web | ${stores} | cores for workers |`,
    '|---|---|---|---|',
    ...rates.map(
      (rate) =>
        `| ${number(rate)} | ${count(cores(rate, web))} | ${count(cores(rate, inStore))} | ${count(cores(rate, worker))} |`,
    ),
    '',
  ]
}

function costsOf(results: Results): Costs[] {
  const ofStore = (title: string) => results.growthCosts?.find(({ store }) => store === title)
  const { bullmq, 'postgres-express': postgres, 'sqlite-express': sqlite } = webMicros(results)
  const sqliteWorker = results.consumption.find(({ name }) => name === 'hookport, SQLite FULL')
  const shared = [
    ['BullMQ on Redis', bullmq, ofStore('BullMQ'), true],
    ['Postgres', postgres, ofStore('Postgres'), false],
  ] as const
  const costs = shared.flatMap(([store, web, cost, isOneCore]) =>
    web === undefined || cost === undefined
      ? []
      : {
          store,
          web,
          worker: cost.handleMicros,
          inStore: cost.acceptStoreMicros + cost.handleStoreMicros,
          isOneCore,
        },
  )
  if (costs.length === 0 || sqlite === undefined || sqliteWorker === undefined) return costs
  const { cpuMicrosPerEvent: worker } = sqliteWorker
  return [{ store: 'SQLite, FULL', web: sqlite, worker, inStore: 0, isOneCore: true }, ...costs]
}

/** Of accepting with hookport over HTTP, by the name of the suite. */
function webMicros({ suites }: Results): Readonly<Record<string, number | undefined>> {
  return Object.fromEntries(
    suites.map(({ name, contenders }) => [
      name,
      contenders.find((contender) => contender.name.startsWith('hookport'))?.cpuMicrosPerRequest,
    ]),
  )
}

function number(value: number): string {
  return Math.round(value).toLocaleString('en')
}

/** Whole cores: there is no half machine. */
function count(cores: number): string {
  return cores < 1 ? 'part of one' : number(Math.ceil(cores))
}
