import type { Logger } from '@hookport/core'
import type { FastifyInstance, LogLevel } from 'fastify'

/**
 * The application's logger, at `level` where that is given. Undefined where its logger is off. That is Fastify's default, so it does not mean that
 * hookport should be silent.
 */
export function loggerOf({ log }: FastifyInstance, level: LogLevel | undefined): Logger | undefined {
  // A logger that is off has no level, and uses one empty function for all levels.
  const isOff = !('level' in log) && (log as Logger).error === (log as Logger).debug
  if (isOff) return undefined
  return level === undefined ? log : log.child({}, { level })
}
