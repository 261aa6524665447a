import type { ChildProcess } from 'node:child_process'
import { startPostgres } from '@hookport/testkit/servers/postgres-server'
import { Redis } from 'ioredis'
import pg from 'pg'
import { ask, end, firstMessage, startPinned } from '../../load/pinned-process.ts'
import { withRedis } from '../../load/redis.ts'
import { postgresCpuMicros, redisCpuMicros } from '../../load/store-cpu.ts'
import type { Figures, Order, Place } from '../../servers/accept-or-handle.ts'
import { pairedRatio, type Ratio } from '../../statistics/paired-ratio.ts'
import { median } from '../../statistics/percentile.ts'

/** What an event costs, in CPU microseconds, at one point of what grows. Medians over the rounds. */
export interface GrowthCost {
  readonly store: string
  readonly point: string
  /** Of the process that accepts, without HTTP, and of the store meanwhile. */
  readonly acceptMicros: number
  readonly acceptStoreMicros: number
  /** Of all processes that handle together, and of the store meanwhile. */
  readonly handleMicros: number
  readonly handleStoreMicros: number
  readonly handledPerSecond: number
  /** How many cores the processes that handle and the store kept busy. */
  readonly coresBusy: number
  /** All four, and what accepting costs, against the first point: above 1 is dearer, with 95% confidence. */
  readonly ratio: Ratio
  readonly acceptRatio: Ratio
  /** Of what is remembered, where much is: the table of ids with its indexes. */
  readonly bytesPerId?: number
}

export interface Extent {
  /** Accepted and handled in a slice. */
  readonly events: number
  readonly rounds: number
  readonly backlogs: readonly number[]
  /** Remembered ids, on Postgres. */
  readonly ids: number
}

interface Point {
  readonly label: string
  readonly sources: number
  readonly processes: number
  readonly atOnce: number
  readonly backlog: number
  readonly ids: number
}

interface Store extends Omit<Place, 'name'> {
  readonly title: string
  cpuMicros(): Promise<number>
  bytesOfIds?(place: string): Promise<number>
}

type Slice = Pick<
  GrowthCost,
  | 'acceptMicros'
  | 'acceptStoreMicros'
  | 'handleMicros'
  | 'handleStoreMicros'
  | 'handledPerSecond'
  | 'coresBusy'
>

const first: Omit<Point, 'label'> = { sources: 1, processes: 1, atOnce: 64, backlog: 0, ids: 0 }
const mostProcesses = 8
/** Looking costs what is looked at some 0.1 ms. */
const lookMs = 50

/** On Redis and on Postgres: more sources, more processes that handle, fewer deliveries at once, a backlog, remembered ids. */
export async function measureGrowth(
  extent: Extent,
  report: (progress: string) => void,
): Promise<GrowthCost[]> {
  const points = pointsFor(extent)
  report('growth: starts processes')
  const script = 'servers/accept-or-handle.ts'
  const processes = Array.from({ length: mostProcesses + 1 }, () => startPinned('0,1', script))
  try {
    await Promise.all(processes.map(firstMessage))
    const onRedis = await withRedisStore((store) =>
      measureOn(
        store,
        processes,
        points.filter(({ ids }) => ids === 0),
        extent,
        report,
      ),
    )
    const onPostgres = await withPostgresStore((store) => measureOn(store, processes, points, extent, report))
    return [...onRedis, ...onPostgres]
  } finally {
    await Promise.all(processes.map(end))
  }
}

function withRedisStore<Result>(use: (store: Store) => Promise<Result>): Promise<Result> {
  return withRedis(async (url) => {
    const client = new Redis(url)
    try {
      return await use({ title: 'BullMQ', store: 'redis', url, cpuMicros: () => redisCpuMicros(client) })
    } finally {
      client.disconnect()
    }
  })
}

