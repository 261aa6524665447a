import { createHmac } from 'node:crypto'
import { type Delivery, defineProvider, readHexDigest, requireText } from '@hookport/core'

const secret = 'a secret of the tests'

/** What an event tells its handlers, beside the run that it is of. */
export interface RunEvent {
  readonly id: string
  readonly type: 'run.started' | 'run.progressed' | 'run.ended'
  readonly run: string
  readonly at: number
  /** How often its handler fails before it succeeds. */
  readonly failures?: number
  /** How long its handler takes, in milliseconds. */
  readonly takesMs?: number
  /** Its handler fails for good. */
  readonly isLost?: boolean
}

export const provider = defineProvider({
  name: 'acme',
  secret,
  retryHorizon: 0,
  events: {},
  lifecycle: ['run.started', 'run.progressed', 'run.ended'],
  signatureHeaders: ['x-acme-signature'],
  readSignature(headers) {
    const digest = readHexDigest(headers.get('x-acme-signature') ?? '')
    return digest ? { digests: [digest] } : 'malformed'
  },
  readEnvelope: (payload) => ({
    id: requireText(payload, 'id'),
    type: requireText(payload, 'type'),
    createdAt: new Date(Number(payload.at)),
  }),
  readData: (payload) => payload,
})

export const ranks: Readonly<Record<RunEvent['type'], number>> = {
  'run.started': 0,
  'run.progressed': 1,
  'run.ended': 2,
}

export function deliveryOf(event: RunEvent): Delivery {
  const body = Buffer.from(JSON.stringify(event))
  const signature = createHmac('sha256', secret).update(body).digest('hex')
  return {
    method: 'POST',
    url: '/',
    headers: new Headers({ 'x-acme-signature': signature }),
    readBody: () => body,
  }
}
