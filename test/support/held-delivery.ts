import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'
import type { SignedDelivery } from '@hookport/sender'

export interface HeldDelivery {
  /** Sends the last byte. Answers the reply. */
  finish(): Promise<{ status: number | undefined; body: string }>
}

/** Sends a delivery over a socket of its own, all but its last byte. */
export function holdDelivery(url: string, { method, headers, body }: SignedDelivery): HeldDelivery {
  const outgoing = request(url, {
    method,
    agent: false,
    headers: { ...headers, 'Content-Length': String(body.length) },
  })
  const response = once(outgoing, 'response') as Promise<[IncomingMessage]>
  outgoing.write(body.subarray(0, -1))
  return {
    async finish() {
      outgoing.end(body.subarray(-1))
      const [incoming] = await response
      return { status: incoming.statusCode, body: await text(incoming) }
    },
  }
}
