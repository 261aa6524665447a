import { connect, type Socket } from 'node:net'
import { type Scheme, signedRequest } from './sign.ts'

/** What the driver asks for: a slice of load on one server. */
export interface Slice {
  readonly port: number
  readonly scheme: Scheme
  readonly bodyBytes: number
  readonly connections: number
  readonly durationMs: number
  /** Deliveries to sign beforehand; the slice ends when they are used up. */
  readonly prepared: number
  /** Deliveries per second to start at most; undefined: as many as the connections take. */
  readonly rate?: number
}

export interface SliceResult {
  readonly sent: number
  readonly elapsedMs: number
  readonly latenciesMs: readonly number[]
  /** Statuses that were not 200, with how often each was seen. */
  readonly failures: Readonly<Record<string, number>>
}

process.on('message', async (slice: Slice) => process.send?.(await run(slice)))
process.on('disconnect', () => process.exit())

/** Each connection has one delivery under way at a time. */
async function run({
  port,
  scheme,
  bodyBytes,
  connections,
  durationMs,
  prepared,
  rate,
}: Slice): Promise<SliceResult> {
  const requests = Array.from({ length: prepared }, () => signedRequest(scheme, bodyBytes))
  const sockets = await Promise.all(Array.from({ length: connections }, () => open(port)))
  const latenciesMs: number[] = []
  const failures: Record<string, number> = {}
  const startedAt = performance.now()
  let next = 0

  async function drive(socket: Socket): Promise<void> {
    const exchange = exchanger(socket)
    while (next < requests.length && performance.now() - startedAt < durationMs) {
      const index = next++
      if (rate !== undefined) await until(startedAt + (index * 1000) / rate)
      const sentAt = performance.now()
      const status = await exchange(requests[index] as Buffer)
      latenciesMs.push(performance.now() - sentAt)
      if (status !== '200') failures[status] = (failures[status] ?? 0) + 1
    }
    socket.destroy()
  }

  const rest = stayAwake()
  await Promise.all(sockets.map(drive))
  rest()
  return { sent: latenciesMs.length, elapsedMs: performance.now() - startedAt, latenciesMs, failures }
}

/**
 * Keeps this process from sleeping. In a virtual machine, waking a process on the other core costs the one that writes to it more
 * than the write, and the slower a server is, the more often its load generator sleeps: it would be charged for that.
 */
function stayAwake(): () => void {
  let awake = true
  const turn = () => awake && setImmediate(turn)
  turn()
  return () => {
    awake = false
  }
}

/** A timer would be late by up to a millisecond, and start many deliveries at once. */
async function until(at: number): Promise<void> {
  while (performance.now() < at) await new Promise((resolve) => setImmediate(resolve))
}

function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => resolve(socket)).once(
      'error',
      reject,
    )
  })
}

/** Sends one request at a time, and answers with the status of its reply. */
function exchanger(socket: Socket): (request: Buffer) => Promise<string> {
  let received = ''
  let resolve: (status: string) => void = () => {}
  socket.setEncoding('latin1')
  socket.on('data', (text) => {
    received += text
    const headEnd = received.indexOf('\r\n\r\n')
    if (headEnd < 0) return
    const length = Number(/content-length: (\d+)/i.exec(received)?.[1] ?? 0)
    if (received.length < headEnd + 4 + length) return
    const status = received.slice(9, 12)
    received = ''
    resolve(status)
  })
  socket.on('close', () => resolve('closed'))
  return (request) =>
    new Promise((settle) => {
      resolve = settle
      socket.write(request)
    })
}
