import { createHmac } from 'node:crypto'

/** The secrets of the receivers under attack. The attacker has them only where the table says "signed". */
export const secrets = { sematryx: 'the-secret-of-sematryx', jaot: 'the-secret-of-jaot' }

export const maxBodyBytes = 1024 * 1024

let lastNumber = 0

/** A number that was not used before. */
export function fresh(): number {
  lastNumber += 1
  return lastNumber
}

/** The payload of a genuine Sematryx event, signed at `now`. */
export function payload(now: number, changes: object = {}): object {
  return {
    id: `evt_${fresh()}`,
    type: 'optimization.completed',
    created_at: new Date(now).toISOString(),
    data: {
      optimization_id: 'opt_1',
      status: 'completed',
      result: { best_solution: [1.5], best_fitness: 0.25, evaluations: 10, duration_seconds: 1 },
    },
    ...changes,
  }
}

export function body(now: number, changes: object = {}): Buffer {
  return Buffer.from(JSON.stringify(payload(now, changes)))
}

/** A genuine body with text in it that `JSON.stringify` would not write: `fields` stand at its end. */
export function bodyWith(now: number, fields: string | Buffer): Buffer {
  return Buffer.concat([body(now).subarray(0, -1), Buffer.from(','), Buffer.from(fields), Buffer.from('}')])
}

export function jaotBody(now: number): Buffer {
  const data = { execution_id: `exec_${fresh()}`, model_name: 'model', status: 'ok' }
  return Buffer.from(
    JSON.stringify({ event: 'execution.completed', timestamp: new Date(now).toISOString(), data }),
  )
}

export function hmac(content: Uint8Array, secret: string = secrets.sematryx): string {
  return createHmac('sha256', secret).update(content).digest('hex')
}

export interface RequestParts {
  /** Defaults to POST. */
  method?: string
  /** Defaults to `/sematryx`. */
  path?: string
  /** Lines in place of Content-Length, or beside it where they do not frame the body. */
  lines?: readonly string[]
  /** Whether Content-Length is written. Defaults to true. */
  length?: boolean
}

/** A request, its lines as they are given. Text stands for its bytes in Latin-1. */
export function request(
  content: Uint8Array,
  { method = 'POST', path = '/sematryx', lines = [], length = true }: RequestParts,
): Buffer {
  const framing = length ? [`Content-Length: ${content.length}`] : []
  const head = [`${method} ${path} HTTP/1.1`, 'Host: localhost', ...lines, ...framing, '', ''].join('\r\n')
  return Buffer.concat([Buffer.from(head, 'latin1'), content])
}

/** The line of a signature header for Sematryx. */
export function signedAs(signature: string): string {
  return `X-Sematryx-Signature: ${signature}`
}

/** A request that is signed as it is, with other lines than usual. */
export function signed(content: Uint8Array, parts: RequestParts = {}): Buffer {
  return request(content, { ...parts, lines: [signedAs(hmac(content)), ...(parts.lines ?? [])] })
}

/** Content in chunks, and the chunk that ends it unless it has no end. */
export function chunked(content: Uint8Array, { size = 16 * 1024, end = '0\r\n\r\n' } = {}): Buffer {
  const parts: Uint8Array[] = []
  for (let at = 0; at < content.length; at += size) {
    const chunk = content.subarray(at, at + size)
    parts.push(Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n'))
  }
  return Buffer.concat([...parts, Buffer.from(end)])
}
