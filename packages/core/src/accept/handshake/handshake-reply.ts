import type { Reply } from '../../contracts/delivery.ts'
import { ConfigurationError } from '../../contracts/errors.ts'
import { foundValue } from '../../contracts/found-value.ts'
import type { HandshakeAnswer } from '../../contracts/provider/handshake.ts'
import { isLate } from '../../time/awaitable.ts'

const encoder = new TextEncoder()

const headerName = /^[!#$%&'*+.^_`|~0-9a-z-]+$/
/** What a header may hold: no line break, which would begin another header, and nothing that HTTP has no bytes for. */
const headerValue = /^[\t\x20-\x7e\x80-\xff]*$/

/** Headers that say how long the reply is: they are set by whoever writes it. */
const framing: ReadonlySet<string> = new Set(['content-length', 'transfer-encoding', 'connection'])

/** Statuses that come without a body. */
const withoutBody: ReadonlySet<number> = new Set([204, 205, 304])

/**
 * The reply to a handshake. An echo of a stranger's text is plain text, whatever a browser would take it for.
 *
 * @param field that answered, for the error.
 * @throws {ConfigurationError} for an answer that is no reply of HTTP.
 */
export function handshakeReply(answer: HandshakeAnswer | undefined, field: string): Reply | undefined {
  if (answer === undefined) return undefined
  const flaw = flawOf(answer)
  if (flaw !== undefined) throw new ConfigurationError(`${field} returned ${flaw}`)
  const { status = 200, headers, body = '' } = answer
  if (body === '') return { status, body, headers: { ...headers } }
  return {
    status,
    body,
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      ...headers,
      'content-length': String(encoder.encode(body).length),
      'x-content-type-options': 'nosniff',
    },
  }
}

function flawOf(answer: unknown): string | undefined {
  if (typeof answer !== 'object' || answer === null)
    return `${answer === null ? 'null' : `a ${typeof answer}`}`
  if (isLate(answer)) return 'a promise; it must return synchronously'
  const { status = 200, headers = {}, body = '' } = answer as Partial<Record<keyof HandshakeAnswer, unknown>>
  if (typeof status !== 'number' || !Number.isInteger(status) || status < 200 || status > 599)
    return `the status ${foundValue(status)}; it must be an integer from 200 to 599`
  if (typeof body !== 'string') return `a body that is a ${typeof body}, not a string`
  if (body !== '' && withoutBody.has(status)) return `a body with the status ${status}, which can't have one`
  if (typeof headers !== 'object' || headers === null) return 'headers that are not an object'
  if (Symbol.iterator in headers) return 'headers that are a list or a map; they must be an object' // none of a `Headers` would be sent
  return Object.entries(headers)
    .map(headerFlaw)
    .find((flaw) => flaw !== undefined)
}

function headerFlaw([name, value]: [string, unknown]): string | undefined {
  if (!headerName.test(name))
    return `the header ${JSON.stringify(name)}, which is not a header name in lower case`
  if (framing.has(name)) return `the header ${name}, which the server sets itself`
  if (typeof value !== 'string' || !headerValue.test(value))
    return `a value for the header ${name} that no header can have`
  return undefined
}
