const watching = new WeakMap<object, Set<object>>()

/**
 * Notes that a provider of OpenTelemetry's watches a receiver. Undefined where it does so already: twice, it would count everything twice.
 *
 * @returns what ends it.
 */
export function beginWatching(receiver: object, provider: object): (() => void) | undefined {
  const providers = watching.get(receiver) ?? new Set()
  if (providers.has(provider)) return undefined
  watching.set(receiver, providers.add(provider))
  return () => void providers.delete(provider)
}
