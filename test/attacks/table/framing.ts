import { brotliCompressSync, constants, deflateSync, gzipSync } from 'node:zlib'
import {
  type Answer,
  type Attack,
  accepted,
  invalidSignature,
  missingSignature,
  noRequest,
  tooLarge,
  unsupportedEncoding,
} from '../attack.ts'
import { body, chunked, hmac, maxBodyBytes, request, signed, signedAs } from '../support/forge.ts'

const inChunks = 'Transfer-Encoding: chunked'

/** A genuine delivery whose framing lines are these. Refused by Node's parser, unless `more` says otherwise. */
function framed(
  id: string,
  input: string,
  lines: (length: number) => readonly string[],
  more: Partial<Attack> = {},
): Attack {
  return {
    id,
    input,
    send(now) {
      const content = body(now)
      return { bytes: signed(content, { lines: lines(content.length), length: false }) }
    },
    answers: [noRequest],
    reach: 'nowhere',
    ...more,
  }
}

/** A genuine delivery, sent in chunks as given. */
function sentInChunks(
  id: string,
  input: string,
  chunk: (content: Buffer) => Uint8Array,
  answer: Answer,
): Attack {
  return {
    id,
    input,
    send(now) {
      const content = body(now)
      const head = signed(Buffer.alloc(0), { lines: [inChunks], length: false }).toString('latin1')
      const lines = head.replace(/X-Sematryx-Signature: .*/, signedAs(hmac(content)))
      return { bytes: Buffer.concat([Buffer.from(lines, 'latin1'), chunk(content)]), rawBody: content }
    },
    answers: [answer],
    ...(answer === noRequest && { reported: ['request_aborted'] }),
    reach: answer === accepted ? 'handler' : 'nowhere',
  }
}

/** 64 MiB of zeros, in as many bytes as it takes: more than a receiver would hold. */
const zeros = Buffer.alloc(64 * 1024 * 1024)
const bombs = {
  gzip: () => gzipSync(zeros, { level: 1 }),
  deflate: () => deflateSync(zeros, { level: 1 }),
  br: () => brotliCompressSync(zeros, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } }),
}

function encoded(
  id: string,
  encoding: string,
  make: (now: number) => Uint8Array,
  input = `Content-Encoding: \`${encoding}\``,
): Attack {
  return {
    id,
    input: `signed: ${input}`,
    send: (now) => ({ bytes: signed(make(now), { lines: [`Content-Encoding: ${encoding}`] }) }),
    answers: [unsupportedEncoding],
    reach: 'nowhere',
  }
}

/** A genuine delivery whose Content-Encoding names no compression: the signature decides. */
function uncompressed(id: string, encoding: string): Attack {
  return {
    id,
    input: `signed: Content-Encoding \`${encoding}\``,
    send(now) {
      const content = body(now)
      return { bytes: signed(content, { lines: [`Content-Encoding: ${encoding}`] }), rawBody: content }
    },
    answers: [accepted],
    reach: 'handler',
  }
}

const large = Buffer.alloc(maxBodyBytes + 1, ' ')

