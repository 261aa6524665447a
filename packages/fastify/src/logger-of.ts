import type { FastifyBaseLogger, FastifyInstance } from 'fastify'

/**
 * The logger of an application; undefined where it is off. Fastify then has one whose methods are the same empty function, and no level.
 * One of pino's that was set to `silent` has a level: silence was asked for.
 */
export function loggerOf({ log }: FastifyInstance): FastifyBaseLogger | undefined {
  const isOff = log.error === log.trace && log.level === undefined
  return isOff ? undefined : log
}
