import type { Clock, RateLimit } from '@hookport/core'

/**
 * How long an answer asks to wait, in milliseconds: its `Retry-After`, in seconds or as a date. Else, where `X-RateLimit-Remaining` is 0 or the
 * answer is a 429, the time until `X-RateLimit-Reset`, in Unix seconds. Undefined where it says nothing.
 */
export function askedWaitMs({ status, headers }: Response, now: number): number | undefined {
  const asked = waitUntil(headers.get('retry-after')?.trim() ?? '', now)
  if (asked !== undefined) return asked
  const isUsedUp = status === 429 || headers.get('x-ratelimit-remaining') === '0'
  const reset = Number(headers.get('x-ratelimit-reset') ?? Number.NaN)
  return isUsedUp && Number.isFinite(reset) ? Math.max(0, reset * 1000 - now) : undefined
}

/** The same, of a 429 that has it in its body alone, in seconds: JAOT answers `{ detail: { retry_after } }` above the fires of a minute. */
export function waitInBody(answer: unknown): number | undefined {
  const { detail } = (answer ?? {}) as { detail?: { retry_after?: unknown } | null }
  const seconds = detail?.retry_after
  return typeof seconds === 'number' && seconds >= 0 ? seconds * 1000 : undefined
}

function waitUntil(retryAfter: string, now: number): number | undefined {
  const seconds = /^\d+(?:\.\d+)?$/.test(retryAfter) ? Number(retryAfter) : undefined
  if (seconds !== undefined) return seconds * 1000
  const at = retryAfter.includes(':') ? Date.parse(retryAfter) : Number.NaN // `3, 3` would be a day in 2001
  return Number.isNaN(at) ? undefined : Math.max(0, at - now)
}

/** The rate limit in an answer, from `X-RateLimit-Limit`, `-Remaining` and `-Reset`. Undefined where one of them is missing. */
export function rateLimitOf({ headers }: Response, now: number): RateLimit | undefined {
  const [limit, remaining, reset] = ['limit', 'remaining', 'reset'].map((name) =>
    Number(headers.get(`x-ratelimit-${name}`) ?? Number.NaN),
  ) as [number, number, number]
  if (![limit, remaining, reset].every(Number.isFinite)) return undefined
  return { limit, remaining, resetMs: Math.max(0, reset * 1000 - now) }
}

/** Resolves after `delayMs`. Rejects with the signal's reason as soon as it is aborted. */
export function pause(
  delayMs: number,
  clock: Required<Clock>,
  signal: AbortSignal | undefined,
): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const giveUp = () => {
      cancel()
      reject(signal?.reason)
    }
    const cancel = clock.after(
      delayMs,
      () => {
        signal?.removeEventListener('abort', giveUp)
        resolve()
      },
      { background: false },
    )
    signal?.addEventListener('abort', giveUp)
  })
}
