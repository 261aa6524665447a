import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A proxy between a client and a Postgres on this machine. It counts messages of both sides, over all connections. */
export interface PostgresProxy {
  readonly port: number
  /** The URL of the database `postgres`. */
  readonly url: string
  /** How many messages have passed since `cutAfter` or `cutNever`. */
  readonly messages: number
  /** How often the server has said that it is ready for the next query. */
  readonly roundTrips: number
  /**
   * From now on, lets this many messages through. Then it resets the connection of the next one, instead of passing it on: the client's request is
   * done without its knowing, or never arrives. It does so once. Later connections are not reset.
   */
  cutAfter(messages: number): void
  cutNever(): void
  stop(): Promise<void>
}

const readyForQuery = 'Z'.charCodeAt(0)

export async function startPostgresProxy(serverPort: number): Promise<PostgresProxy> {
  const sockets = new Set<Socket>()
  let messages = 0
  let roundTrips = 0
  let cutAt = Number.POSITIVE_INFINITY

  const server = createServer((client) => {
    const upstream = connect(serverPort, '127.0.0.1')
    const cut = () => {
      cutAt = Number.POSITIVE_INFINITY
      client.resetAndDestroy()
      upstream.resetAndDestroy()
    }
    const say = (from: Socket, to: Socket, message: Buffer) => {
      if (messages === cutAt) cut()
      if (from.destroyed) return
      messages += 1
      if (from === upstream && message[0] === readyForQuery) roundTrips += 1
      to.write(message)
    }
    const pass = (from: Socket, to: Socket, splitter: MessageSplitter) => {
      sockets.add(from.setNoDelay())
      from.on('data', (bytes) => {
        for (const message of splitter.split(bytes)) say(from, to, message)
      })
      from.on('error', () => {})
      from.on('close', () => {
        sockets.delete(from)
        to.destroy()
      })
    }
    pass(client, upstream, new MessageSplitter(true))
    pass(upstream, client, new MessageSplitter(false))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const begin = (at: number) => {
    messages = 0
    cutAt = at
  }

  return {
    port,
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    get messages() {
      return messages
    },
    get roundTrips() {
      return roundTrips
    },
    cutAfter: begin,
    cutNever: () => begin(Number.POSITIVE_INFINITY),
    async stop() {
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

/** Cuts bytes into messages: a letter, and a length that counts itself. The first of a client has no letter. */
class MessageSplitter {
  #hasLetter: boolean
  #rest: Buffer = Buffer.alloc(0)

  constructor(isClient: boolean) {
    this.#hasLetter = !isClient
  }

  *split(bytes: Buffer): Generator<Buffer> {
    this.#rest = Buffer.concat([this.#rest, bytes])
    for (;;) {
      const at = this.#hasLetter ? 1 : 0
      if (this.#rest.length < at + 4) return
      const end = at + this.#rest.readUInt32BE(at)
      if (this.#rest.length < end) return
      const message = this.#rest.subarray(0, end)
      this.#rest = this.#rest.subarray(end)
      this.#hasLetter = true
      yield message
    }
  }
}
