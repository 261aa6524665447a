import { ConfigurationError, foundValue, type Inbox, type Receiving } from '@hookport/core'

/** What a page shows: receivers, mounted in any framework, or inboxes without receivers. */
export type Inspected = Inbox | Receiver | ReadonlyArray<Inbox | Receiver>

type Receiver = Pick<Receiving, 'provider' | 'source' | 'inbox' | 'logger' | 'eventTypes' | 'redrive'>

/** The handler that a pause or a replay is for. */
interface HandlerFilter {
  readonly handler?: string | undefined
}

/** A pause of a receiver: of one handler, or of all. */
interface Pause extends HandlerFilter {
  readonly reason: string
  /** Milliseconds since 1970. */
  readonly since: number
}

/** What a receiver of this version can do, but one of another version may not. */
interface Abilities {
  readonly redact?: readonly string[]
  replay?(filter: Readonly<Record<string, unknown>>): Promise<unknown>
  pause?(what: HandlerFilter & { reason?: string }): Promise<unknown>
  resume?(what: HandlerFilter): Promise<unknown>
  paused?(): Promise<readonly Pause[]>
}

/** One store of events, with its known receivers. */
export interface Store {
  readonly id: string
  /** For people: the kind of inbox, with a number if there are several. Never its address, as that may contain a password. */
  readonly title: string
  readonly inbox: Inbox
  readonly receivers: ReadonlyArray<Receiver & Abilities>
}

/** @throws {ConfigurationError} if there is nothing to show, or for a value that is neither a receiver nor an inbox. */
export function storesOf(inspected: Inspected): readonly Store[] {
  const all: unknown = inspected
  const list = Array.isArray(all) ? all : [all]
  if (list.length === 0)
    throw new ConfigurationError('inspector was given an empty list: give it receivers, or inboxes')
  const found = new Map<string, { inbox: Inbox; receivers: (Receiver & Abilities)[] }>()
  for (const one of list) {
    const inbox: unknown = isReceiver(one) ? one.inbox : one
    if (!isInbox(inbox))
      throw new ConfigurationError(
        `inspector was given ${foundValue(one).slice(0, 80)}; it takes receivers, what an adapter has made of them, or inboxes`,
      )
    const store = found.get(inbox.store) ?? { inbox, receivers: [] }
    found.set(inbox.store, store)
    if (isReceiver(one)) store.receivers.push(one)
  }
  const stores = [...found.values()]
  return stores.map(({ inbox, receivers }, index) => ({
    id: String(index),
    title: stores.length === 1 ? inbox.name : `${inbox.name} ${index + 1}`,
    inbox,
    receivers,
  }))
}

function isReceiver(value: unknown): value is Receiver & Abilities {
  return isObject(value) && 'inbox' in value && 'redrive' in value && 'source' in value
}

function isInbox(value: unknown): value is Inbox {
  return isObject(value) && 'counts' in value && 'list' in value && 'store' in value
}

/** A receiver may be a function with methods. */
function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function'
}
