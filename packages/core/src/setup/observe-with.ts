import type { Logger } from '../contracts/logger.ts'
import type { Observe, Observers } from '../contracts/receiver/observers.ts'

/**
 * Observers that can't do harm: what one throws is logged, and goes no further.
 *
 * @param logger one that samples: strangers can have their refusals observed as often as they like.
 */
export function observeWith(observers: Observers, logger: Logger): Observe {
  return (name, observation) => {
    const observer = observers[name]
    if (observer === undefined) return
    const report = (err: unknown) => logger.error({ err, observer: name }, `the observer ${name} threw`)
    try {
      const answer: unknown = observer(observation())
      if (answer instanceof Promise) answer.catch(report)
    } catch (err) {
      report(err)
    }
  }
}
