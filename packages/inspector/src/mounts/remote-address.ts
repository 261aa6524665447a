/** Where a request comes from, as Hono on Node has it in its context. Undefined where the platform does not say. */
export function remoteAddressOf(native: unknown): string | undefined {
  const { env } = (native ?? {}) as { env?: { incoming?: { socket?: { remoteAddress?: unknown } } } }
  const address = env?.incoming?.socket?.remoteAddress
  return typeof address === 'string' ? address : undefined
}
