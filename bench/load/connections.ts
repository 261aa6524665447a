import { connect, type Socket } from 'node:net'

/** A connection that is silent for so long is closed, or a server that does not answer would hold the run for ever. */
const patienceMs = 30_000

/** Sends one request at a time, and answers with the status of its reply. */
export type Exchange = (request: Buffer) => Promise<string>

interface Connection {
  readonly socket: Socket
  readonly exchange: Exchange
}

/** Connections to servers, by port, that stay open. */
export class Connections {
  readonly #open = new Map<number, Connection[]>()

  async get(port: number, count: number): Promise<Exchange[]> {
    const open = (this.#open.get(port) ?? []).filter(({ socket }) => socket.readyState === 'open')
    while (open.length < count) open.push(await openTo(port))
    this.#open.set(port, open)
    return open.slice(0, count).map(({ exchange }) => exchange)
  }
}

function openTo(port: number): Promise<Connection> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () =>
      resolve({ socket, exchange: exchanger(socket) }),
    ).once('error', reject)
  })
}

function exchanger(socket: Socket): Exchange {
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
  socket.setTimeout(patienceMs, () => socket.destroy())
  socket.on('close', () => resolve('closed'))
  return (request) =>
    new Promise((settle) => {
      resolve = settle
      socket.write(request)
    })
}
