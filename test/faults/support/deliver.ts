import { randomUUID } from 'node:crypto'
import { Agent, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { type SignedDelivery, sampleEvent, signDelivery } from '@hookport/sender'
import type { TestData } from '../processes/crash-points.ts'
import { secret } from '../processes/settings.ts'

/** One attempt at a delivery. The status is null where there was no reply. */
interface Attempt {
  readonly status: number | null
  readonly durationMs: number
}

/** An event, and all attempts that it took until it was accepted. */
export interface Delivered {
  readonly id: string
  readonly attempts: readonly Attempt[]
}

export interface EventWishes {
  readonly type?: 'optimization.completed' | 'optimization.failed'
  /** Fields to add to the event's data. */
  readonly data?: TestData
}

/** Handlers that take a while, so that a fault finds events under work. */
export const underWork: EventWishes = { data: { workMs: 50 } }

/** How long a delivery is tried again before the test is given up. */
const patienceMs = 60_000

const agent = new Agent({ keepAlive: true, maxSockets: 64 })

/** An event that no one has sent yet, signed. */
export function newDelivery({ type = 'optimization.completed', data = {} }: EventWishes = {}): {
  readonly id: string
  readonly delivery: SignedDelivery
} {
  const id = `evt_${randomUUID()}`
  const sample = sampleEvent('sematryx', type)
  const event = { ...sample, id, data: { ...sample.data, ...data } }
  return { id, delivery: signDelivery({ provider: 'sematryx', form: 'compact', secret, event }) }
}

/** Sends a new event, again and again, until it is answered 200. */
export async function deliver(url: string, wishes: EventWishes = {}): Promise<Delivered> {
  const { id, delivery } = newDelivery(wishes)
  return { id, attempts: await deliverUntilAccepted(url, delivery) }
}

export async function deliverUntilAccepted(url: string, delivery: SignedDelivery): Promise<Attempt[]> {
  const deadline = Date.now() + patienceMs
  const attempts: Attempt[] = []
  while (Date.now() < deadline) {
    const attempt = await post(url, delivery)
    attempts.push(attempt)
    if (attempt.status === 200) return attempts
    await sleep(100)
  }
  throw new Error(`not accepted in ${attempts.length} attempts: ${JSON.stringify(attempts.slice(-3))}`)
}

/** Sends new events from several connections while something happens, and a little longer. */
export async function deliverDuring(
  url: string,
  happening: () => Promise<void>,
  wishes: EventWishes = {},
): Promise<Delivered[]> {
  const delivered: Delivered[] = []
  let over = false
  async function keepDelivering(): Promise<void> {
    while (!over) {
      delivered.push(await deliver(url, wishes))
      await sleep(40)
    }
  }
  const senders = Promise.all(Array.from({ length: 8 }, keepDelivering))
  await sleep(300)
  try {
    await happening()
    await sleep(300)
  } finally {
    over = true
  }
  await senders
  return delivered
}

function post(url: string, { method, headers, body }: SignedDelivery): Promise<Attempt> {
  const startedAt = performance.now()
  return new Promise((resolve) => {
    const settle = (status: number | null) => resolve({ status, durationMs: performance.now() - startedAt })
    const outgoing = request(
      `${url}/webhooks/sematryx`,
      { method, headers: { ...headers, 'content-length': body.length }, agent, timeout: 20_000 },
      (response) => {
        response.resume().on('end', () => settle(response.statusCode ?? null))
        response.on('error', () => settle(null))
      },
    )
    outgoing.on('timeout', () => outgoing.destroy(new Error('no reply')))
    outgoing.on('error', () => settle(null))
    outgoing.end(body)
  })
}
