import type { HandlerName } from './handler-sets.ts'

/** What an event asks its handlers to do. It stands in the event's data. */
export interface Orders {
  /** How long each handler takes. */
  readonly workMs: number
  readonly trouble?: Trouble
}

/**
 * `fails`: throws before its effect. `fails late`: throws after it. `gives up`: throws a `PermanentError`. `exits`: ends the process before its
 * effect. `blocks`: holds up the event loop for longer than a lease.
 */
export interface Trouble {
  readonly kind: 'fails' | 'fails late' | 'gives up' | 'exits' | 'blocks'
  /** The handler that makes it. */
  readonly at: HandlerName
  /** How often; null for always. */
  readonly times: number | null
  /** What is thrown. */
  readonly error?: BadError
}

export const badErrors = [
  'a bigint for a message',
  'a circular object',
  'a circular message',
  'getters that throw',
  'a toString that throws',
  'nothing',
  'a symbol',
  'a megabyte of message',
] as const

export type BadError = (typeof badErrors)[number]

/** Throws what handlers should not throw, and may. */
export function throwBadly(kind: BadError | undefined): never {
  throw kind === undefined ? new Error('the handler fails on purpose') : makers[kind]()
}

const circular = (): Record<string, unknown> => {
  const one: Record<string, unknown> = { code: 'circular' }
  one.self = one
  return one
}

const refuse = (): never => {
  throw new Error('this must not be read')
}

const makers: Readonly<Record<BadError, () => unknown>> = {
  'a bigint for a message': () => Object.assign(new Error(), { message: 10n }),
  'a circular object': circular,
  'a circular message': () => Object.assign(new Error(), { message: circular() }),
  'getters that throw': () =>
    Object.defineProperties(new Error(), {
      message: { get: refuse },
      stack: { get: refuse },
      code: { get: refuse },
    }),
  'a toString that throws': () => ({ toString: refuse, valueOf: refuse }),
  nothing: () => undefined,
  'a symbol': () => Symbol('thrown'),
  'a megabyte of message': () => new Error('x'.repeat(1024 * 1024)),
}
