import type { Logger } from '@hookport/core'
import type { FastifyInstance, LogLevel } from 'fastify'

/**
 * The application's logger, at `level` where that is given. Undefined where its logger is off, which is Fastify's default: that is no
 * wish for silence.
 */
export function loggerOf({ log }: FastifyInstance, level: LogLevel | undefined): Logger | undefined {
  // One that is off has no level, and one function that does nothing for all of them.
  const isOff = !('level' in log) && (log as Logger).error === (log as Logger).debug
  if (isOff) return undefined
  return level === undefined ? log : log.child({}, { level })
}
