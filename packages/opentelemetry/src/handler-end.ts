import { isHookportError, reasonOf } from '@hookport/core'
import { other } from './names.ts'

/** How an attempt of a handler ended. */
export interface HandlerEnd {
  /** `waits`: it threw `RetryLater`. */
  readonly outcome: 'completed' | 'waits' | 'failed'
  readonly error: ErrorTexts
  /** The `error.type` of the conventions: a code, or the name of the error, if that is a word. */
  readonly errorType: string
}

/** What was thrown, as far as it can be read. */
export interface ErrorTexts {
  readonly message: string
  /** Of an error, as the following are. */
  readonly name?: string
  readonly code?: string
  readonly stack?: string
}

type Attempted = { readonly returned: unknown } | { readonly thrown: unknown }

/** Reports how an attempt ends, synchronously or later, and returns or throws what the attempt does. */
export function howItEnded(attempted: Attempted, tell: (end: HandlerEnd) => void): unknown {
  const completed: HandlerEnd = { outcome: 'completed', error: { message: '' }, errorType: '' }
  if ('thrown' in attempted) {
    tell(endOf(attempted.thrown))
    throw attempted.thrown
  }
  const { returned } = attempted
  if (!(returned instanceof Promise)) {
    tell(completed)
    return returned
  }
  return returned.then(
    () => tell(completed),
    (error: unknown) => {
      tell(endOf(error))
      throw error
    },
  )
}

/** Some put a text with ids into the name of an error: `Order 4711 not found`. As an attribute of metrics, their number would be unlimited. */
const isKind = /^(?!.*\d{4})[\w$.]{1,100}$/

function endOf(thrown: unknown): HandlerEnd {
  const error = textsOf(thrown)
  const { name } = error
  const code = isHookportError(thrown) ? textOf(() => thrown.code) : undefined
  const errorType = code ?? (name === undefined ? typeof thrown : isKind.test(name) ? name : other)
  return { outcome: code === 'retry_later' ? 'waits' : 'failed', error, errorType }
}

function textsOf(thrown: unknown): ErrorTexts {
  const unread = "what was thrown can't be read"
  if (!isError(thrown)) return { message: textOf(() => thrown) ?? unread }
  const [code, stack] = [textOf(() => thrown.code ?? ''), textOf(() => thrown.stack ?? '')]
  return {
    name: textOf(() => thrown.name) ?? 'Error',
    message: textOf(() => reasonOf(thrown)) ?? unread,
    ...(code && { code }),
    ...(stack && { stack }),
  }
}

function isError(thrown: unknown): thrown is Error & { readonly code?: unknown } {
  try {
    return thrown instanceof Error
  } catch {
    return false // a revoked proxy
  }
}

/** Getters, `toString` and proxies are the thrower's code, and may throw too. Undefined then. */
function textOf(read: () => unknown): string | undefined {
  try {
    return String(read())
  } catch {
    return undefined
  }
}
