import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

export interface RawReply {
  readonly status: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** A connection that sends bytes exactly as given. */
export class RawConnection {
  readonly #socket: Socket
  #received = ''
  #closed = false
  #changed: () => void = () => {}

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('data', (bytes) => {
      this.#received += bytes.toString('latin1')
      this.#changed()
    })
    socket.on('error', () => {}) // a server may reset a connection that it has answered
    socket.on('close', () => {
      this.#closed = true
      this.#changed()
    })
  }

  /** To a server at `http://127.0.0.1:…`. */
  static async open(origin: string): Promise<RawConnection> {
    const { hostname: host, port } = new URL(origin)
    const socket = connect({ host, port: Number(port), allowHalfOpen: true }).setNoDelay()
    await once(socket, 'connect')
    return new RawConnection(socket)
  }

  /** Resolves once the bytes are on their way, or the connection is gone. Text is sent as Latin-1. */
  write(bytes: Uint8Array | string): Promise<void> {
    return new Promise((resolve) => this.#socket.write(bytes, 'latin1', () => resolve()))
  }

  /** Ends the sending side, and goes on listening. */
  end(): void {
    this.#socket.end()
  }

  /** Resets the connection. */
  hangUp(): void {
    this.#socket.resetAndDestroy()
  }

  async reply(): Promise<RawReply> {
    const [reply] = await this.replies(1)
    if (!reply) throw new Error('the server closed the connection without a reply')
    return reply
  }

  /** The first replies, this many; fewer if the server closes the connection after them. */
  async replies(count: number): Promise<RawReply[]> {
    for (;;) {
      const closed = this.#closed || this.#socket.readableEnded
      const replies = parseReplies(this.#received, closed)
      if (replies.length >= count || closed) return replies.slice(0, count)
      await new Promise<void>((resolve) => {
        this.#changed = resolve
        this.#socket.once('end', resolve)
      })
    }
  }

  /** Resolves once the server has closed the connection. */
  async closed(): Promise<void> {
    if (!this.#closed && !this.#socket.readableEnded)
      await Promise.race([once(this.#socket, 'end'), once(this.#socket, 'close')])
  }
}

/** The replies that are complete in a text. One without a length ends with its connection. */
function parseReplies(text: string, closed: boolean): RawReply[] {
  const headEnd = text.indexOf('\r\n\r\n')
  if (headEnd === -1) return []
  const [statusLine = '', ...lines] = text.slice(0, headEnd).split('\r\n')
  const status = Number(statusLine.split(' ')[1])
  if (status === 100) return parseReplies(text.slice(headEnd + 4), closed)
  const headers = Object.fromEntries(lines.map(readHeader))
  const rest = text.slice(headEnd + 4)
  const length = lengthOf(headers, rest)
  if (length === undefined) return closed ? [{ status, headers, body: rest }] : []
  if (rest.length < length) return []
  const reply = { status, headers, body: rest.slice(0, length) }
  return [reply, ...parseReplies(rest.slice(length), closed)]
}

/** Of a body in chunks, only the end is checked. */
function lengthOf(headers: Record<string, string>, rest: string): number | undefined {
  if (headers['content-length'] !== undefined) return Number(headers['content-length'])
  const chunksEnd = headers['transfer-encoding'] === 'chunked' ? rest.indexOf('0\r\n\r\n') : -1
  return chunksEnd === -1 ? undefined : chunksEnd + '0\r\n\r\n'.length
}

function readHeader(line: string): [string, string] {
  const colon = line.indexOf(':')
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
}
