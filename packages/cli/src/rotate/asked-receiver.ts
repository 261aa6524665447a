import { randomBytes } from 'node:crypto'
import type { Provider } from '@hookport/core'
import { providersByName } from '@hookport/providers/by-name'
import type { Attempt } from '@hookport/sender'
import { signedRequest } from '@hookport/testing'
import { isSuccess, post } from '../send/post.ts'
import { Failure } from '../terminal/exit-codes.ts'

export type RotatingProvider = 'jaot' | 'sematryx'

/** Many enough to meet each process behind a balancer. */
const probes = 8
const timeoutMs = 10_000

/** So far ahead that every receiver that keeps a tolerance refuses it as stale, once its signature was found right: nothing comes of it. */
const never = '9999-12-31T00:00:00Z'
const type = 'hookport.secret_probe'
const bodies: Readonly<Record<RotatingProvider, object>> = {
  jaot: { event: type, timestamp: never, data: {} },
  sematryx: { id: 'evt_hookport_secret_probe', type, created_at: never, data: {} },
}

/** A receiver that is asked which secrets it accepts. */
export class AskedReceiver {
  readonly #name: RotatingProvider
  readonly #url: URL
  readonly #signal: AbortSignal

  constructor(name: RotatingProvider, url: URL, signal: AbortSignal) {
    this.#name = name
    this.#url = url
    this.#signal = signal
  }

  /**
   * Whether each process of it accepts what is signed with a secret.
   *
   * @throws {Failure} where its replies do not say.
   */
  async accepts(secret: string): Promise<boolean> {
    const accepted = await Promise.all(Array.from({ length: probes }, () => this.#acceptsOne(secret)))
    return accepted.every(Boolean)
  }

  /** Whether none of its processes does. */
  async refuses(secret: string): Promise<boolean> {
    const accepted = await Promise.all(Array.from({ length: probes }, () => this.#acceptsOne(secret)))
    return !accepted.some(Boolean)
  }

  /** @throws {Failure} where it accepts a secret that nobody knows: its replies say nothing then. */
  async assertVerifying(): Promise<void> {
    if (await this.refuses(`whsec_${randomBytes(16).toString('hex')}`)) return
    throw new Failure(
      `${this.#url} accepts what is signed with a secret that nobody knows: it verifies nothing (allowUnsigned?), and can not tell which secrets it has`,
    )
  }

  async #acceptsOne(secret: string): Promise<boolean> {
    const request = await signedRequest(providerOf(this.#name, secret), { type, payload: bodies[this.#name] })
    const attempt = await post(this.#url, request, { timeoutMs, signal: this.#signal })
    const { status, responseBody = '' } = attempt
    if (isSuccess(attempt) || (status === 400 && responseBody.includes('stale_event'))) return true
    if (status === 401 || status === 403) return false
    throw new Failure(`${this.#url} was asked which secrets it accepts, and answered ${replyOf(attempt)}`)
  }
}

/** @throws {Failure} for a secret that no receiver takes. */
export function providerOf(name: RotatingProvider, secret: string): Provider {
  try {
    return (providersByName[name] as (options: { secret: string }) => Provider)({ secret })
  } catch (error) {
    throw new Failure((error as Error).message)
  }
}

function replyOf({ status, error, responseBody = '' }: Attempt): string {
  return error ?? `${status} ${responseBody.slice(0, 200)}`
}
