/** For each kind, as one object may be the provider of both. */
const watching = { spans: new WeakMap<object, Set<object>>(), metrics: new WeakMap<object, Set<object>>() }

/**
 * Notes that an OpenTelemetry provider watches a receiver. The receiver is identified by its logger: each has its own, and what a framework mounts of it
 * has the same one. Undefined if the provider already watches it, as everything would be counted twice.
 *
 * @returns a function that ends it.
 */
export function beginWatching(
  { logger }: { readonly logger: object },
  kind: keyof typeof watching,
  provider: object,
): (() => void) | undefined {
  const providers = watching[kind].get(logger) ?? new Set()
  if (providers.has(provider)) return undefined
  watching[kind].set(logger, providers.add(provider))
  return () => void providers.delete(provider)
}
