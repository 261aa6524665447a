/**
 * Whether timers and promises belong to the request that created them, and end with it, as on Cloudflare Workers and similar runtimes. Outside of a
 * request they are forbidden there.
 */
export function timersEndWithRequest(): boolean {
  const { EdgeRuntime, navigator } = globalThis as {
    EdgeRuntime?: unknown
    navigator?: { userAgent?: unknown }
  }
  return typeof EdgeRuntime === 'string' || navigator?.userAgent === 'Cloudflare-Workers'
}
