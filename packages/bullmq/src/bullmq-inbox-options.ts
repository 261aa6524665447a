import { assertOptions, ConfigurationError, foundValue } from '@hookport/core'
import { defaultQueueName } from './layout/keys.ts'
import { addressOf, type ConnectionOption, isClient, optionsOf } from './redis/connections.ts'

/** All times are in milliseconds. */
export interface BullmqInboxOptions {
  /**
   * Redis: a URL (`redis:` or `rediss:`), `host:port`, the path of a Unix socket, options of ioredis, or an ioredis client, whose options are copied.
   * The inbox makes its own connections.
   */
  connection: ConnectionOption
  /**
   * The application that these events belong to, where several applications share one Redis. Letters, digits, dots, hyphens and underscores. Defaults
   * to `hookport`.
   */
  application?: string
  /**
   * BullMQ's key prefix. For a Redis Cluster it needs a hash tag. Defaults to the application in a hash tag: `{hookport}`. If both are given, the
   * prefix is followed by a colon and the application, unless that is `hookport`.
   */
  prefix?: string
  /**
   * The beginning of the queues' names. Each source has a BullMQ queue: this name, a hyphen and the source. Inboxes with other names share nothing,
   * remembered ids and notes included, as long as no two queues get one name: `webhooks` with a source `eu-shop`, and `webhooks-eu` with `shop`.
   * Defaults to `webhooks`: `webhooks-sematryx`.
   */
  queueName?: string
  /**
   * How long the events of a process that died wait until another process can take them. Renewed three times in that time while handlers run.
   * Defaults to 30,000.
   */
  leaseMs?: number
  /**
   * How long dead letters are kept. Their ids stay remembered for the receiver's `dedupeWindow`, counted from when they came. Defaults to `Infinity`:
   * they are kept until redriven or discarded.
   */
  keepDeadFor?: number
  /**
   * Events are refused (503) while Redis uses more than this share of its `maxmemory`. The rest is left for handling, which needs a little memory
   * before it frees much. Above 0, at most 1. Defaults to 0.9. It has no effect without a `maxmemory`.
   */
  maxMemoryShare?: number
}

const defaults = {
  application: 'hookport',
  queueName: defaultQueueName,
  leaseMs: 30_000,
  keepDeadFor: Number.POSITIVE_INFINITY,
  maxMemoryShare: 0.9,
}

/** @throws {ConfigurationError} for an unknown option, or a value that can't work. */
export function resolveOptions(options: BullmqInboxOptions): Required<BullmqInboxOptions> {
  assertObject(options)
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
  const merged = { ...defaults, ...(given as unknown as BullmqInboxOptions) }
  const { connection, prefix, application, queueName, leaseMs, keepDeadFor, maxMemoryShare } = merged
  assertOptions(options, { connection, prefix, ...defaults }, 'bullmqInbox')
  assertConnection(connection)
  demand(
    typeof application === 'string' && /^[A-Za-z0-9._-]+$/.test(application),
    `application is ${foundValue(application)}; it must consist of letters, digits, dots, hyphens and underscores`,
  )
  demand(
    prefix === undefined || (typeof prefix === 'string' && prefix !== ''),
    'prefix must be a string that is not empty',
  )
  demand(
    typeof queueName === 'string' && queueName !== '' && !queueName.includes(':'),
    'queueName must be a string that is not empty and contains no colon',
  )
  demand(
    Number.isSafeInteger(leaseMs) && leaseMs >= 100,
    `leaseMs is ${leaseMs}; it must be a whole number of 100 or more`,
  )
  demand(
    typeof keepDeadFor === 'number' && keepDeadFor > 0,
    `keepDeadFor is ${keepDeadFor}; it must be a number above 0`,
  )
  demand(
    typeof maxMemoryShare === 'number' && maxMemoryShare > 0 && maxMemoryShare <= 1,
    `maxMemoryShare is ${maxMemoryShare}; it must be a number above 0, and at most 1`,
  )
  return { ...merged, prefix: prefixOf(merged) }
}

