import type { Surroundings } from '../arrival.ts'

/** The two ends of a connection, as its socket says. Undefined where it does not. */
export function endsOf(socket: unknown): Pick<Surroundings, 'remoteAddress' | 'local'> {
  const { remoteAddress, localAddress: address, localPort: port } = (socket ?? {}) as Record<string, unknown>
  return {
    remoteAddress: typeof remoteAddress === 'string' ? remoteAddress : undefined,
    local: typeof address === 'string' && typeof port === 'number' ? { address, port } : undefined,
  }
}

/** The socket in the context of Hono on Node. */
export function socketIn(native: unknown): unknown {
  return (native as { env?: { incoming?: { socket?: unknown } } } | null | undefined)?.env?.incoming?.socket
}
