import type { ResolvedOptions } from './options.ts'

/** Says once, at construction, what an operator should know of the options chosen. */
export function warnOfRisks({
  provider: { name, keys, retryHorizon },
  inbox,
  logger,
  dedupeWindow,
  maxAge,
}: ResolvedOptions): void {
  const warn = (message: string) => logger.warn({ provider: name }, message)
  if (keys === undefined) warn('allowUnsigned: anyone who knows the URL can send events')
  if (maxAge > dedupeWindow) {
    warn(
      `maxAge (${maxAge} ms) is above dedupeWindow (${dedupeWindow} ms): an event sent again in between is handled again`,
    )
  }
  if (maxAge < retryHorizon) {
    warn(
      `maxAge (${maxAge} ms) is under the time over which ${name} retries (${retryHorizon} ms): late retries are refused and lost`,
    )
  }
  if (!inbox.durable && typeof process === 'object' && process.env?.NODE_ENV === 'production') {
    warn(`the ${inbox.name} inbox loses accepted events with the process: use a durable inbox in production`)
  }
}