function assertObject(options: unknown): void {
  const wanted = "they must be an object: { connection: 'redis://127.0.0.1:6379' }"
  const found = options === undefined ? 'missing' : options === null ? 'null' : `a ${typeof options}`
  demand(typeof options === 'object' && options !== null, `the options are ${found}; ${wanted}`)
  demand(
    !canDuplicate(options),
    'the options are a client of Redis; they must be an object that has it: { connection }',
  )
}

/** The URL may have a password, so that no error repeats it. */
function assertConnection(connection: ConnectionOption): void {
  demand(
    Boolean(connection),
    'connection is missing; is the environment variable that should hold the URL of Redis set?',
  )
  demand(
    typeof connection === 'string'
      ? isAddress(connection)
      : typeof connection === 'object' && !isOther(connection),
    `connection is ${describe(connection)}; it must be a URL, such as redis://127.0.0.1:6379 or rediss://…, the path of a Unix socket, options of ioredis, or a client of ioredis`,
  )
  demand(
    isClient(connection) || !canDuplicate(connection),
    'connection is a client of another package or another copy of ioredis; give the URL of Redis, or options of ioredis',
  )
  const misnamed = namesOfUrl.find((name) => !isClient(connection) && Object.hasOwn(Object(connection), name))
  demand(
    misnamed === undefined,
    `connection has a ${misnamed}, which is no option of ioredis; give the URL itself as the connection`,
  )
  const flaw = flawOfAddress(connection)
  demand(flaw === undefined, `connection can't be used: ${flaw}`)
  demand(!hasKeyPrefix(connection), 'BullMQ does not work with keyPrefix; use the option prefix')
}

/** As other packages call it. ioredis passes over what it does not know, and connects to this machine. */
const namesOfUrl = ['url', 'uri', 'connectionString', 'href'] as const

/** Objects without options of ioredis: it would connect to this machine. */
function isOther(connection: object): boolean {
  return connection instanceof URL || connection instanceof Promise || Array.isArray(connection)
}

function describe(connection: unknown): string {
  if (typeof connection === 'string') return 'a string that is no address of Redis'
  if (connection instanceof URL) return 'an object of the class URL (give its href)'
  if (connection instanceof Promise) return 'a promise (await it)'
  return Array.isArray(connection) ? 'an array' : `a ${typeof connection}`
}

/** Why no address can be read from it. Undefined where one can. */
function flawOfAddress(connection: ConnectionOption): string | undefined {
  try {
    addressOf(connection)
    return undefined
  } catch (error) {
    if (error instanceof URIError)
      return 'its user name or password has a % that encodes nothing; write %25 for a %'
    return (error as Error).message
  }
}

/** Clients of ioredis and of node-redis do. */
function canDuplicate(value: unknown): boolean {
  return typeof Reflect.get(Object(value), 'duplicate') === 'function'
}

/** ioredis takes any other text for the name of a host, or a part of it for the path of a socket. It knows `host:port`. */
function isAddress(text: string): boolean {
  if (/^\/[^/]/.test(text) || /^[\w.-]+:\d+$/.test(text)) return true
  return /^rediss?:\/\//.test(text) && URL.canParse(text) && /^(\/\d*)?$/.test(new URL(text).pathname)
}

function prefixOf({ prefix, application = defaults.application }: BullmqInboxOptions): string {
  if (prefix === undefined) return `{${application}}`
  return application === defaults.application ? prefix : `${prefix}:${application}`
}

function hasKeyPrefix(connection: ConnectionOption): boolean {
  if (typeof connection === 'string') return hasKeyPrefix(optionsOf(connection))
  const { keyPrefix } = 'options' in connection ? connection.options : connection
  return Boolean(keyPrefix)
}

function demand(condition: boolean, complaint: string): void {
  if (!condition) throw new ConfigurationError(`bullmqInbox: ${complaint}`)
}
