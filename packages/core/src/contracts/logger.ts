type Log = (details: Record<string, unknown>, message: string) => void

/** The logger that hookport needs. Any pino instance is one, and so is `request.log` of Fastify. It must not throw. */
export interface Logger {
  debug: Log
  info: Log
  warn: Log
  error: Log
}

const ignore: Log = () => {}

export const silentLogger: Logger = { debug: ignore, info: ignore, warn: ignore, error: ignore }

/** A logger that adds `bindings` to the details of every line. */
export function bindLogger(logger: Logger, bindings: Record<string, unknown>): Logger {
  return {
    debug: (details, message) => logger.debug({ ...bindings, ...details }, message),
    info: (details, message) => logger.info({ ...bindings, ...details }, message),
    warn: (details, message) => logger.warn({ ...bindings, ...details }, message),
    error: (details, message) => logger.error({ ...bindings, ...details }, message),
  }
}
