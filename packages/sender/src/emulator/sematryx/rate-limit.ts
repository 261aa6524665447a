import { ApiError } from '../http/api-error.ts'

const windowMs = 60_000

/** Counts requests per minute for each key, as Sematryx does by tier. */
export class RateLimit {
  readonly #perMinute: number
  readonly #used = new Map<string, { window: number; requests: number }>()

  constructor(perMinute: number) {
    this.#perMinute = perMinute
  }

  /**
   * Counts one request.
   *
   * @returns the headers that say how much is left.
   * @throws {ApiError} 429 above the limit.
   */
  count(key: string, now: number): Record<string, string> {
    const window = Math.floor(now / windowMs)
    const before = this.#used.get(key)
    const requests = before?.window === window ? before.requests + 1 : 1
    this.#used.set(key, { window, requests })
    const headers = {
      'X-RateLimit-Limit': String(this.#perMinute),
      'X-RateLimit-Remaining': String(Math.max(0, this.#perMinute - requests)),
      'X-RateLimit-Reset': String(((window + 1) * windowMs) / 1000),
    }
    if (requests > this.#perMinute) throw new ApiError(429, 'rate limit exceeded', { headers })
    return headers
  }
}
