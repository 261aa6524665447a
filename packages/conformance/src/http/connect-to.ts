import { connect, type Socket } from 'node:net'

/** Opens a connection to the host of a URL. A URL has an IPv6 address in brackets, and may leave out the usual port. */
export function connectTo(url: string): Socket {
  const { hostname, port } = new URL(url)
  return connect({
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: Number(port || 80),
    allowHalfOpen: true,
  })
}
