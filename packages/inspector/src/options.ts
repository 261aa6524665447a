import { ConfigurationError, type KeptEvent, type Logger } from '@hookport/core'
import { Redaction } from '@hookport/core/redact'
import type { Authorize } from './access/access.ts'
import { isHost } from './access/hosts.ts'

/** Who may see the page, and what of the events. */
export interface InspectorOptions {
  /**
   * Says who may see the page, and who may change anything. Without it the page is locked: it answers on loopback only, and only with a one-time token,
   * which its log prints.
   */
  readonly authorize?: Authorize | undefined
  /**
   * What nobody is to see, by paths in the payload: `data.customer.email`, `data.items.*.name`, `headers.authorization` of the kept headers. The values are taken
   * out of error messages and URLs, too, and the exact bytes are not shown. A payload that can't be read is not shown at all then. What receivers have as their
   * own `redact` need not be said again.
   */
  readonly redact?: readonly string[] | undefined
  /** Where receipts of effects are: what `onceIn` of `@hookport/once` has made, one or several. An event is shown with the handlers that have one. Defaults to none. */
  readonly receipts?: ReceiptBook | readonly ReceiptBook[] | undefined
  /** The hosts under which the page is reached, with a port or without: requests for others are refused, which guards against DNS rebinding. Defaults to any where there is `authorize`. */
  readonly hosts?: readonly string[] | undefined
  /** Told who changed what, and how to open a locked page. Defaults to that of the first receiver, or to none. */
  readonly logger?: Logger | undefined
  /** How often an open page is told of changes, in milliseconds, at most: where counting takes long, less often. Defaults to 2,000. */
  readonly refreshMs?: number | undefined
}

/** As `Once` of `@hookport/once`. */
export interface ReceiptBook {
  /** Which handlers have had their effect of an event, by their names. */
  receipts(event: Pick<KeptEvent, 'key' | 'aliases' | 'origin'>): Promise<readonly string[]>
}

export interface ResolvedOptions {
  readonly receipts: readonly ReceiptBook[]
  readonly authorize: Authorize | undefined
  readonly redaction: Redaction
  readonly hosts: readonly string[] | undefined
  readonly logger: Logger
  readonly refreshMs: number
  readonly now: () => number
}

const known: ReadonlySet<string> = new Set<keyof InspectorOptions>([
  'authorize',
  'redact',
  'receipts',
  'hosts',
  'logger',
  'refreshMs',
])

/** What the receivers say that the page shows. */
export interface Defaults {
  readonly logger: Logger
  /** Paths that are not to be seen whatever the options are. */
  readonly redact: readonly string[]
}

/** An hour. Timers take what is longer than 25 days for no time at all. */
const mostRefreshMs = 3_600_000

/** @throws {ConfigurationError} for an unknown option, or a value that can't work. */
export function resolveOptions(options: InspectorOptions, defaults: Defaults): ResolvedOptions {
  const {
    authorize,
    redact = [],
    receipts = [],
    hosts,
    logger = defaults.logger,
    refreshMs = 2_000,
  } = options
  const strange = Object.keys(options).find((name) => !known.has(name))
  if (strange !== undefined)
    throw new ConfigurationError(`inspector has no option ${strange}; it has ${[...known].join(', ')}`)
  if ('authorize' in options && typeof authorize !== 'function')
    throw new ConfigurationError(
      `authorize is ${String(authorize)}; it must be a function that says who may see the page. Leave it out to keep the page locked`,
    )
  const books = [receipts].flat()
  if (!books.every((book) => typeof book?.receipts === 'function'))
    throw new ConfigurationError('receipts is not what onceIn(…) of @hookport/once answers, nor a list of it')
  if (typeof refreshMs !== 'number' || !(refreshMs >= 100 && refreshMs <= mostRefreshMs))
    throw new ConfigurationError(
      `refreshMs is ${refreshMs}; it must be a number from 100 to ${mostRefreshMs}`,
    )
  return {
    receipts: books,
    authorize,
    redaction: new Redaction([...new Redaction(redact).paths, ...defaults.redact]),
    hosts: hosts && checkedHosts(hosts),
    logger,
    refreshMs,
    now: () => Date.now(),
  }
}

/** @throws {ConfigurationError} for what no request can have as its host. */
function checkedHosts(hosts: readonly string[]): readonly string[] {
  const list: unknown = hosts
  if (Array.isArray(list) && list.length > 0 && list.every(isHost)) return hosts
  throw new ConfigurationError(
    `hosts is ${JSON.stringify(hosts)}; it must be a list of names as they stand in an address, with a port or without: ['ops.example.com', 'localhost:3000']`,
  )
}
