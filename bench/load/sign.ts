import { createHmac } from 'node:crypto'
import { secret } from '../servers/secrets.ts'

export type Scheme = 'sematryx' | 'github' | 'stripe' | 'standard-webhooks'

/** The size of a delivery, where nothing else is asked for. */
export const usualBodyBytes = 425

let serial = 0

interface SignedDelivery {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

const pythonClient = { accept: '*/*', 'accept-encoding': 'gzip, deflate', connection: 'keep-alive' }

/** What senders' HTTP clients write beside the signature. Sematryx and JAOT send from Python. */
const clientHeaders: Readonly<Record<Scheme, Readonly<Record<string, string>>>> = {
  sematryx: { ...pythonClient, 'user-agent': 'python-httpx/0.28.1' },
  github: { accept: '*/*', 'user-agent': 'GitHub-Hookshot/7bc5a56', 'x-github-hook-id': '1' },
  stripe: { accept: '*/*; q=0.5, application/xml', 'cache-control': 'no-cache', 'user-agent': 'Stripe/1.0' },
  'standard-webhooks': { ...pythonClient, 'user-agent': 'Svix-Webhooks/1.62.0' },
}

/** A delivery of an id that no other has. */
export function signedDelivery(scheme: Scheme, bodyBytes: number): SignedDelivery {
  const id = `evt_${process.pid}_${serial++}`
  const body = JSON.stringify(eventOf(scheme, id)).replace(noSolution, solutionOf(bodyBytes))
  return { headers: signatureHeaders(scheme, id, body), body }
}

/** The same as the bytes of an HTTP request. */
export function signedRequest(scheme: Scheme, bodyBytes: number): Buffer {
  const { headers, body } = signedDelivery(scheme, bodyBytes)
  const lines = Object.entries({
    ...clientHeaders[scheme],
    ...headers,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  })
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  return Buffer.from(`POST /webhook HTTP/1.1\r\nhost: 127.0.0.1\r\n${head}\r\n${body}`)
}

const noSolution = '"best_solution":[]'
const solutions = new Map<number, string>()

/** The best solution, with as many values as make the body about as long as asked for. */
function solutionOf(bodyBytes: number): string {
  let solution = solutions.get(bodyBytes)
  if (solution === undefined) {
    const padding = Math.max(0, Math.floor((bodyBytes - 260) / 8))
    const values = Array.from({ length: padding }, (_, index) =>
      ((100_000 + (index % 800_000)) / 1e6).toString(),
    )
    solution = `"best_solution":[0.001,-0.002,0.003${values.map((value) => `,${value}`).join('')}]`
    solutions.set(bodyBytes, solution)
  }
  return solution
}

/** An event as Sematryx sends it; the other schemes carry the same. */
function eventOf(scheme: Scheme, id: string): object {
  const now = new Date()
  /** Of its own: what is one happening has one end, and an inbox looks at all that it was told of it. */
  const happening = `opt_${String((process.pid % 1_000) * 1e7 + serial).padStart(10, '0')}`
  const event = {
    id,
    type: 'optimization.completed',
    created_at: now.toISOString(),
    data: {
      optimization_id: happening,
      status: 'completed',
      result: {
        best_solution: [],
        best_fitness: 0.000014,
        evaluations: 847,
        duration_seconds: 2.34,
      },
    },
  }
  if (scheme === 'github') return { ...event, zen: 'Design for failure.', hook_id: 1 }
  if (scheme === 'stripe') return { ...event, object: 'event', created: Math.floor(now.getTime() / 1000) }
  return event
}

function signatureHeaders(scheme: Scheme, id: string, body: string): Record<string, string> {
  const seconds = Math.floor(Date.now() / 1000)
  const hex = (content: string) => createHmac('sha256', secret).update(content).digest('hex')
  switch (scheme) {
    case 'sematryx':
      return { 'x-sematryx-signature': hex(body) }
    case 'github':
      return {
        'x-hub-signature-256': `sha256=${hex(body)}`,
        'x-github-event': 'ping',
        'x-github-delivery': id,
      }
    case 'stripe':
      return { 'stripe-signature': `t=${seconds},v1=${hex(`${seconds}.${body}`)}` }
    case 'standard-webhooks': {
      const digest = createHmac('sha256', secret).update(`${id}.${seconds}.${body}`).digest('base64')
      return { 'webhook-id': id, 'webhook-timestamp': String(seconds), 'webhook-signature': `v1,${digest}` }
    }
  }
}