async function withPostgresStore<Result>(use: (store: Store) => Promise<Result>): Promise<Result> {
  const server = await startPostgres()
  const pool = new pg.Pool({ connectionString: server.url, max: 1 })
  pool.on('error', () => {})
  try {
    return await use({
      title: 'Postgres',
      store: 'postgres',
      url: server.url,
      cpuMicros: () => postgresCpuMicros(server.process.pid as number),
      async bytesOfIds(place) {
        const { rows } = await pool.query(`select pg_total_relation_size('"${place}".ids') as bytes`)
        return Number(rows[0].bytes)
      },
    })
  } finally {
    await pool.end()
    await server.stop()
  }
}

function pointsFor({ backlogs, ids }: Extent): Point[] {
  const point = (label: string, more: Partial<Point>): Point => ({ label, ...first, ...more })
  return [
    point('1 source, 1 process handles, 64 deliveries at once', {}),
    ...[4, 16].map((sources) => point(`${sources} sources`, { sources })),
    ...[2, 4, mostProcesses].map((processes) => point(`${processes} processes handle`, { processes })),
    point('8 deliveries at once', { atOnce: 8 }),
    ...backlogs.map((backlog) => point(`behind a backlog of ${backlog.toLocaleString('en')}`, { backlog })),
    point(`${ids.toLocaleString('en')} ids remembered`, { ids }),
  ]
}

async function measureOn(
  store: Store,
  processes: readonly ChildProcess[],
  points: readonly Point[],
  extent: Extent,
  report: (progress: string) => void,
): Promise<GrowthCost[]> {
  const [acceptor, ...handlers] = processes as [ChildProcess, ...ChildProcess[]]
  const rig = new Rig(store, acceptor, handlers)
  report(`growth, ${store.title}: warms up`)
  await rig.fill({ ...first, label: 'warm up', processes: mostProcesses }, 0, 4 * extent.events)
  const measured = points.map((point) => ({ point, slices: [] as Slice[] }))
  const bytes = new Map<Point, number>()
  for (const [index, point] of points.entries()) {
    report(`growth, ${store.title}: fills for ${point.label}`)
    await rig.fill(point, index + 1, Math.max(point.backlog, point.ids))
    if (point.ids > 0) bytes.set(point, ((await store.bytesOfIds?.(placeOf(index + 1))) ?? 0) / point.ids)
  }
  for (let round = 0; round <= extent.rounds; round++) {
    for (const [index, { point, slices }] of measured.entries()) {
      report(`growth, ${store.title}: round ${round} of ${extent.rounds}, ${point.label}`)
      const slice = await rig.slice(point, index + 1, extent.events)
      if (round > 0) slices.push(slice) // the one before warms up
    }
  }
  return measured.map(({ point, slices }) =>
    summarize(store.title, point, slices, measured[0]?.slices ?? [], bytes.get(point)),
  )
}

const placeOf = (index: number) => `bench_${index}`

/** Processes that accept and handle on one store, as they are told. */
class Rig {
  readonly #store: Store
  readonly #acceptor: ChildProcess
  readonly #handlers: readonly ChildProcess[]

  constructor(store: Store, acceptor: ChildProcess, handlers: readonly ChildProcess[]) {
    this.#store = store
    this.#acceptor = acceptor
    this.#handlers = handlers
  }

