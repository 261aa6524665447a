import { type AuditTarget, defaultPatienceMs } from '../target/audit-target.ts'
import { connectTo } from './connect-to.ts'

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
