import { ConfigurationError } from '../contracts/errors.ts'
import type { Logger } from '../contracts/logger.ts'
import { isPromise } from '../time/awaitable.ts'

const levels = ['debug', 'info', 'warn', 'error'] as const

/**
 * Checks that a logger has the four methods, and returns one that never fails.
 *
 * @throws {ConfigurationError} if one of the four methods is missing.
 */
export function checkedLogger(logger: Logger): Logger {
  for (const level of levels) {
    if (typeof logger[level] !== 'function') {
      throw new ConfigurationError(
        `logger has no method ${level}; any pino-like logger has debug, info, warn and error`,
      )
    }
  }
  return guardedLogger(logger)
}

/** A logger that never throws, and never rejects: a line that can't be written must not cost an event, nor the process. */
export function guardedLogger(logger: Logger): Logger {
  return {
    debug: (details, message) => attempt(() => logger.debug(details, message)),
    info: (details, message) => attempt(() => logger.info(details, message)),
    warn: (details, message) => attempt(() => logger.warn(details, message)),
    error: (details, message) => attempt(() => logger.error(details, message)),
  }
}

/** What fails has nowhere left to be said. Logging may be asynchronous, to another service, and strangers can cause lines. */
function attempt(write: () => unknown): void {
  try {
    const writing = write()
    if (isPromise(writing)) writing.then(undefined, () => {})
  } catch {}
}
