import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { type AuditTarget, defaultPatienceMs } from '../target/audit-target.ts'

export interface RawHead {
  readonly method: string
  /** Further lines of the head, beside those of every request. */
  readonly line?: string | undefined
}

interface RawRequest {
  readonly head: RawHead
  /** Sent together with the head. */
  readonly body?: Uint8Array
}

/** Sends requests one after the other on one connection. Returns the replies that came, fewer if it was closed. */
export async function sendOnOne(target: AuditTarget, requests: readonly RawRequest[]): Promise<string[]> {
  const { socket, received } = open(target)
  const replies: string[] = []
  try {
    for (const { head, body = new Uint8Array() } of requests) {
      const length =
        head.method === 'GET' ? [] : ['Content-Type: application/json', `Content-Length: ${body.length}`]
      const already = received().length
      socket.write(Buffer.concat([Buffer.from(headOf(target, head, ...length)), body]))
      const reply = () => received().slice(already)
      await until(target, socket, () => isWhole(reply()))
      if (reply() !== '') replies.push(reply())
    }
    return replies
  } finally {
    socket.destroy()
  }
}

/** Sends a body in chunks for as long as the connection takes it. Returns what came back, and whether the connection was closed. */
export async function sendWithoutEnd(
  target: AuditTarget,
  head: RawHead,
): Promise<{ reply: string; isClosed: boolean }> {
  const { socket, received } = open(target)
  const chunk = `1000\r\n${' '.repeat(0x1000)}\r\n`
  const isClosed = () => socket.destroyed || socket.readableEnded
  socket.write(headOf(target, head, 'Transfer-Encoding: chunked'))
  try {
    await until(target, socket, () => {
      socket.write(chunk)
      return isClosed()
    })
    return { reply: received(), isClosed: isClosed() }
  } finally {
    socket.destroy()
  }
}

function open(target: AuditTarget): { socket: Socket; received(): string } {
  const socket = connectTo(target.url).setNoDelay()
  let received = ''
  socket.on('error', () => {}) // a connection that is closed may be reset
  socket.on('data', (bytes) => {
    received += bytes.toString('latin1')
  })
  return { socket, received: () => received }
}

function headOf({ url }: AuditTarget, { method, line }: RawHead, ...lines: string[]): string {
  const { pathname, host } = new URL(url)
  const all = [`${method} ${pathname} HTTP/1.1`, `Host: ${host}`, ...(line ? [line] : []), ...lines]
  return `${all.join('\r\n')}\r\n\r\n`
}

/** Checks every few milliseconds, for as long as the target's patience. */
async function until(
  { patienceMs = defaultPatienceMs }: AuditTarget,
  socket: Socket,
  isDone: () => boolean,
): Promise<void> {
  if (socket.connecting) await once(socket, 'connect')
  const end = Date.now() + patienceMs
  while (!isDone() && !socket.destroyed && Date.now() < end) await sleep(2)
}

/** Whether a reply is complete: by its length, or by its last chunk. */
function isWhole(reply: string): boolean {
  const headEnd = reply.indexOf('\r\n\r\n')
  if (headEnd === -1) return false
  const [, length] = /^content-length: *(\d+)/im.exec(reply.slice(0, headEnd)) ?? []
  return length === undefined ? reply.endsWith('0\r\n\r\n') : reply.length >= headEnd + 4 + Number(length)
}

/**
 * Delivers as many clients do: it writes the whole body before it reads a reply. Resolves to everything that came back. That is
 * nothing if the connection was reset before it was read.
 */
export function writeThenRead(target: AuditTarget, body: Uint8Array): Promise<string> {
  const { pathname, host } = new URL(target.url)
  const { signatureHeader, sign } = target.provider
  const head = [
    `POST ${pathname} HTTP/1.1`,
    `Host: ${host}`,
    `${signatureHeader}: ${sign(body, target.secret)}`,
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
  ]
  return new Promise((resolve) => {
    let received = ''
    const socket = connectTo(target.url)
    socket.setTimeout(target.patienceMs ?? defaultPatienceMs, () => socket.destroy())
    socket.on('error', () => {}).on('close', () => resolve(received))
    socket.pause().write(`${head.join('\r\n')}\r\n\r\n`)
    socket.write(body, () => {
      socket.on('data', (bytes) => {
        received += bytes.toString('latin1')
      })
      socket.on('end', () => socket.end()).resume()
    })
  })
}

/** Opens a connection to the host of a URL. A URL has an IPv6 address in brackets, and may leave out the usual port. */
function connectTo(url: string): Socket {
  const { hostname, port } = new URL(url)
  return connect({
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: Number(port || 80),
    allowHalfOpen: true,
  })
}
