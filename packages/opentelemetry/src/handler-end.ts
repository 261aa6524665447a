import { isHookportError } from '@hookport/core'

/** How an attempt of a handler ended. */
export interface HandlerEnd {
  /** `waits`: it threw `RetryLater`. */
  readonly outcome: 'completed' | 'waits' | 'failed'
  readonly error: unknown
  /** The `error.type` of the conventions: a code, or the name of the error. */
  readonly errorType: string
}

type Attempted = { readonly returned: unknown } | { readonly thrown: unknown }

/** Reports how an attempt ends, synchronously or later, and returns or throws what the attempt does. */
export function howItEnded(attempted: Attempted, tell: (end: HandlerEnd) => void): unknown {
  const completed: HandlerEnd = { outcome: 'completed', error: undefined, errorType: '' }
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

function endOf(error: unknown): HandlerEnd {
  const code = isHookportError(error) ? error.code : undefined
  const name = error instanceof Error ? error.name : typeof error
  return { outcome: code === 'retry_later' ? 'waits' : 'failed', error, errorType: code ?? name }
}
