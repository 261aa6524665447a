import { ConfigurationError } from '../contracts/errors.ts'
import type { Handler, HandlerOptions } from '../contracts/handler.ts'

export interface NamedHandler {
  readonly name: string
  readonly handle: Handler
}

/** Which handlers an event is for. */
export class Handlers {
  readonly #byType = new Map<string, NamedHandler[]>()
  readonly #any: NamedHandler[] = []
  readonly #unhandled: NamedHandler[] = []

  /** The types that have a handler of their own. */
  get types(): readonly string[] {
    return [...this.#byType.keys()]
  }

  add(types: string | readonly string[], handle: Handler, options: HandlerOptions = {}): void {
    const list = [types].flat()
    if (list.length === 0)
      throw new ConfigurationError('onEvent needs at least one event type, got an empty list')
    for (const type of new Set(list)) {
      const ofType = this.#byType.get(type) ?? []
      append(ofType, handle, options.name, `onEvent(${type})`)
      this.#byType.set(type, ofType)
    }
  }

  addForAny(handle: Handler, options: HandlerOptions = {}): void {
    append(this.#any, handle, options.name, 'onAnyEvent')
  }

  addForUnhandled(handle: Handler, options: HandlerOptions = {}): void {
    append(this.#unhandled, handle, options.name, 'onUnhandledEvent')
  }

  /** In the order in which they run: those of the type, or those for unhandled events, then those for any event. */
  of(type: string): readonly NamedHandler[] {
    const ofType = this.#byType.get(type) ?? this.#unhandled
    return this.#any.length === 0 ? ofType : [...ofType, ...this.#any]
  }
}

function append(list: NamedHandler[], handle: Handler, givenName: string | undefined, place: string): void {
  if (typeof handle !== 'function')
    throw new ConfigurationError(`${place} needs a function, got ${typeof handle}`)
  const name = givenName === undefined ? `${place}#${list.length}` : `${place}:${givenName}`
  if (list.some((existing) => existing.name === name)) {
    throw new ConfigurationError(
      `${place} already has a handler named ${JSON.stringify(givenName)}; give each its own name`,
    )
  }
  list.push({ name, handle })
}
