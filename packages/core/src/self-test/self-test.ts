import { type BodyLimits, checkBodySize, readBody } from '../accept/read-body.ts'
import type { Clock } from '../contracts/clock.ts'
import type { Delivery } from '../contracts/delivery.ts'
import { Refusal, SelfTestError } from '../contracts/errors.ts'
import type { Probe, SendProbe } from '../contracts/probe.ts'
import { Deadlines } from '../time/deadlines.ts'
import { settledWithin } from '../time/settled-within.ts'
import { nameCulprit } from './name-culprit.ts'

/** Longer than `acceptTimeout` and the patience of the senders that are known. */
const patienceMs = 10_000

const header = 'x-hookport-self-test'

/** What parsers, proxies and charset conversions are known to change: white space, line ends, escapes, number forms, emoji. */
const probeText = '{ "self_test":true,\r\n\t"text" : "Größe ≤ 5 µm 🚀 \\u001b \\/",  "number":1.50e-05 }\n'

/** Recognises the probes of this receiver among its deliveries. Their nonces are known to nobody else. */
export class SelfTests {
  readonly #pending = new Map<string, (arrival: Uint8Array | Refusal) => void>()
  readonly #deadlines: Deadlines

  /** @param clock for how long a reply to a probe is waited for. */
  constructor(clock: Required<Clock>) {
    this.#deadlines = new Deadlines(patienceMs, clock)
  }

  /** @throws {SelfTestError} naming the likely culprit where the probe did not arrive, or not byte for byte. */
  async run(send: SendProbe): Promise<void> {
    const nonce = crypto.randomUUID()
    const body = new TextEncoder().encode(probeText)
    let arrival: Uint8Array | Refusal | undefined
    this.#pending.set(nonce, (arrived) => {
      arrival = arrived
    })
    try {
      const { status } = await sent(send, this.#deadlines, {
        method: 'POST',
        headers: { 'content-type': 'application/json', [header]: nonce },
        body,
      })
      const culprit = nameCulprit(body, arrival, status)
      if (culprit !== undefined) throw new SelfTestError(culprit)
    } finally {
      this.#pending.delete(nonce)
    }
  }

  /** Whether a delivery is a probe. Never, but for the moments of a self-test. */
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
      if (error instanceof Refusal) arrive?.(error)
      throw error
    }
  }
}

async function sent(
  send: SendProbe,
  deadlines: Deadlines,
  probe: Probe,
): Promise<{ readonly status: number }> {
  try {
    return await settledWithin(send(probe), deadlines, { onTimeout: noReply })
  } catch (cause) {
    if (cause instanceof SelfTestError) throw cause
    throw new SelfTestError(
      `the probe could not be sent: ${cause instanceof Error ? cause.message : cause}; is the application listening there?`,
      { cause },
    )
  }
}

function noReply(): SelfTestError {
  return new SelfTestError(
    `nothing answered the probe within ${patienceMs / 1000} s: does a middleware in front never call next(), or wait for a body that something has read?`,
  )
}
