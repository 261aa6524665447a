import { AsyncLocalStorage } from 'node:async_hooks'
import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import {
  createReceiver,
  type EventMap,
  type Inbox,
  type Provider,
  type Receiver,
  type Reply,
} from '@hookport/core'
import { nodeDelivery, writeReply } from '@hookport/core/node'
import type { Attempt } from '@hookport/sender'
import { post } from '../send/post.ts'
import type { HeardDelivery } from './delivery-line.ts'

interface ListenerOptions {
  readonly provider: Provider
  readonly inbox: Inbox
  /** Where authentic deliveries are sent. Undefined: nowhere. */
  readonly forward: URL | undefined
  readonly timeoutMs: number
  readonly signal: AbortSignal
  onDelivery(delivery: HeardDelivery): void
}

type Told = { events: HeardDelivery['events'][number][]; outcome?: string; reason?: string }

/** Headers that belong to the connection and not to the delivery, and headers that fetch sets itself. */
const notForwarded: ReadonlySet<string> = new Set([
  'host',
  'connection',
  'content-length',
  'transfer-encoding',
  'keep-alive',
  'upgrade',
  'expect',
  'te',
  'trailer',
])

const cameBack = {
  outcome: 'forwarded_to_itself',
  status: 508,
  reason: '--forward leads back to this command, and not to an application',
  events: [],
  forwarded: undefined,
} as const

const threeDays = 3 * 24 * 3600_000

/**
 * A server that verifies deliveries, keeps them in an inbox, forwards the authentic ones unchanged, and returns the application's
 * replies.
 */
export class Listener {
  readonly receiver: Receiver<EventMap>
  readonly #told = new AsyncLocalStorage<Told>()
  readonly #options: ListenerOptions
  readonly #server: Server
  /** In the header `Via` of what it forwards, as proxies do: what comes back would be forwarded again, without end. */
  readonly #mark = `1.1 hookport-${randomUUID()}`

  constructor(options: ListenerOptions) {
    this.#options = options
    const { provider, inbox } = options
    const dedupeWindow = Math.max(threeDays, provider.retryHorizon)
    this.receiver = createReceiver<EventMap>({ provider, inbox, dedupeWindow, consume: false, logger: false })
    const took = (outcome: string) => (event: HeardDelivery['events'][number]) => this.#tell(outcome, event)
    this.receiver.instrument({
      observers: {
        accepted: took('accepted'),
        duplicate: took('duplicate'),
        rejected: ({ code, reason }) => Object.assign(this.#told.getStore() ?? {}, { outcome: code, reason }),
      },
    })
    this.#server = createServer((request, response) => void this.#answer(request, response))
  }

  /** @returns the port. */
  listen(port: number, host: string): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(port, host, () => resolve((this.#server.address() as { port: number }).port))
    })
  }

  async close(): Promise<void> {
    this.#server.close()
    this.#server.closeAllConnections()
    await this.receiver.stop()
  }

  #tell(outcome: string, { key, id, type }: HeardDelivery['events'][number]): void {
    const told = this.#told.getStore()
    if (!told) return
    told.outcome ??= outcome
    told.events.push({ key, id, type })
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const at = Date.now()
    if (request.headers.via?.includes(this.#mark)) {
      this.#options.onDelivery({ ...cameBack, at })
      return this.#reply(response, { status: cameBack.status, headers: {}, body: `${cameBack.reason}\n` })
    }
    const told: Told = { events: [] }
    let body: Uint8Array | undefined
    const delivery = nodeDelivery(request, { fixWhenConsumed: '' })
    const readBody: typeof delivery.readBody = async (maxBytes, bounds) => {
      body = await delivery.readBody(maxBytes, bounds)
      return body
    }
    const reply = await this.#told.run(told, () => this.receiver.receive({ ...delivery, readBody }))
    const forwarded = told.events.length > 0 ? await this.#forward(request, body) : undefined
    const { events, outcome = 'answered', reason } = told
    this.#options.onDelivery({ at, outcome, status: reply.status, reason, events, forwarded })
    await this.#reply(response, forwarded ? replyOf(forwarded) : reply)
  }

  async #reply(response: ServerResponse, reply: Reply): Promise<void> {
    try {
      await writeReply(response, reply)
    } catch {
      response.destroy() // the sender is gone
    }
  }

  async #forward(request: IncomingMessage, body: Uint8Array | undefined): Promise<Attempt | undefined> {
    const { forward, timeoutMs, signal } = this.#options
    if (forward === undefined || body === undefined) return undefined
    const headers = Object.fromEntries(
      Object.entries(request.headers).flatMap(([name, value]) =>
        value === undefined || notForwarded.has(name) ? [] : [[name, [value].flat().join(', ')]],
      ),
    )
    const via = headers.via === undefined ? this.#mark : `${headers.via}, ${this.#mark}`
    return post(forward, { headers: { ...headers, via }, body: new Uint8Array(body) }, { timeoutMs, signal })
  }
}

/** The application's reply. If there was none, the reply of a gateway. */
function replyOf({ status, responseBody = '', error }: Attempt): Reply {
  const headers = { 'content-type': 'text/plain; charset=utf-8' }
  return status === null
    ? { status: 502, headers, body: `${error}\n` }
    : { status, headers, body: responseBody }
}
