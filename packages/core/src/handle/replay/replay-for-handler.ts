import { ConfigurationError } from '../../contracts/errors.ts'
import { isNamed } from '../../contracts/inbox/progress.ts'
import type { Handlers } from '../handlers.ts'

/**
 * Which types a handler that a replay names is for. Of a process that has no handlers nothing is known: then every type.
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
 * Of a process that has no handlers nothing is known.
 *
 * @throws {ConfigurationError} where there are handlers, but none of that name.
 */
export function assertHandlerNamed(called: string, handlers: Handlers, what: 'replay' | 'pause'): void {
  if (handlers.isEmpty || handlers.has((name) => isNamed(name, called))) return
  throw new ConfigurationError(
    `${what}: there is no handler ${JSON.stringify(called)}; there are ${handlers.names.join(', ')}`,
  )
}
