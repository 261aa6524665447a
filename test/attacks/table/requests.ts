import {
  type Answer,
  type Attack,
  accepted,
  invalidSignature,
  methodNotAllowed,
  missingSignature,
  noRequest,
  requestTimeout,
  staleEvent,
  unsupportedEncoding,
} from '../attack.ts'
import { body, chunked, hmac, request, secrets, signed, signedAs } from '../support/forge.ts'

const day = 24 * 3600_000
const empty = Buffer.alloc(0)

/** The head of a delivery that announces a body. Nothing of the body follows. */
function headOnly(
  id: string,
  input: string,
  lines: readonly string[],
  answer: Answer,
  method = 'POST',
): Attack {
  return {
    id,
    input: `${input}; the body is announced, but does not come`,
    send: () => ({
      bytes: request(empty, { method, length: false, lines: [...lines, 'Content-Length: 1000'] }),
    }),
    answers: [answer],
    reach: 'nowhere',
  }
}

function otherMethod(id: string, method: string, answer: Answer, lines: string[] = []): Attack {
  return {
    id,
    input: `${method}, signed${lines.map((line) => `, with \`${line}\``)}`,
    send: (now) => ({ bytes: signed(body(now), { method, lines }) }),
    answers: [answer],
    reach: 'nowhere',
  }
}

/** A signed body that comes to a halt. */
function stopping(id: string, input: string, afterwards: 'stall' | 'hang up', inChunks = false): Attack {
  return {
    id,
    input,
    send(now) {
      const content = body(now)
      if (!inChunks) return { bytes: signed(content).subarray(0, -1) }
      const lines = [signedAs(hmac(content)), 'Transfer-Encoding: chunked']
      const head = request(empty, { lines, length: false })
      return { bytes: Buffer.concat([head, chunked(content, { end: '' })]) }
    },
    afterwards,
    answers: afterwards === 'stall' ? [requestTimeout] : [],
    reported: [afterwards === 'stall' ? 'request_timeout' : 'request_aborted'],
    reach: 'nowhere',
  }
}

/** A genuine delivery, and another made from it. */
function replay(id: string, input: string, again: (content: Buffer, now: number) => Buffer): Attack {
  return {
    id,
    input,
    send(now) {
      const content = body(now)
      return { bytes: Buffer.concat([signed(content), again(content, now)]), rawBody: content }
    },
    answers: [accepted, accepted],
    reach: 'handler',
    runs: 1,
  }
}

function dated(id: string, input: string, ageMs: number, answer: Answer): Attack {
  return {
    id,
    input,
    send(now) {
      const content = body(now - ageMs)
      return { bytes: signed(content), rawBody: content }
    },
    answers: [answer],
    reach: answer === accepted ? 'handler' : 'parser',
  }
}

const unsignedHeaders = [
  'X-Sematryx-Event: optimization.failed',
  'X-Event-Id: evt_other',
  'Date: Thu, 01 Jan 1970 00:00:00 GMT',
]

export const requestAttacks: Attack[] = [
  headOnly('A501', 'no signature', [], missingSignature),
  headOnly('A502', 'a malformed signature', [signedAs('none')], invalidSignature),
  headOnly(
    'A503',
    'a compressed body',
    [signedAs(hmac(empty)), 'Content-Encoding: gzip'],
    unsupportedEncoding,
  ),
  headOnly('A504', 'PUT', [signedAs(hmac(empty))], methodNotAllowed, 'PUT'),
  otherMethod('A510', 'GET', methodNotAllowed),
  otherMethod('A511', 'DELETE', methodNotAllowed),
  otherMethod('A512', 'OPTIONS', methodNotAllowed),
  otherMethod('A513', 'GET', methodNotAllowed, ['X-HTTP-Method-Override: POST']),
  otherMethod('A514', 'post', noRequest),
  otherMethod('A515', 'PROPFIND', methodNotAllowed),
  stopping('A520', 'a slow body: all but its last byte, then nothing', 'stall'),
  stopping('A521', 'a slow body in chunks: all but their end, then nothing', 'stall', true),
  stopping('A522', 'hung up in the middle of the body', 'hang up'),
  stopping('A523', 'hung up before the end of the chunks', 'hang up', true),
  replay('A530', 'the same delivery again', (content) => signed(content)),
  replay('A531', 'the same delivery again, with other headers that are not signed', (content) =>
    signed(content, { lines: unsignedHeaders }),
  ),
  replay('A532', 'the same delivery again, at another URL', (content) =>
    signed(content, { path: '/sematryx?attempt=2' }),
  ),
  replay('A533', 'the same event id again, signed over another body', (content) =>
    signed(Buffer.concat([content, Buffer.from(' ')])),
  ),
  dated(
    'A540',
    'an old delivery again, 3 days and a minute after it was signed',
    3 * day + 60_000,
    staleEvent,
  ),
  dated('A541', 'an old delivery, a minute under 3 days after it was signed', 3 * day - 60_000, accepted),
  dated('A542', 'signed for 10 minutes from now', -10 * 60_000, staleEvent),
  {
    id: 'A543',
    input: 'an old delivery of JAOT, with a new time in its unsigned header',
    send(now) {
      const timestamp = new Date(now - 4 * day).toISOString()
      const content = Buffer.from(JSON.stringify({ event: 'credits.low', timestamp, data: {} }))
      const lines = [
        `X-JAOT-Signature: ${hmac(content, secrets.jaot)}`,
        `X-Jaot-Delivery-Timestamp: ${Math.floor(now / 1000)}`,
      ]
      return { bytes: request(content, { path: '/jaot', lines }) }
    },
    answers: [staleEvent],
    reach: 'parser',
  },
  {
    id: 'A550',
    input: 'newlines for the log, escaped in the URL and in a header',
    send: (now) => ({
      bytes: request(body(now), {
        path: '/sematryx?%0d%0alevel=error',
        lines: ['User-Agent: %0d%0alevel=error', signedAs('%0d%0alevel=error')],
      }),
    }),
    answers: [invalidSignature],
    reach: 'nowhere',
  },
  {
    id: 'A551',
    input: 'no Host header',
    send(now) {
      const bytes = signed(body(now)).toString('latin1').replace('Host: localhost\r\n', '')
      return { bytes: Buffer.from(bytes, 'latin1') }
    },
    answers: [noRequest],
    reach: 'nowhere',
  },
  {
    id: 'A552',
    input: 'signed: a Host header that is none',
    send(now) {
      const content = body(now)
      const bytes = signed(content).toString('latin1').replace('Host: localhost', 'Host: [')
      return { bytes: Buffer.from(bytes, 'latin1'), rawBody: content }
    },
    answers: [accepted],
    except: { Hono: { answers: [noRequest], reach: 'nowhere', why: 'its server makes a URL of it' } },
    reach: 'handler',
  },
  {
    id: 'A553',
    input: 'signed: `Expect: 100-continue`',
    send(now) {
      const content = body(now)
      return { bytes: signed(content, { lines: ['Expect: 100-continue'] }), rawBody: content }
    },
    answers: [accepted],
    reach: 'handler',
  },
  {
    id: 'A554',
    input: '200 headers',
    send: (now) => ({
      bytes: request(body(now), { lines: Array.from({ length: 200 }, (_, index) => `X-${index}: 1`) }),
    }),
    answers: [missingSignature],
    reach: 'nowhere',
  },
]
