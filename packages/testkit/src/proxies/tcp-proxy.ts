import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/**
 * `pass`: bytes go through. `reset`: connections are reset, new ones too. `black-hole`: bytes vanish in both directions.
 * `drop-replies`: what the client sends arrives, but the first reply is thrown away, and its connection is reset.
 */
export type ProxyMode = 'pass' | 'reset' | 'black-hole' | 'drop-replies'

/** A proxy between a client and a server on this machine. */
export interface TcpProxy {
  readonly port: number
  readonly url: string
  /** How many replies were thrown away by `drop-replies`. */
  readonly droppedReplies: number
  /** A connection that has lost bytes to a black hole stays dead, even if the mode changes. */
  setMode(mode: ProxyMode): void
  /** Sends new connections to another port, and resets existing ones unless they should be kept. */
  pointTo(port: number, options?: { keepConnections: boolean }): void
  stop(): Promise<void>
}

export async function startTcpProxy(targetPort: number): Promise<TcpProxy> {
  const pairs = new Set<Pair>()
  let mode: ProxyMode = 'pass'
  let target = targetPort
  let droppedReplies = 0

  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1')
    const pair = new Pair(client, upstream, () => {
      droppedReplies += 1
    })
    pairs.add(pair)
    upstream.once('close', () => pairs.delete(pair))
    pair.enter(mode)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const reset = () => {
    for (const pair of pairs) pair.reset()
  }

  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    get droppedReplies() {
      return droppedReplies
    },
    setMode(next) {
      mode = next
      for (const pair of pairs) pair.enter(next)
    },
    pointTo(nextPort, { keepConnections } = { keepConnections: false }) {
      target = nextPort
      if (!keepConnections) reset()
    },
    async stop() {
      const closed = once(server, 'close')
      server.close()
      reset()
      await closed
    },
  }
}

/** A client's connection, and the one made for it. */
class Pair {
  readonly #client: Socket
  readonly #server: Socket
  readonly #onDroppedReply: () => void
  #mode: ProxyMode = 'pass'

  constructor(client: Socket, server: Socket, onDroppedReply: () => void) {
    this.#client = client.setNoDelay()
    this.#server = server.setNoDelay()
    this.#onDroppedReply = onDroppedReply
    client.on('data', (bytes) => this.#toServer(bytes))
    server.on('data', (bytes) => this.#toClient(bytes))
    for (const [end, other] of [
      [client, server],
      [server, client],
    ] as const) {
      end.on('error', () => {})
      end.on('close', () => {
        if (this.#mode !== 'black-hole') other.destroy()
      })
    }
  }

  enter(mode: ProxyMode): void {
    if (this.#mode === 'black-hole' && mode !== 'reset') return
    this.#mode = mode
    if (mode === 'reset') this.reset()
  }

  reset(): void {
    resetSocket(this.#client)
    resetSocket(this.#server)
  }

  #toServer(bytes: Buffer): void {
    if (this.#mode !== 'black-hole') this.#server.write(bytes)
  }

  #toClient(bytes: Buffer): void {
    if (this.#mode === 'black-hole') return
    if (this.#mode !== 'drop-replies') return void this.#client.write(bytes)
    this.#onDroppedReply()
    this.reset()
  }
}

/** A connection that is ending can't be reset: Node would never close it, and the process would not exit. */
function resetSocket(socket: Socket): void {
  if (socket.writableEnded) socket.destroy()
  else socket.resetAndDestroy()
}
