import type { EventMap, Receiving } from '@hookport/core'

/**
 * Warns with the first delivery or attempt if the providers are others by then: the SDK has started after `instrument`, whose spans and metrics
 * go to those of before, and so nowhere.
 *
 * @returns a function that ends it.
 */
export function warnIfEarly(
  receiver: Pick<Receiving<EventMap>, 'instrument' | 'logger' | 'source'>,
  providers: () => readonly unknown[],
): () => void {
  const used = providers()
  const look = () => {
    end()
    const now = providers()
    if (used.some((provider, index) => provider !== now[index]))
      receiver.logger.warn({ source: receiver.source }, early)
  }
  const end = receiver.instrument({
    delivery(_, receive) {
      look()
      return receive()
    },
    handler(_, handle) {
      look()
      return handle()
    },
  })
  return end
}

const early =
  'the OpenTelemetry SDK has started after instrument() was called for this receiver, so that spans or metrics of it are lost: start the SDK first, as by node --import ./instrumentation.js'
