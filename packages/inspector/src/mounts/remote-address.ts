/** Where a request comes from, as in the context of Hono on Node. Undefined if the platform does not say. */
export function remoteAddressOf(native: unknown): string | undefined {
  const { env } = (native ?? {}) as { env?: { incoming?: { socket?: { remoteAddress?: unknown } } } }
  const address = env?.incoming?.socket?.remoteAddress
  return typeof address === 'string' ? address : undefined
}
