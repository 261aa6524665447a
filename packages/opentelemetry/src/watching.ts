const watching = new WeakMap<object, Set<object>>()

/**
 * Notes that a provider of OpenTelemetry's watches a receiver, which is known by its logger: each has one of its own, and what a framework mounts of it
 * has the same. Undefined where it does so already: twice, it would count everything twice.
 *
 * @returns what ends it.
 */
export function beginWatching(
  { logger }: { readonly logger: object },
  provider: object,
): (() => void) | undefined {
  const providers = watching.get(logger) ?? new Set()
  if (providers.has(provider)) return undefined
  watching.set(logger, providers.add(provider))
  return () => void providers.delete(provider)
}