  /** Has so many events accepted; and handled, too, unless they are to be a backlog. */
  async fill(point: Point, index: number, events: number): Promise<void> {
    if (events === 0) return
    const handlers = point.backlog > 0 ? [] : this.#handlers.slice(0, Math.max(2, point.processes))
    await this.#open(handlers, point, index, true)
    await this.#open([this.#acceptor], point, index, false)
    await tell(this.#acceptor, { do: 'accept', events, atOnce: 256 })
    if (handlers.length > 0) await this.#untilHandled(handlers, events)
    await this.#close([this.#acceptor, ...handlers])
  }

  async slice(point: Point, index: number, events: number): Promise<Slice> {
    const accepted = await this.#accept(point, index, events)
    const handled = await this.#handle(point, index, events)
    return { ...accepted, ...handled }
  }

  async #accept(point: Point, index: number, events: number) {
    const { atOnce } = point
    await this.#open([this.#acceptor], point, index, false)
    await tell(this.#acceptor, { do: 'accept', events: events / 10, atOnce }) // the first one connects
    const before = await this.#look([this.#acceptor])
    await tell(this.#acceptor, { do: 'accept', events, atOnce })
    const after = await this.#look([this.#acceptor])
    await this.#close([this.#acceptor])
    return {
      acceptMicros: (after.cpuMicros - before.cpuMicros) / events,
      acceptStoreMicros: (after.storeMicros - before.storeMicros) / events,
    }
  }

  /** What is measured lies between the first tenth, in which processes connect, and the last, in which some have nothing left. */
  async #handle(point: Point, index: number, events: number) {
    const handlers = this.#handlers.slice(0, point.processes)
    await this.#open(handlers, point, index, true)
    const before = await this.#untilHandled(handlers, events / 10)
    const after = await this.#untilHandled(handlers, events)
    if (point.backlog === 0) await this.#untilHandled(handlers, events + events / 10)
    await this.#close(handlers)
    const handled = after.handled - before.handled
    const micros = after.cpuMicros - before.cpuMicros
    const storeMicros = after.storeMicros - before.storeMicros
    return {
      handleMicros: micros / handled,
      handleStoreMicros: storeMicros / handled,
      handledPerSecond: (handled / (after.at - before.at)) * 1000,
      coresBusy: (micros + storeMicros) / ((after.at - before.at) * 1000),
    }
  }

  async #untilHandled(handlers: readonly ChildProcess[], events: number) {
    for (const deadline = Date.now() + 600_000; Date.now() < deadline; ) {
      const seen = await this.#look(handlers)
      if (seen.handled >= events) return seen
      await new Promise((resolve) => setTimeout(resolve, lookMs))
    }
    throw new Error(`of ${events} events not all were handled in ten minutes, on ${this.#store.title}`)
  }

  async #look(processes: readonly ChildProcess[]) {
    const figures = await Promise.all(processes.map((process) => tell(process, { do: 'look' })))
    const sum = (of: (one: Figures) => number) => figures.reduce((total, one) => total + of(one), 0)
    return {
      at: performance.now(),
      handled: sum(({ handled }) => handled),
      cpuMicros: sum(({ cpuMicros, signingMicros }) => cpuMicros - signingMicros),
      storeMicros: await this.#store.cpuMicros(),
    }
  }

  async #open(processes: readonly ChildProcess[], point: Point, index: number, handle: boolean) {
    const { store, url } = this.#store
    const place = { store, url, name: placeOf(index) }
    for (const process of processes)
      await tell(process, { do: 'open', place, sources: point.sources, handle })
  }

  async #close(processes: readonly ChildProcess[]): Promise<void> {
    await Promise.all(processes.map((process) => tell(process, { do: 'close' })))
  }
}

function tell(process: ChildProcess, order: Order): Promise<Figures> {
  return ask<Figures>(process, order)
}

function summarize(
  store: string,
  { label }: Point,
  slices: readonly Slice[],
  ofFirst: readonly Slice[],
  bytesPerId: number | undefined,
): GrowthCost {
  const medianOf = (of: keyof Slice) => median(slices.map((slice) => slice[of]))
  return {
    store,
    point: label,
    acceptMicros: medianOf('acceptMicros'),
    acceptStoreMicros: medianOf('acceptStoreMicros'),
    handleMicros: medianOf('handleMicros'),
    handleStoreMicros: medianOf('handleStoreMicros'),
    handledPerSecond: medianOf('handledPerSecond'),
    coresBusy: medianOf('coresBusy'),
    ratio: pairedRatio(slices.map(wholeMicros), ofFirst.map(wholeMicros)),
    acceptRatio: pairedRatio(slices.map(acceptMicros), ofFirst.map(acceptMicros)),
    ...(bytesPerId !== undefined && { bytesPerId }),
  }
}

function acceptMicros({ acceptMicros: process, acceptStoreMicros: store }: Slice): number {
  return process + store
}

function wholeMicros(slice: Slice): number {
  return acceptMicros(slice) + slice.handleMicros + slice.handleStoreMicros
}
