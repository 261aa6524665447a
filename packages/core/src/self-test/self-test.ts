import { type BodyLimits, checkBodySize, readBody } from '../accept/request/read-request.ts'
import type { Clock } from '../contracts/clock.ts'
import type { Delivery } from '../contracts/delivery.ts'
import { isRefusal, type Refusal, SelfTestError } from '../contracts/errors.ts'
import type { Probe, SelfTestOptions, SendProbe } from '../contracts/receiver/probe.ts'
import { assertFitting, assertOptions, positiveNumber, withDefaults } from '../options/option-table.ts'
import { nameCulprit } from './name-culprit.ts'

const header = 'x-hookport-self-test'

/** Characters that parsers, proxies and charset conversions are known to change: white space, line ends, escapes, number forms, emoji. */
const probeText = '{ "self_test":true,\r\n\t"text" : "Größe ≤ 5 µm 🚀 \\u001b \\/",  "number":1.50e-05 }\n'

const options = { timeout: positiveNumber(10_000) }

/** Recognises the probes of this receiver among its deliveries. Nobody else knows their nonces. */
export class SelfTests {
  readonly #pending = new Map<string, (arrival: Uint8Array | Refusal) => void>()
  readonly #clock: Required<Clock>

  constructor(clock: Required<Clock>) {
    this.#clock = clock
  }

  /**
   * @throws {SelfTestError} naming the likely culprit if the probe did not arrive, or not byte for byte, or not in time.
   * @throws {ConfigurationError} for an unknown option, or a time that can't be waited.
   */
  async run(send: SendProbe | string | URL, given: SelfTestOptions = {}): Promise<void> {
    assertOptions(given, options, 'selfTest')
    const { timeout } = withDefaults(options, given)
    assertFitting(options, { timeout }, 'selfTest: ')
    const nonce = crypto.randomUUID()
    const over = new AbortController()
    const body = new TextEncoder().encode(probeText)
    let arrival: Uint8Array | Refusal | undefined
    this.#pending.set(nonce, (arrived) => {
      arrival = arrived
    })
    try {
      const sending = sent(typeof send === 'function' ? send : byFetch(send), {
        method: 'POST',
        headers: { 'content-type': 'application/json', [header]: nonce },
        body,
        signal: over.signal,
      })
      const reply = await this.#within(timeout, sending, () => arrival !== undefined)
      if (typeof reply?.status !== 'number')
        throw new SelfTestError('what sends the probe has to answer { status }')
      const culprit = nameCulprit(body, arrival, reply.status)
      if (culprit !== undefined) throw new SelfTestError(culprit)
    } finally {
      this.#pending.delete(nonce)
      over.abort()
    }
  }

  #within<Result>(timeoutMs: number, pending: Promise<Result>, hasArrived: () => boolean): Promise<Result> {
    return new Promise((resolve, reject) => {
      const cancel = this.#clock.after(timeoutMs, () => {
        const soFar = hasArrived() ? 'the probe arrived, but no reply came' : 'the probe did not arrive'
        reject(
          new SelfTestError(
            `${soFar} within ${timeoutMs} ms: does a middleware in front never call next(), or wait for a body that was already read?`,
          ),
        )
      })
      pending.then(resolve, reject).finally(cancel)
    })
  }

  /** Whether a delivery is a probe. Only true while a self-test runs. */
  recognise({ headers }: Delivery): boolean {
    return this.#pending.size > 0 && this.#pending.has(headers.get(header) ?? '')
  }

  async takeIn(probe: Delivery, limits: BodyLimits): Promise<void> {
    const arrive = this.#pending.get(probe.headers.get(header) ?? '')
    try {
      const body = await readBody(probe, limits)
      checkBodySize(body, limits)
      arrive?.(body)
    } catch (error) {
      if (isRefusal(error)) arrive?.(error)
      throw error
    }
  }
}

async function sent(send: SendProbe, probe: Probe): Promise<{ readonly status: number } | undefined> {
  try {
    return await send(probe)
  } catch (cause) {
    const { message, cause: why } = Object(cause) as { message?: string; cause?: Error } // `fetch` says only that it failed
    throw new SelfTestError(
      `the probe could not be sent: ${why?.message || message || cause}; is the application listening there?`,
      { cause },
    )
  }
}

function byFetch(url: string | URL): SendProbe {
  return (probe) => fetch(url, { ...probe, redirect: 'manual' })
}
