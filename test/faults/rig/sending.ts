import { request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { SignedDelivery } from '@hookport/sender'
import type { Fleet } from './fleet.ts'
import type { RigEvent, Workload } from './workload.ts'

/** An event is sent again this long after it was acknowledged, at the most. */
const comesAgainWithinMs = 10_000

/** Sends events, each until it is answered 200, and some of them again. */
export class Sending {
  readonly sent: RigEvent[] = []
  readonly acknowledged = new Map<string, RigEvent>()
  /** How often each status was answered; `none` where there was no reply. */
  readonly replies = new Map<number | 'none', number>()
  readonly #workload: Workload
  readonly #fleet: Fleet
  readonly #under = new Set<Promise<void>>()
  #isOver = false

  constructor(workload: Workload, fleet: Fleet) {
    this.#workload = workload
    this.#fleet = fleet
  }

  /** Sends from so many connections, with a pause after each event, until `finish` is called. */
  begin(senders: number, pauseMs: number): void {
    for (let sender = 0; sender < senders; sender++) this.#track(this.#keepSending(pauseMs))
  }

  send(event: RigEvent): void {
    this.#track(this.#deliver(event))
  }

  /** Sends nothing new, and resolves when everything was acknowledged, or time is up. */
  async finish(patienceMs: number): Promise<void> {
    this.#isOver = true
    const timeUp = new AbortController()
    const everything = (async () => {
      while (this.#under.size > 0 && !timeUp.signal.aborted) await Promise.race(this.#under)
    })()
    await Promise.race([everything, sleep(patienceMs, undefined, { signal: timeUp.signal })]).catch(() => {})
    timeUp.abort()
  }

  #track(sending: Promise<void>): void {
    this.#under.add(sending)
    void sending.finally(() => this.#under.delete(sending))
  }

  async #keepSending(pauseMs: number): Promise<void> {
    while (!this.#isOver) {
      await this.#deliver(this.#workload.next())
      await sleep(pauseMs)
    }
  }

  async #deliver(event: RigEvent): Promise<void> {
    this.sent.push(event)
    const delivery = this.#workload.sign(event)
    await this.#postUntilAccepted(delivery)
    this.acknowledged.set(event.id, event)
    if (event.comesAgain) this.#track(this.#comeAgain(delivery))
  }

  async #comeAgain(delivery: SignedDelivery): Promise<void> {
    const pauses = Math.ceil((Math.random() * comesAgainWithinMs) / 100)
    for (let pause = 0; pause < pauses && !this.#isOver; pause++) await sleep(100)
    await this.#postUntilAccepted(delivery)
  }

  async #postUntilAccepted(delivery: SignedDelivery): Promise<void> {
    for (;;) {
      const { ports } = this.#fleet
      const port = ports[Math.floor(Math.random() * ports.length)]
      if (port !== undefined) {
        const status = await post(port, delivery)
        this.replies.set(status, (this.replies.get(status) ?? 0) + 1)
        if (status === 200) return
      }
      await sleep(100)
    }
  }
}

function post(port: number, { method, headers, body }: SignedDelivery): Promise<number | 'none'> {
  return new Promise((resolve) => {
    const outgoing = request(
      {
        ...{ host: '127.0.0.1', port, path: '/webhooks/sematryx', method, timeout: 10_000 },
        headers: { ...headers, 'content-length': body.length },
      },
      (response) => {
        response.resume().on('end', () => resolve(response.statusCode ?? 'none'))
        response.on('error', () => resolve('none'))
      },
    )
    outgoing.on('timeout', () => outgoing.destroy())
    outgoing.on('error', () => resolve('none'))
    outgoing.on('close', () => resolve('none'))
    outgoing.end(body)
  })
}
