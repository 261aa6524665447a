import { randomBytes } from 'node:crypto'
import type { Provider } from '@hookport/core'
import { providersByName } from '@hookport/providers/by-name'
import type { Attempt } from '@hookport/sender'
import { signedRequest } from '@hookport/testing'
import { isSuccess, post, withoutPassword } from '../send/post.ts'
import { Failure } from '../terminal/exit-codes.ts'

export type RotatingProvider = 'jaot' | 'sematryx'

/** A load balancer gives each probe to a process. With four processes chosen at random, the probes miss one of them once in 10,000 runs. */
const probes = 32
const timeoutMs = 10_000

/** So far in the future that a receiver with a tolerance refuses it as stale once the signature is right. So the probe has no effect. */
const never = '9999-12-31T00:00:00Z'
const type = 'hookport.secret_probe'
const bodies: Readonly<Record<RotatingProvider, object>> = {
  jaot: { event: type, timestamp: never, data: {} },
  sematryx: { id: 'evt_hookport_secret_probe', type, created_at: never, data: {} },
}

/** The receiver did not answer. It may be down for a moment during a deployment. */
export class NoAnswer extends Failure {}

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
   * Whether each of its processes accepts deliveries that are signed with a secret.
   *
   * @throws {NoAnswer | Failure} if its replies do not tell.
   */
  async accepts(secret: string): Promise<boolean> {
    return (await this.#ask(secret)).every(Boolean)
  }

  /** Whether none of its processes does. Throws like `accepts`. */
  async refuses(secret: string): Promise<boolean> {
    return !(await this.#ask(secret)).some(Boolean)
  }

  /** @throws {Failure} if it accepts an unknown secret, as its replies then tell nothing. */
  async assertVerifying(): Promise<void> {
    if (await this.refuses(`whsec_${randomBytes(16).toString('hex')}`)) return
    throw new Failure(
      `${withoutPassword(this.#url)} accepts a delivery that is signed with an unknown secret: it verifies nothing (allowUnsigned?), so nothing shows which secrets it has`,
    )
  }

  #ask(secret: string): Promise<boolean[]> {
    return Promise.all(Array.from({ length: probes }, () => this.#acceptsOne(secret)))
  }

  async #acceptsOne(secret: string): Promise<boolean> {
    const request = await signedRequest(providerOf(this.#name, secret), { type, payload: bodies[this.#name] })
    const attempt = await post(this.#url, request, { timeoutMs, signal: this.#signal })
    const { status, responseBody = '' } = attempt
    if (isSuccess(attempt) || (status === 400 && responseBody.includes('stale_event'))) return true
    if (status === 401 || status === 403) return false
    const complaint = `${withoutPassword(this.#url)} was asked which secrets it accepts, and answered ${replyOf(attempt)}`
    throw status === null || status >= 500 ? new NoAnswer(complaint) : new Failure(complaint)
  }
}

/** @throws {Failure} for a secret that no receiver accepts. */
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