export const framingAttacks: Attack[] = [
  {
    id: 'A301',
    input: 'signed: larger than `maxBodyBytes`, as Content-Length declares; nothing of it is sent',
    send: () => ({ bytes: signed(large).subarray(0, -large.length) }),
    answers: [tooLarge],
    reach: 'nowhere',
  },
  {
    id: 'A302',
    input: 'signed: larger than `maxBodyBytes` by a byte',
    send: () => ({ bytes: signed(large) }),
    answers: [tooLarge],
    reach: 'nowhere',
  },
  {
    id: 'A303',
    input: 'signed: larger than `maxBodyBytes`, in chunks, undeclared',
    send: () => ({
      bytes: Buffer.concat([
        request(Buffer.alloc(0), { lines: [signedAs(hmac(large)), inChunks], length: false }),
        chunked(large),
      ]),
    }),
    answers: [tooLarge],
    reach: 'nowhere',
  },
  {
    id: 'A304',
    input: 'larger than `maxBodyBytes`, in chunks, without an end',
    send: () => ({
      bytes: Buffer.concat([
        request(Buffer.alloc(0), { lines: [signedAs(hmac(large)), inChunks], length: false }),
        chunked(large, { end: '' }),
      ]),
    }),
    answers: [tooLarge],
    reach: 'nowhere',
  },
  framed('A305', 'Content-Length of 20 digits', () => ['Content-Length: 99999999999999999999']),
  framed('A306', 'Content-Length of 9 PB', () => ['Content-Length: 9007199254740991'], {
    answers: [tooLarge],
  }),
  framed(
    'A310',
    'Content-Length above what is sent, then the end',
    (length) => [`Content-Length: ${length + 10}`],
    { afterwards: 'end', reported: ['request_aborted'] },
  ),
  framed(
    'A311',
    'Content-Length under what is sent: the rest is no request',
    (length) => [`Content-Length: ${length - 10}`],
    { reported: ['invalid_signature'] },
  ),
  framed(
    'A312',
    'neither Content-Length nor Transfer-Encoding: the body is empty, and the rest no request',
    () => [],
    { reported: ['invalid_signature'] },
  ),
  framed('A313', 'a negative Content-Length', () => ['Content-Length: -1']),
  framed('A314', 'Content-Length with a sign', (length) => [`Content-Length: +${length}`]),
  framed('A315', 'Content-Length in hex', (length) => [`Content-Length: 0x${length.toString(16)}`]),
  framed('A316', 'Content-Length as a list', (length) => [`Content-Length: ${length}, ${length}`]),
  framed('A317', 'two Content-Lengths', (length) => [
    `Content-Length: ${length}`,
    `Content-Length: ${length - 1}`,
  ]),
  framed('A318', 'Content-Length and Transfer-Encoding', (length) => [`Content-Length: ${length}`, inChunks]),
  framed('A319', 'Transfer-Encoding and Content-Length', (length) => [inChunks, `Content-Length: ${length}`]),
  framed('A320', 'a Transfer-Encoding that does not exist', () => ['Transfer-Encoding: xchunked'], {
    reported: ['request_aborted'],
  }),
  framed('A321', '`chunked` before another Transfer-Encoding', () => [
    'Transfer-Encoding: chunked, identity',
  ]),
  sentInChunks('A330', 'chunks of a byte', (content) => chunked(content, { size: 1 }), accepted),
  sentInChunks(
    'A331',
    'chunks with extensions',
    (content) =>
      Buffer.concat([
        Buffer.from(`${content.length.toString(16)};name="value"\r\n`),
        content,
        Buffer.from('\r\n0\r\n\r\n'),
      ]),
    accepted,
  ),
  sentInChunks(
    'A332',
    'a trailer after the chunks',
    (content) => chunked(content, { end: '0\r\nX-Trailer: 1\r\n\r\n' }),
    accepted,
  ),
  sentInChunks('A333', 'a chunk of no length', () => Buffer.from('\r\n'), noRequest),
  sentInChunks(
    'A334',
    'a chunk whose length overflows',
    () => Buffer.from('fffffffffffffffff\r\n'),
    noRequest,
  ),
  sentInChunks('A335', 'a chunk of negative length', () => Buffer.from('-1\r\n'), noRequest),
  {
    id: 'A336',
    input: 'the signature in a trailer, after the body',
    send(now) {
      const content = body(now)
      const head = request(Buffer.alloc(0), {
        lines: [inChunks, 'Trailer: X-Sematryx-Signature'],
        length: false,
      })
      return {
        bytes: Buffer.concat([head, chunked(content, { end: `0\r\n${signedAs(hmac(content))}\r\n\r\n` })]),
      }
    },
    answers: [missingSignature],
    reach: 'nowhere',
  },
  {
    id: 'A337',
    input: 'Transfer-Encoding `gzip, chunked`, signed before compression',
    send(now) {
      const content = body(now)
      const head = request(Buffer.alloc(0), {
        lines: [signedAs(hmac(content)), 'Transfer-Encoding: gzip, chunked'],
        length: false,
      })
      return { bytes: Buffer.concat([head, chunked(gzipSync(content))]) }
    },
    answers: [invalidSignature],
    reach: 'nowhere',
  },
  {
    id: 'A338',
    input: 'Transfer-Encoding `gzip, chunked`, signed after compression',
    send(now) {
      const content = gzipSync(body(now))
      const head = request(Buffer.alloc(0), {
        lines: [signedAs(hmac(content)), 'Transfer-Encoding: gzip, chunked'],
        length: false,
      })
      return { bytes: Buffer.concat([head, chunked(content)]) }
    },
    answers: [accepted],
    reach: 'dead letter',
  },
  {
    id: 'A339',
    input: 'pipelined: genuine, unsigned, tampered, genuine',
    send(now) {
      const [first, second] = [body(now), body(now)]
      const unsigned = request(first, {})
      const forged = request(second, { lines: [signedAs(hmac(first))] })
      return { bytes: Buffer.concat([signed(first), unsigned, forged, signed(second)]) }
    },
    answers: [accepted, missingSignature, invalidSignature, accepted],
    reach: 'handler',
    runs: 2,
  },
  {
    id: 'A340',
    input: 'a request smuggled in the body of an unsigned one',
    send(now) {
      return { bytes: request(signed(body(now)), {}) }
    },
    answers: [missingSignature],
    reach: 'nowhere',
  },
  encoded('A350', 'gzip', bombs.gzip, 'a gzip bomb, 64 MiB of zeros'),
  encoded('A351', 'deflate', bombs.deflate, 'a deflate bomb, 64 MiB of zeros'),
  encoded('A352', 'br', bombs.br, 'a Brotli bomb, 64 MiB of zeros'),
  encoded('A353', 'gzip', body, 'Content-Encoding `gzip`, where the body is plain'),
  encoded('A354', 'GZIP', (now) => gzipSync(body(now))),
  encoded('A355', 'x-gzip', (now) => gzipSync(body(now))),
  encoded('A356', 'zstd', body),
  encoded('A357', 'identity, gzip', (now) => gzipSync(body(now))),
  encoded('A358', 'gzip, gzip', (now) => gzipSync(gzipSync(body(now)))),
  uncompressed('A359', 'none'),
  uncompressed('A360', 'identity'),
  uncompressed('A361', 'UTF-8'),
]
