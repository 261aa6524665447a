import { ConfigurationError, foundValue, type KeptEvent, type Logger } from '@hookport/core'
import { Redaction } from '@hookport/core/redact'
import type { Authorize } from './access/access.ts'
import { isHost } from './access/hosts.ts'

/** Who may see the page, and which parts of the events. */
export interface InspectorOptions {
  /**
   * Says who may see the page, and who may change anything. Without it the page is locked: it answers on loopback only, and only with a one-time token,
   * which its log prints.
   */
  readonly authorize?: Authorize | undefined
  /**
   * Values that nobody may see, by their paths in the payload: `data.customer.email`, `data.items.*.name`, `headers.authorization` of the kept headers. They are also
   * removed from error messages and URLs, and the exact bytes are not shown. A payload that can't be read is then not shown at all. The receivers' own `redact`
   * applies anyway.
   */
  readonly redact?: readonly string[] | undefined
  /** Where the receipts of effects are: what `onceIn` of `@hookport/once` returns, once or as a list. An event is shown with the handlers that have one. Defaults to none. */
  readonly receipts?: ReceiptBook | readonly ReceiptBook[] | undefined
  /** The hosts under which the page is reached, with or without a port. Requests for others are refused, which guards against DNS rebinding. Defaults to any host if there is `authorize`. */
  readonly hosts?: readonly string[] | undefined
  /** Logs who changed what, and how to open a locked page; `false` for none. Defaults to the first receiver's logger, or to none. */
  readonly logger?: Logger | false | undefined
  /** How often an open page is updated at most, in milliseconds. If counting takes long, it is updated less often. Defaults to 2,000. */
  readonly refreshMs?: number | undefined
}

/** `Once` of `@hookport/once` is one. */
export interface ReceiptBook {
  /** The names of the handlers whose effect of an event is done. */
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

/** Logs nothing. */
export const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} }

/** Values that come from the receivers. */
export interface Defaults {
  readonly logger: Logger
  /** Paths that are redacted whatever the options are. */
  readonly redact: readonly string[]
}

/** An hour. A timer of more than 25 days would fire at once. */
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
    throw new ConfigurationError(
      'receipts is neither what onceIn(…) of @hookport/once returns, nor a list of that',
    )
  if (typeof refreshMs !== 'number' || !(refreshMs >= 100 && refreshMs <= mostRefreshMs))
    throw new ConfigurationError(
      `refreshMs is ${refreshMs}; it must be a number from 100 to ${mostRefreshMs}`,
    )
  return {
    receipts: books,
    authorize,
    redaction: new Redaction([...new Redaction(redact).paths, ...defaults.redact]),
    hosts: hosts && checkedHosts(hosts),
    logger: logger === false ? silent : checkedLogger(logger),
    refreshMs,
    now: () => Date.now(),
  }
}

/** A logger that never fails, neither at once nor later: strangers can cause lines, and a change that was made must not look refused. */
function guarded(logger: Logger): Logger {
  const at =
    (level: 'debug' | 'info' | 'warn' | 'error'): Logger['info'] =>
    (about, message) =>
      void (async () => logger[level](about, message))().catch(() => {})
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

/** @throws {ConfigurationError} for what can't log. */
function checkedLogger(logger: Logger): Logger {
  const missing = (['debug', 'info', 'warn', 'error'] as const).find(
    (level) => typeof logger?.[level] !== 'function',
  )
  if (missing === undefined) return guarded(logger)
  throw new ConfigurationError(`logger has no method ${missing}; give a logger like pino, or false for none`)
}

/** @throws {ConfigurationError} for a value that can't be the host of a request. */
function checkedHosts(hosts: readonly string[]): readonly string[] {
  const list: unknown = hosts
  if (Array.isArray(list) && list.length > 0 && list.every(isHost)) return hosts
  throw new ConfigurationError(
    `hosts is ${foundValue(hosts)}; it must be a list of host names, with or without a port: ['ops.example.com', 'localhost:3000']`,
  )
}
