import { ConfigurationError } from '../contracts/errors.ts'
import type { Inbox } from '../contracts/inbox/inbox.ts'
import type { Logger } from '../contracts/logger.ts'

/** A receiver that handles the events of a source. */
interface Holder {
  readonly logger: Logger
  readonly inbox: Inbox
  /** Stops it from handling them. */
  giveUp(): unknown
}

/** Shared by the whole process, so that two copies of this package see each other. */
const place = Symbol.for('@hookport/core.sources')
const registry = globalThis as { [place]?: Map<string, Holder> }

/**
 * Gives one receiver the events of a name on a store, and returns a function that gives them back. Two receivers of the same name would take each
 * other's events. In production a second one is an error. Elsewhere the newer one takes over, as dev servers load modules again at every save.
 *
 * @throws {ConfigurationError} in production, where the name is taken.
 */
export function holdSource(store: string, name: string, holder: Holder): () => void {
  registry[place] ??= new Map()
  const holders = registry[place]
  const source = JSON.stringify([store, name])
  const before = holders.get(source)
  if (before && isProduction()) {
    throw new ConfigurationError(
      `a receiver named ${name} already handles the events of this inbox (${store}) in this process, and the two would take each other's: give one of them another name, { name: '…' }, or stop the first`,
    )
  }
  if (before) {
    before.giveUp()
    // The older one may still be sent deliveries, so an inbox that it alone uses stays open, with its file or connections.
    const fix =
      before.inbox === holder.inbox ? undefined : 'the older inbox stays open: keep one in globalThis'
    holder.logger.warn(
      { source: name, ...(fix && { fix }) },
      'a newer receiver of this name takes over: the older one handles no more events',
    )
  }
  holders.set(source, holder)
  return () => {
    if (holders.get(source) === holder) holders.delete(source)
  }
}

function isProduction(): boolean {
  return typeof process === 'object' && process.env?.NODE_ENV === 'production'
}
