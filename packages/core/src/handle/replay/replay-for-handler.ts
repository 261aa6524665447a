import { ConfigurationError } from '../../contracts/errors.ts'
import { isNamed } from '../../contracts/inbox/progress.ts'
import type { Handlers } from '../handlers.ts'

/**
 * The types of the handler that a replay names. A process without handlers can't know them, so it takes every type.
 *
 * @throws {ConfigurationError} where there are handlers, but none of that name.
 */
export function typesOfHandler(
  called: string | undefined,
  handlers: Handlers,
): (event: { type: string }) => boolean {
  if (called === undefined || handlers.isEmpty) return () => true
  assertHandlerNamed(called, handlers, 'replay')
  return ({ type }) => handlers.of(type).handlers.some(({ name }) => isNamed(name, called))
}

/**
 * Nothing is checked in a process that has no handlers.
 *
 * @throws {ConfigurationError} where there are handlers, but none of that name.
 */
export function assertHandlerNamed(called: string, handlers: Handlers, what: 'replay' | 'pause'): void {
  if (handlers.isEmpty || handlers.has((name) => isNamed(name, called))) return
  throw new ConfigurationError(
    `${what}: no handler is named ${JSON.stringify(called)}; the handlers are ${handlers.names.join(', ')}`,
  )
}
