import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { GCProfiler } from 'node:v8'

/** What the benchmark asks a server, and what it answers. */
export interface ServerFigures {
  /** CPU time of the process so far, user and system, in microseconds. */
  readonly cpuMicros: number
  /** Events handled so far. */
  readonly handled: number
  /** Bytes of heap and buffers in use. Asked for by `memory`, after a garbage collection; else 0. */
  readonly memoryBytes: number
  /** Bytes of heap that were allocated since it was asked by `allocation` for the last time; else 0. */
  readonly allocatedBytes: number
  /** Events that its store holds. Asked for by `kept` of those that only accept; else 0. */
  readonly kept: number
}

let handled = 0
let countKept: () => number | Promise<number> = () => 0

/** Called by a server's handler for every event. */
export function countHandled(): void {
  handled += 1
}

/** Says how many events the store holds of a server that only accepts. */
export function keepsIn(store: { count(): number | Promise<number> }): void {
  countKept = () => store.count()
}

/** Serves a contender on a free port, and answers the benchmark's questions about it. */
export function serve(listener: RequestListener): void {
  const server = createServer(listener)
  server.keepAliveTimeout = 60_000
  announce(server)
}

/** The same for a server that a framework has made. */
export function announce(server: Server): void {
  server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }))
  process.on('message', async (question) => process.send?.(await figures(question as Question)))
  process.on('disconnect', () => process.exit())
}

/** What a server is asked. */
export type Question = 'figures' | 'memory' | 'allocation' | 'kept'

async function figures(question: Question): Promise<ServerFigures> {
  const { user, system } = process.cpuUsage()
  return {
    cpuMicros: user + system,
    handled,
    memoryBytes: question === 'memory' ? memoryInUse() : 0,
    allocatedBytes: question === 'allocation' ? allocation() : 0,
    kept: question === 'kept' ? await countKept() : 0,
  }
}

/** Since the last call: what the heap has grown by, and what collections have freed. */
const sinceLast = { heapBytes: 0, profiler: undefined as GCProfiler | undefined }

function allocation(): number {
  const freed = (sinceLast.profiler?.stop()?.statistics ?? []).map(
    ({ beforeGC, afterGC }) => beforeGC.heapStatistics.usedHeapSize - afterGC.heapStatistics.usedHeapSize,
  )
  const { heapUsed } = process.memoryUsage()
  const allocated = freed.reduce((sum, bytes) => sum + bytes, heapUsed - sinceLast.heapBytes)
  sinceLast.profiler = new GCProfiler()
  sinceLast.profiler.start()
  sinceLast.heapBytes = heapUsed
  return allocated
}

function memoryInUse(): number {
  globalThis.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
