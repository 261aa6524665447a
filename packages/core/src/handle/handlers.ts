import { ConfigurationError } from '../contracts/errors.ts'
import { foundValue } from '../contracts/found-value.ts'
import type { Attempt, Wanted } from '../contracts/inbox/handling.ts'
import { isNamed } from '../contracts/inbox/progress.ts'
import type { Handler, HandlerOptions, SelfNamedHandler } from '../contracts/receiver/handler.ts'
import { assertOptions } from '../options/option-table.ts'

export interface NamedHandler {
  /** The name under which its progress is stored. Its context and failures use it too. */
  readonly name: string
  /** The name under which its progress was stored when it had no name and was the only one of its kind. */
  readonly unnamed: string
  readonly handle: Handler
}

export interface HandlersOfType {
  /** In the order in which they run: those of the type, or those for unhandled events, then those for any event. */
  readonly handlers: readonly NamedHandler[]
  /** Whether an event is finished once these have succeeded. If not, it waits for a process that has a handler for its type. */
  readonly areAll: boolean
}

/** Which handlers an event is for. */
export class Handlers {
  readonly #needNames: boolean
  readonly #byType = new Map<string, NamedHandler[]>()
  readonly #any: NamedHandler[] = []
  readonly #unhandled: NamedHandler[] = []
  /** By name of a handler: the one name that it has for all its types. */
  readonly #namesInOrder = new Map<string, string>()

  /** @param needNames whether several handlers of a type need names, as their progress outlives the process. */
  constructor(needNames: boolean) {
    this.#needNames = needNames
  }

  /** The types that have a handler of their own. */
  get types(): readonly string[] {
    return [...this.#byType.keys()]
  }

  /** Whether there are only catch-all handlers. An event is finished when they are. */
  get areCatchAllsAlone(): boolean {
    return this.#byType.size === 0 && this.#hasCatchAll
  }

  get isEmpty(): boolean {
    return this.#byType.size === 0 && !this.#hasCatchAll
  }

  get #hasCatchAll(): boolean {
    return this.#any.length + this.#unhandled.length > 0
  }

  get #lists(): readonly (readonly NamedHandler[])[] {
    return [...this.#byType.values(), this.#any, this.#unhandled]
  }

  /** @param place the name of the handlers of the type. Defaults to `onEvent(type)`. */
  add(
    types: string | readonly string[],
    handle: Handler,
    options: HandlerOptions = {},
    place?: string,
  ): void {
    const list = [types].flat()
    if (list.length === 0)
      throw new ConfigurationError('onEvent needs at least one event type, got an empty list')
    for (const type of list) assertType(type)
    const added = [...new Set(list)].map((type) => {
      const ofType = [...(this.#byType.get(type) ?? [])]
      const name = this.#append(ofType, handle, options, place ?? `onEvent(${type})`)
      return { type, ofType, name }
    })
    for (const { type, ofType } of added) this.#byType.set(type, ofType) // for all of its types, or for none
    const names = added.map(({ name }) => name)
    const givenName = givenNameOf(handle, options)
    const inOrder = givenName === undefined ? names.toSorted().join() : `onEvent:${givenName}`
    for (const name of names) this.#namesInOrder.set(name, inOrder)
  }

  /**
   * Under what the newest event is remembered that a handler has handled of an order key. What is registered for several types is one handler there, and so
   * are handlers of one name: `started` is older than the `completed` that it has handled.
   */
  nameInOrder(name: string): string {
    return this.#namesInOrder.get(name) ?? name
  }

  addForAny(handle: Handler, options: HandlerOptions = {}): void {
    this.#append(this.#any, handle, options, 'onAnyEvent')
  }

  addForUnhandled(handle: Handler, options: HandlerOptions = {}): void {
    this.#append(this.#unhandled, handle, options, 'onUnhandledEvent')
  }

  of(type: string): HandlersOfType {
    const own = this.#byType.get(type)
    const ofType = own ?? this.#unhandled
    return {
      handlers: this.#any.length === 0 ? ofType : [...ofType, ...this.#any],
      areAll: own !== undefined || this.areCatchAllsAlone,
    }
  }

  /** Of all handlers. */
  get names(): readonly string[] {
    return this.#lists.flatMap((list) => list.map(({ name }) => name))
  }

  /** Whether there is a handler with a matching name, of any type. */
  has(fits: (name: string) => boolean): boolean {
    return this.names.some(fits)
  }

  /** What a consumer should hand out. */
  wanted(unhandled: 'park' | 'drop'): Wanted {
    if (this.areCatchAllsAlone) return { types: 'all', others: 'hand-out' }
    return { types: this.types, others: this.#hasCatchAll ? 'hand-out' : unhandled }
  }

  /** Answers its name. */
  #append(list: NamedHandler[], handle: Handler, options: HandlerOptions, place: string): string {
    assertHandler(handle, options, place)
    const givenName = givenNameOf(handle, options)
    const unnamed = `${place}#0`
    const name = givenName === undefined ? `${place}#${list.length}` : `${place}:${givenName}`
    if (list.some((existing) => existing.name === name)) {
      throw new ConfigurationError(
        `${place} already has a handler named ${JSON.stringify(givenName)}; give each its own name`,
      )
    }
    this.#assertOwnName(list, handle, place)
    list.push({ name, unnamed, handle })
    if (this.#needNames && list.length > 1 && list.some(({ name }) => name.startsWith(`${place}#`))) {
      list.pop()
      throw new ConfigurationError(
        `${place} has several handlers, and one of them has no name. What each has done is stored under its name, also for later deploys: pass { name: '…' } to each of them`,
      )
    }
    return name
  }

  /** Under its own name a handler keeps what it has done of an event. Two of one name that an event is for would do half of it, and nobody would be told. */
  #assertOwnName(list: readonly NamedHandler[], handle: Handler, place: string): void {
    const own = ownNameOf(handle)
    const beside = list === this.#any ? this.#lists.flat() : [...list, ...this.#any]
    if (own !== undefined && beside.some((one) => one.handle !== handle && ownNameOf(one.handle) === own))
      throw new ConfigurationError(
        `${place}: an event has two handlers named "${own}"; give each its own name`,
      )
  }
}

/** The handlers that an event is for. An event that is replayed for one handler is for that one only. */
export function handlersFor({ event, progress: { only } }: Attempt, handlers: Handlers): HandlersOfType {
  const ofType = handlers.of(event.type)
  if (only === undefined) return ofType
  return { ...ofType, handlers: ofType.handlers.filter(({ name }) => isNamed(name, only)) }
}

function givenNameOf(handle: Handler, { name }: HandlerOptions): string | undefined {
  return name ?? ownNameOf(handle)
}

function ownNameOf(handle: Handler): string | undefined {
  return (handle as Partial<SelfNamedHandler>).handlerName
}

function assertType(type: unknown): void {
  if (typeof type === 'string' && type !== '') return
  const found = type === '' ? 'an empty string' : typeof type
  throw new ConfigurationError(`onEvent needs the type of an event first, as a string; got ${found}`)
}

function assertHandler(handle: unknown, options: HandlerOptions, place: string): void {
  if (typeof handle !== 'function') {
    const isSwapped = typeof options === 'function'
    throw new ConfigurationError(
      `${place} needs a function, got ${typeof handle}${isSwapped ? ': options come after the handler' : ''}`,
    )
  }
  assertOptions(options, { name: true } satisfies Record<keyof HandlerOptions, true>, place)
  const { name } = options
  if (name === undefined || (typeof name === 'string' && name !== '')) return
  throw new ConfigurationError(`${place}: name is ${foundValue(name)}; it must be a string that is not empty`)
}
