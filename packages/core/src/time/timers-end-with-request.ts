/**
 * Whether timers and promises belong to the request that they were made in, and end with it: on Cloudflare Workers, and on runtimes of the
 * same kind. Outside of a request they are forbidden there.
 */
export function timersEndWithRequest(): boolean {
  const { EdgeRuntime, navigator } = globalThis as {
    EdgeRuntime?: unknown
    navigator?: { userAgent?: unknown }
  }
  return typeof EdgeRuntime === 'string' || navigator?.userAgent === 'Cloudflare-Workers'
}
